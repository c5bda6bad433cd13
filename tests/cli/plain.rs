//! Nothing goes beyond the machine in plain unless it was said that something else encrypts it.

use crate::{Service, make_lead, musiman, on_both, run};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

fn refused(folder: &Path, url: &str, more: &[&str], word: &str) {
    let mut command = musiman(folder, url);
    command.env("MUSIMAN_PLAIN", "").args(["serve"]).args(more);
    let (status, out, err) = run(&mut command);
    assert_eq!((status, out.as_str(), err.lines().count()), (2, "", 1), "{more:?} {err}");
    assert!(err.contains(word) && err.contains("MUSIMAN_PLAIN"), "{more:?} {err}");
}

#[test]
fn plain_http_beyond_the_machine_is_refused_unless_a_proxy_is_said_to_encrypt_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        refused(folder, "x.db", &["--listen", listen], "MUSIMAN_LISTEN");
    }
    refused(
        folder,
        "x.db",
        &["--listen", "127.0.0.1:0", "--metrics", "0.0.0.0:0"],
        "MUSIMAN_METRICS",
    );
    refused(folder, "x.db", &["--listen", "127.0.0.1:0", "--plain", "all"], "all");
    assert!(!folder.join("x.db").exists());
    on_both(|folder, url| {
        make_lead(folder, url);
        let mut command = musiman(folder, url);
        command.args(["serve", "--listen", "0.0.0.0:0", "--plain", "http"]);
        command.args(["--url", "https://api.example.id"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap();
        let service = Service { child, address: format!("127.0.0.1:{port}") };
        let answer = service.exchange("GET /livez HTTP/1.1", &Value::Null).unwrap().to_lowercase();
        let told = "strict-transport-security: max-age=31536000; includesubdomains";
        assert!(answer.starts_with("http/1.1 200") && answer.contains(told), "{answer}");
    });
}
