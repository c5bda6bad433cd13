//! The second factor of a service as it is started, and the way back for who lost it.

use crate::{Service, make_lead, musiman, on_both, run};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "kata sandi panjang";

fn enter(service: &Service, path: &str, more: Value) -> (u16, Value) {
    let mut body = json!({ "login": "lead", "password": PASSWORD });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    service.send(&format!("POST /v1/auth/{path} HTTP/1.1"), &body).unwrap()
}

#[test]
fn the_first_lead_officer_sets_a_second_factor_up_and_gets_back_in_without_it() {
    on_both(|folder, url| {
        make_lead(folder, url);
        let service = Service::start_with(folder, url, &["--second-factor", "staff"]);
        let is_unset = || {
            let (status, told) = enter(&service, "login", json!({}));
            assert_eq!((status, told["code"].as_str()), (401, Some("second_factor_unset")));
        };
        is_unset();
        let (status, offer) = enter(&service, "second-factor", json!({}));
        assert_eq!(status, 200, "{offer}");
        let secret = Secret::try_from_base32(offer["secret"].as_str().unwrap()).unwrap();
        let app = Builder::new().with_secret(secret).build().unwrap();
        let code = json!({ "new_code": app.generate_current().to_string() });
        let (status, done) = enter(&service, "second-factor/confirmation", code);
        assert_eq!(status, 200, "{done}");
        let recovered = json!({ "code": done["recovery_codes"][0] });
        assert_eq!(enter(&service, "login", recovered).0, 200);

        let reset = |login: &str| {
            run(musiman(folder, url).args(["account", "reset-second-factor", "--login", login]))
        };
        let (status, out, _) = reset("lead");
        assert!(status == 0 && out.contains("is gone"), "{out}");
        is_unset();
        let (status, out, _) = reset("lead");
        assert!(status == 0 && out.contains("has no second factor"), "{out}");
        let (status, _, err) = reset("nobody");
        assert!(status != 0 && err.contains("nobody logs in"), "{err}");
    });
}
