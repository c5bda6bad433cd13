//! The service with a certificate of its own: who speaks TLS is served, and nobody else.

use crate::{Service, make_lead, musiman, on_both, run};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, version};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// A new pair in `cert.pem` and `key.pem`, and who trusts it alone.
fn pair(folder: &Path) -> RootCertStore {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    let mut trusted = RootCertStore::empty();
    trusted.add(cert.der().clone()).unwrap();
    trusted
}

/// What is answered to a request by TLS of that version; the error of a handshake that failed.
fn asked(
    address: &str,
    trusted: &RootCertStore,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Result<String, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(trusted.clone())
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(client, TcpStream::connect(address).unwrap());
    let head = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).map_err(|error| error.to_string())?;
    let mut answer = vec![];
    // A peer that hangs up without a farewell has answered all the same.
    let read = stream.read_to_end(&mut answer);
    read.or_else(|error| if answer.is_empty() { Err(error.to_string()) } else { Ok(0) })?;
    Ok(String::from_utf8(answer).unwrap().to_lowercase())
}

#[test]
fn who_speaks_tls_is_served_and_a_new_certificate_needs_no_new_start() {
    on_both(|folder, url| {
        make_lead(folder, url);
        let first = pair(folder);
        let service =
            Service::start_with(folder, url, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
        let address = service.address.rsplit("//").next().unwrap().to_owned();
        for version in [&version::TLS12, &version::TLS13] {
            let answer = asked(&address, &first, &[version]).unwrap();
            assert!(answer.starts_with("http/1.1 200"), "{answer}");
            assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
        }
        let mut plain = TcpStream::connect(&address).unwrap();
        plain.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut told = vec![];
        // It may be cut off in the middle.
        plain.read_to_end(&mut told).ok();
        assert!(!told.starts_with(b"HTTP/1.1"), "served without TLS");

        let second = pair(folder);
        assert!(asked(&address, &second, &[&version::TLS13]).is_err());
        let pid = service.child.id().to_string();
        assert!(
            Command::new("sh")
                .args(["-c", &format!("kill -HUP {pid}")])
                .status()
                .unwrap()
                .success()
        );
        let begun = musiman::clock::Clock::stopwatch();
        while asked(&address, &second, &[&version::TLS13]).is_err() {
            assert!(begun.elapsed().as_secs() < 20, "the new certificate never served");
        }
        assert!(asked(&address, &first, &[&version::TLS13]).is_err());
    });
}

#[test]
fn a_certificate_that_is_none_exits_with_2_and_one_line() {
    let folder = tempfile::tempdir().unwrap();
    pair(folder.path());
    std::fs::write(folder.path().join("other.pem"), "no pem").unwrap();
    let wrong: [&[&str]; 4] = [
        &["--tls-cert", "cert.pem"],
        &["--tls-cert", "none.pem", "--tls-key", "key.pem"],
        &["--tls-cert", "cert.pem", "--tls-key", "other.pem"],
        &["--tls-cert", "key.pem", "--tls-key", "cert.pem"],
    ];
    for arguments in wrong {
        let mut command = musiman(folder.path(), "x.db");
        let (status, out, err) = run(command.args(["serve"]).args(arguments));
        assert_eq!((status, out.as_str(), err.lines().count()), (2, "", 1), "{arguments:?} {err}");
        assert!(!folder.path().join("x.db").exists());
    }
}

#[test]
fn beyond_the_machine_a_certificate_that_nobody_vouches_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    pair(folder.path());
    let serve = |more: &[&str]| {
        let mut command = musiman(folder.path(), "x.db");
        command.args(["serve", "--listen", "192.0.2.1:0", "--tls-cert", "cert.pem"]);
        run(command.args(["--tls-key", "key.pem"]).args(more))
    };
    let (status, _, err) = serve(&[]);
    assert!(status == 2 && err.contains("MUSIMAN_URL"), "{status} {err}");
    let (status, _, err) = serve(&["--url", "https://localhost"]);
    assert!(status == 2 && err.contains("MUSIMAN_TLS_OWN_AUTHORITY"), "{status} {err}");
    // Nobody can listen there, which is found later.
    let (status, _, err) = serve(&["--tls-own-authority"]);
    assert!(status == 1 && err.contains("MUSIMAN_LISTEN"), "{status} {err}");
}
