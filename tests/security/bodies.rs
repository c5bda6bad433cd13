//! Bodies that are too large, too deep, too many, or packed: refused early, and cheaply.

use crate::operations::operations;
use crate::support::{World, both};
use serde_json::json;

const JSON: &str = "application/json";

/// `{"login":"lead","password":"kata sandi panjang"}` under gzip, deflate, brotli and zstd.
const PACKED: [(&str, &[u8]); 3] = [
    ("gzip", include_bytes!("../data/packed/login.gz")),
    ("deflate", include_bytes!("../data/packed/login.zz")),
    ("gzip", include_bytes!("../data/packed/bomb.gz")),
];

#[test]
fn a_packed_body_is_not_unpacked_and_says_nothing() {
    both(|w: World| async move {
        for (coding, bytes) in PACKED {
            for path in ["/v1/auth/login", "/v1/auth/refresh", "/v1/job-seekers"] {
                let request = w.post(path).once().header("content-encoding", coding);
                let told = request.bytes(JSON, bytes.to_vec()).send().await;
                assert!(matches!(told.status, 400 | 413 | 415), "{coding} {path}: {}", told.body);
            }
            let path = "/v1/imports/job-seekers?mode=apply";
            let request = w.post(path).by("office").once().header("content-encoding", coding);
            let told = request.bytes("text/csv", bytes.to_vec()).send().await;
            // An upload is taken as the bytes that it is, and they are no register.
            assert_eq!(told.status, 202, "{coding}: {}", told.body);
            w.work();
            let ended = w.get(&format!("/v1/imports/{}", told.id())).by("office").send().await;
            assert_eq!(ended.ok().body["state"], "failed", "{coding}");
        }
        // What is not packed is read, whatever the header promises to be.
        let plain = json!({ "login": "lead", "password": "kata sandi panjang" });
        let told = w.post("/v1/auth/login").json(plain).send().await;
        told.refused(401, "login_refused");
    });
}

/// Nested, and broad: what a parser or a list of problems could choke on.
fn heavy() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth)).into_bytes()
    };
    let many = |one: &str, count: usize| one.repeat(count);
    vec![
        ("arrays", nested("[", "]", 100_000)),
        ("objects", nested("{\"a\":", "}", 30_000)),
        ("members in a member", nested("{\"name\":[", "]}", 15_000)),
        ("open arrays", many("[", 200_000).into_bytes()),
        ("members", format!("{{{}\"z\":1}}", many("\"a\":1,", 40_000)).into_bytes()),
        ("other members", {
            let members: Vec<String> = (0..15_000).map(|i| format!("\"m{i}\":{i},")).collect();
            let members = members.concat();
            format!("{{{members}\"z\":1}}").into_bytes()
        }),
        ("numbers", format!("[{}1]", many("1e308,", 40_000)).into_bytes()),
        ("digits", format!("{{\"nik\":{}}}", many("9", 250_000)).into_bytes()),
        ("escapes", format!("{{\"name\":\"{}\"}}", many("\\u0041", 40_000)).into_bytes()),
        ("half escapes", format!("{{\"name\":\"{}\"}}", many("\\ud800", 40_000)).into_bytes()),
        ("pointers", format!("{{\"{}\":1}}", many("~/", 100_000)).into_bytes()),
    ]
}

#[test]
fn a_heavy_body_is_refused_by_every_form_with_a_short_answer() {
    both(|w: World| async move {
        let p = w.played().await;
        for (turn, op) in operations().into_iter().enumerate() {
            let Some((media_type, _)) = &op.body else { continue };
            let by = op.logins[0];
            // Every operation meets some of them, and every one of them many operations.
            for (what, bytes) in heavy().into_iter().skip(turn % 5).step_by(5) {
                let mut request =
                    w.request(op.method.clone(), &p.filled(&op.path, 0)).if_match("*").once();
                if let Some(login) = by {
                    request = request.by(login);
                }
                let told = request.bytes(media_type, bytes).send().await;
                let line = format!("{} {} {what}", op.method, op.path);
                assert!(
                    matches!(told.status, 400 | 413 | 422),
                    "{line}: {} {}",
                    told.status,
                    told.body
                );
                let longest = 400 * 1024;
                assert!(told.bytes.len() < longest, "{line}: {} bytes answered", told.bytes.len());
            }
        }
    });
}

#[test]
fn a_body_over_the_limit_is_refused_whatever_its_length_says() {
    both(|w: World| async move {
        for length in ["0", "10", "99999999999"] {
            let request = w.post("/v1/auth/login").header("content-length", length);
            let told = request.bytes(JSON, vec![b' '; 300 * 1024]).send().await;
            assert!(matches!(told.status, 400 | 413), "{length}: {} {}", told.status, told.body);
        }
        w.post("/v1/auth/token")
            .bytes("application/x-www-form-urlencoded", vec![b'&'; 300 * 1024])
            .send()
            .await
            .refused_form();
    });
}

impl crate::support::Answer {
    /// The token endpoint tells problems as OAuth does.
    fn refused_form(&self) {
        assert!(matches!(self.status, 400 | 413), "{} {}", self.status, self.body);
    }
}
