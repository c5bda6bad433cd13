//! Passwords that are refused, and what a flood of log-ins does to everybody else.

use crate::support::{Answer, World, both};
use serde_json::json;

const PASSWORD: &str = "kata sandi panjang";

async fn log_in(w: &World, password: &str) -> Answer {
    let body = json!({ "login": "petugas", "password": password });
    w.post("/v1/auth/login").json(body).send().await
}

async fn made(w: &World, password: &str) -> Answer {
    let body = json!({ "login": "petugas", "name": "Petugas Contoh", "role": "office", "password": password });
    w.post("/v1/accounts").by("lead").once().json(body).send().await
}

fn common(answer: &Answer, pointer: &str) {
    answer.refused(422, "fields_invalid");
    assert_eq!(answer.reasons(), [(pointer.to_owned(), "password_common".to_owned())]);
}

#[test]
fn no_door_takes_a_password_that_is_tried_first_or_holds_the_login() {
    both(|w| async move {
        for guess in ["Bismillah123", "dia PETUGAS kantor"] {
            common(&made(&w, guess).await, "/password");
        }
        made(&w, PASSWORD).await.ok();
        let session = log_in(&w, PASSWORD).await.ok();
        let token = session.body["access_token"].as_str().unwrap();
        for guess in ["qwertyuiop12", "petugas yang lama"] {
            let body = json!({ "current": PASSWORD, "new": guess });
            let told = w.post("/v1/auth/password").bearer(token).json(body).send().await;
            common(&told, "/new");
        }
        log_in(&w, PASSWORD).await.ok();

        let siti = w.seeker(1).await;
        let path = format!("/v1/job-seekers/{}/activation-code", siti["id"].as_str().unwrap());
        let code = w.post(&path).by("office").once().send().await.ok();
        let activate = |password: &str| {
            let body =
                json!({ "code": code.body["code"], "born_on": "1996-03-07", "password": password });
            w.post("/v1/auth/activation").json(body).send()
        };
        let nik = siti["nik"].as_str().unwrap();
        common(&activate("iloveyou1234").await, "/password");
        common(&activate(&format!("nik {nik}")).await, "/password");
        let session = activate(PASSWORD).await.ok();
        let token = session.body["access_token"].as_str().unwrap();
        let body = json!({ "current": PASSWORD, "new": format!("nik {nik}") });
        common(&w.post("/v1/auth/password").bearer(token).json(body).send().await, "/new");
    });
}

#[test]
fn while_64_log_in_at_once_reads_go_on_and_nobody_meets_a_500() {
    use futures_util::future::{join, join_all};
    both(|w| async move {
        made(&w, PASSWORD).await.ok();
        let log_ins = join_all((0..64).map(|n| {
            let w = w.clone();
            async move {
                // Each from a place of its own: no pause is in the way of the flood.
                let password = if n % 2 == 0 { PASSWORD } else { "kata sandi salah" };
                let body = json!({ "login": "petugas", "password": password });
                let log_in = w.post("/v1/auth/login").from(&format!("198.51.100.{n}"));
                log_in.json(body).send().await
            }
        }));
        let reads = async {
            let mut answers = vec![];
            for _ in 0..32 {
                answers.push(w.get("/v1/accounts").by("lead").send().await.status);
            }
            answers
        };
        let (answers, reads) = join(log_ins, reads).await;
        assert_eq!(reads, [200; 32]);
        for (n, answer) in answers.iter().enumerate() {
            match answer.status {
                200 => assert_eq!(n % 2, 0),
                401 => assert_eq!(n % 2, 1),
                _ => assert_eq!(answer.refused(503, "busy").header("retry-after"), "5"),
            }
        }
        assert!(answers.iter().any(|a| a.status == 200), "nobody got in");
        log_in(&w, PASSWORD).await.ok();
    });
}
