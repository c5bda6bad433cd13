//! The operations of the document with somebody who may call them, and their examples as bodies.

use crate::support::World;
use crate::support::played::Played;
use actix_web::http::Method;
use serde_json::{Value, json};

pub struct Operation {
    pub name: String,
    pub method: Method,
    pub path: String,
    /// Media type and example of the body, if there is one in JSON.
    pub body: Option<(String, Value)>,
    /// Logins that may call it; none for whom a token is not asked.
    pub logins: Vec<Option<&'static str>>,
    needs_key: bool,
}

/// Somebody of the role in a world that was played.
fn login(role: &str) -> &'static str {
    match role {
        "office" => "office",
        "lead" => "lead",
        "kadin" => "kadin",
        "partner" => "farm",
        "seeker" => "seeker1",
        other => panic!("a new role: {other}"),
    }
}

fn operation(method: &str, path: &str, op: &Value) -> Operation {
    let content = op["requestBody"]["content"].as_object();
    let first = content.and_then(|c| c.iter().next());
    let body = first
        .filter(|(media_type, _)| media_type.ends_with("json"))
        .map(|(media_type, content)| (media_type.clone(), content["example"].clone()));
    let roles = op["x-roles"].as_array().into_iter().flatten();
    let mut logins: Vec<_> = roles.map(|r| Some(login(r.as_str().unwrap()))).collect();
    if logins.is_empty() {
        logins.push(None);
    }
    Operation {
        name: op["operationId"].as_str().unwrap().to_owned(),
        method: method.to_uppercase().parse().unwrap(),
        path: path.to_owned(),
        body,
        logins,
        needs_key: op["parameters"].to_string().contains("Idempotency-Key"),
    }
}

pub fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&musiman::api::document_text()).unwrap();
    let mut all = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, op) in item.as_object().unwrap() {
            all.push(operation(method, path, op));
        }
    }
    // A change of the record changes what its person logs in with: the person comes first.
    all.sort_by_key(|op| op.logins[0] != Some("seeker1"));
    assert!(all.len() > 50, "the document was not read");
    all
}

impl Operation {
    /// The example about things that are there.
    pub fn example(&self, p: &Played) -> Option<Value> {
        let mut body = self.body.as_ref()?.1.clone();
        for (name, value) in body.as_object_mut().into_iter().flatten() {
            match name.as_str() {
                "season_id" => *value = json!(p.seasons[0]),
                "organisation_id" if value.is_string() => *value = json!(p.organisations[0]),
                "agreement_id" => *value = json!(p.agreements[0]),
                "choices" => *value = json!([p.quotas[0]]),
                _ => {}
            }
        }
        Some(body)
    }

    /// Calls it about the things of the first side.
    pub async fn call(
        &self,
        w: &World,
        p: &Played,
        by: Option<&str>,
        body: Option<&Value>,
    ) -> crate::support::Answer {
        let mut request = w.request(self.method.clone(), &p.filled(&self.path, 0)).if_match("*");
        if let Some(login) = by {
            request = request.by(login);
        }
        if self.needs_key {
            request = request.once();
        }
        if let (Some(body), Some((media_type, _))) = (body, &self.body) {
            request = request.bytes(media_type, body.to_string().into_bytes());
        }
        request.send().await
    }
}
