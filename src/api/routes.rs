//! One line a route: it mounts the handler and writes its operation, both from the handler's
//! types. Must not know: which routes there are (`mod.rs` has them on one page).

use super::examples;
use super::guard::{Only, Proof};
use actix_web::{
    FromRequest, Handler, HttpMessage, HttpRequest, Resource, Responder, Route, guard as when, web,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// What a handler's argument or answer tells about its operation.
pub trait Describe {
    fn describe(op: &mut Op);
}

impl<T: Describe, E> Describe for Result<T, E> {
    fn describe(op: &mut Op) {
        T::describe(op);
    }
}

/// Arguments of a handler: a guard first, or the route line does not compile.
pub trait Guarded {
    fn describe(op: &mut Op);
}

macro_rules! guarded {
    ($($($t:ident)*;)*) => {$(
        impl<R: Proof, $($t: Describe),*> Guarded for (Only<R>, $($t,)*) {
            fn describe(op: &mut Op) {
                Only::<R>::describe(op);
                $($t::describe(op);)*
            }
        }
    )*};
}
guarded!(; A; A B; A B C; A B C D;);

/// The operation that a request asks for, as the document names it.
#[derive(Clone, Copy)]
struct Operation(&'static str);

pub(super) fn operation(request: &HttpRequest) -> Option<&'static str> {
    request.extensions().get::<Operation>().map(|operation| operation.0)
}

type Check = fn(&Value) -> Result<(), String>;

/// An operation of the document in the making.
pub struct Op {
    method: &'static str,
    value: Map<String, Value>,
    parameters: Vec<Value>,
    responses: BTreeMap<String, Value>,
    schemas: Vec<(String, RefOr<Schema>)>,
    changes: Vec<(String, Value)>,
    check: Option<(String, Check)>,
}

/// The schema of a merge patch onto what `schema` describes.
fn changes_of(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
        object.insert("description".to_owned(), json!("Absent keeps, null clears (RFC 7396)."));
    }
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for member in members.into_iter().flat_map(|m| m.values_mut()) {
        if let Some(one) = member.get("type").and_then(Value::as_str).map(str::to_owned) {
            put(member, "type", json!([one, "null"]));
        } else if member.get("$ref").is_some() {
            *member = json!({ "oneOf": [member.clone(), { "type": "null" }] });
        }
    }
    let first = schema.pointer("/example").and_then(Value::as_object).and_then(|e| {
        let (name, value) =
            e.iter().find(|(name, _)| *name == "name").or_else(|| e.iter().next())?;
        Some(json!({ name.as_str(): value }))
    });
    if let Some(example) = first {
        put(&mut schema, "example", example);
    }
    schema
}

fn schema_ref<T: ToSchema>() -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
}

const TITLES: [(u16, &str); 14] = [
    (400, "Not readable: bad JSON, a bad or unknown parameter, a missing key."),
    (401, "No token, or not a good one."),
    (403, "A role that may never do this, or a machine without its scope."),
    (404, "It does not exist, or it is not yours to see."),
    (405, "The path knows other methods; see Allow."),
    (408, "The body came too slowly."),
    (409, "The state does not allow it, or a unique value is taken."),
    (412, "The tag is stale; the answer carries the present one."),
    (413, "The body is too large."),
    (415, "Another media type is expected."),
    (422, "A field or a rule of the programme says no; every reason is told."),
    (428, "If-Match is missing."),
    (429, "Too many requests; see Retry-After."),
    (503, "Busy; see Retry-After."),
];

impl Op {
    fn new(method: &'static str) -> Self {
        Self {
            method,
            value: Map::new(),
            parameters: Vec::new(),
            responses: BTreeMap::new(),
            schemas: Vec::new(),
            changes: Vec::new(),
            check: None,
        }
    }

    pub fn is_read(&self) -> bool {
        self.method == "get"
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.value.insert(name.to_owned(), value);
    }

    /// One more way to log in; an open operation needs none.
    pub fn way_in(&mut self, way: Value) {
        let ways = self.value.get_mut("security").and_then(Value::as_array_mut);
        if let Some(ways) = ways.filter(|ways| !ways.is_empty()) {
            ways.push(way);
        }
    }

    pub fn parameter(&mut self, parameter: Value) {
        self.parameters.push(parameter);
    }

    pub fn header(&mut self, name: &str, required: bool, said: &str) {
        self.header_like(name, required, said, json!({ "type": "string" }));
    }

    pub fn header_like(&mut self, name: &str, required: bool, said: &str, schema: Value) {
        self.parameters.push(json!({
            "name": name, "in": "header", "required": required, "description": said,
            "schema": schema,
        }));
    }

    fn learn<T: ToSchema>(&mut self) {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
    }

    pub fn body<T: ToSchema>(&mut self, media_type: &str, check: Check) {
        self.learn::<T>();
        self.check = Some((T::name().into_owned(), check));
        self.set(
            "requestBody",
            json!({ "required": true, "content": { media_type: { "schema": schema_ref::<T>() } } }),
        );
    }

    /// The members of `T`, each of which may be left out, or null to clear it.
    pub fn patch_body<T: ToSchema>(&mut self, media_type: &str) {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        self.schemas.extend(nested);
        let name = format!("Change{}", T::name());
        self.changes.push((name.clone(), changes_of(json!(T::schema()))));
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        let content = json!({ media_type: { "schema": reference } });
        self.set("requestBody", json!({ "required": true, "content": content }));
    }

    /// A body that is a file.
    pub fn file(&mut self, media_type: &str) {
        let schema = json!({ "type": "string", "format": "binary" });
        let content = json!({ media_type: { "schema": schema } });
        self.set("requestBody", json!({ "required": true, "content": content }));
    }

    pub fn answers<T: Serialize + ToSchema>(&mut self, status: u16, said: &str, headers: &[&str]) {
        self.learn::<T>();
        let content = json!({ "application/json": { "schema": schema_ref::<T>() } });
        self.respond(status, said, headers, Some(content));
    }

    pub fn empty(&mut self, status: u16, said: &str, headers: &[&str]) {
        self.respond(status, said, headers, None);
    }

    pub fn sends(&mut self, status: u16, said: &str, media_type: &str) {
        let content = json!({ media_type: { "schema": { "type": "string" } } });
        self.respond(status, said, &[], Some(content));
    }

    /// Bytes that are no text.
    pub fn sends_file(&mut self, status: u16, said: &str, media_type: &str) {
        let schema = json!({ "type": "string", "format": "binary" });
        let content = json!({ media_type: { "schema": schema } });
        self.respond(status, said, &[], Some(content));
    }

    fn respond(&mut self, status: u16, said: &str, headers: &[&str], content: Option<Value>) {
        let mut response = json!({ "description": said });
        if let Some(content) = content {
            put(&mut response, "content", content);
        }
        put(&mut response, "headers", headers_of(headers));
        self.responses.insert(status.to_string(), response);
    }

    /// A problem that the operation can answer.
    pub fn refuses(&mut self, status: u16) {
        let reference = json!({ "$ref": format!("#/components/responses/Problem{status}") });
        self.responses.entry(status.to_string()).or_insert(reference);
    }
}

fn put(value: &mut Value, name: &str, member: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(name.to_owned(), member);
    }
}

/// Every route and every operation, side by side.
#[derive(Default)]
pub struct Routes {
    tag: &'static str,
    tags: Vec<Value>,
    paths: BTreeMap<String, Map<String, Value>>,
    schemas: BTreeMap<String, Value>,
    checks: Vec<(String, Check)>,
    resources: BTreeMap<String, Vec<Route>>,
}

impl Routes {
    /// The tag of the lines that follow, with its description.
    pub fn tag(&mut self, name: &'static str, said: &str) {
        self.tag = name;
        self.tags.push(json!({ "name": name, "description": said }));
    }

    pub fn get<H, A>(&mut self, path: &str, handler: H, said: &str)
    where
        H: Handler<A>,
        A: FromRequest + Guarded + 'static,
        H::Output: Responder + Describe + 'static,
    {
        // Actix does not answer HEAD by itself.
        let route = web::route().guard(when::Any(when::Get()).or(when::Head()));
        self.on("get", path, route, handler, said);
    }

    pub fn post<H, A>(&mut self, path: &str, handler: H, said: &str)
    where
        H: Handler<A>,
        A: FromRequest + Guarded + 'static,
        H::Output: Responder + Describe + 'static,
    {
        self.on("post", path, web::post(), handler, said);
    }

    pub fn put<H, A>(&mut self, path: &str, handler: H, said: &str)
    where
        H: Handler<A>,
        A: FromRequest + Guarded + 'static,
        H::Output: Responder + Describe + 'static,
    {
        self.on("put", path, web::put(), handler, said);
    }

    pub fn patch<H, A>(&mut self, path: &str, handler: H, said: &str)
    where
        H: Handler<A>,
        A: FromRequest + Guarded + 'static,
        H::Output: Responder + Describe + 'static,
    {
        self.on("patch", path, web::patch(), handler, said);
    }

    pub fn delete<H, A>(&mut self, path: &str, handler: H, said: &str)
    where
        H: Handler<A>,
        A: FromRequest + Guarded + 'static,
        H::Output: Responder + Describe + 'static,
    {
        self.on("delete", path, web::delete(), handler, said);
    }

    fn on<H, A>(&mut self, method: &'static str, path: &str, route: Route, handler: H, said: &str)
    where
        H: Handler<A>,
        A: FromRequest + Guarded + 'static,
        H::Output: Responder + Describe + 'static,
    {
        let mut op = Op::new(method);
        let name = std::any::type_name::<H>().rsplit("::").next().unwrap_or("");
        let route = route.guard(when::fn_guard(move |at| {
            at.req_data_mut().insert(Operation(name));
            true
        }));
        let (summary, description) = said.split_once(". ").unwrap_or((said, said));
        op.set("operationId", json!(name));
        op.set("tags", json!([self.tag]));
        op.set("summary", json!(summary.trim_end_matches('.')));
        op.set("description", json!(description));
        for place in path.split('{').skip(1).filter_map(|p| p.split('}').next()) {
            op.parameter(json!({
                "name": place, "in": "path", "required": true,
                "description": "Opaque id (UUID).",
                "schema": { "type": "string", "format": "uuid" },
            }));
        }
        A::describe(&mut op);
        super::scopes::describe(&mut op, method, path);
        H::Output::describe(&mut op);
        op.refuses(429);
        op.refuses(503);
        self.keep(path, method, op);
        self.resources.entry(path.to_owned()).or_default().push(route.to(handler));
    }

    fn keep(&mut self, path: &str, method: &'static str, op: Op) {
        for (name, schema) in op.schemas {
            self.schemas.entry(name).or_insert_with(|| json!(schema));
        }
        self.schemas.extend(op.changes);
        self.checks.extend(op.check);
        let mut value = op.value;
        if !op.parameters.is_empty() {
            value.insert("parameters".to_owned(), Value::Array(op.parameters));
        }
        value.insert("responses".to_owned(), json!(op.responses));
        self.paths
            .entry(path.to_owned())
            .or_default()
            .insert(method.to_owned(), Value::Object(value));
    }

    /// Adds the resources to an application: one a path, so a wrong method is 405 with Allow.
    pub fn mount(self, config: &mut web::ServiceConfig) {
        for (path, routes) in self.resources {
            let resource = routes.into_iter().fold(Resource::new(&path), Resource::route);
            config.service(resource);
        }
    }

    /// What makes sure that each example of a request is one.
    pub fn check_examples(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, check) in &self.checks {
            match self.schemas.get(name).and_then(|s| s.get("example")) {
                None => wrong.push(format!("{name}: no example")),
                Some(example) => {
                    wrong.extend(check(example).err().map(|e| format!("{name}: {e}")));
                }
            }
        }
        wrong
    }

    /// The OpenAPI document.
    pub fn document(&self) -> Value {
        let mut schemas = self.schemas.clone();
        let examples: BTreeMap<String, Value> = schemas
            .iter()
            .filter_map(|(name, s)| Some((name.clone(), s.get("example")?.clone())))
            .collect();
        schemas.insert("Problem".to_owned(), super::frame::problem_schema());
        schemas.insert("FieldProblem".to_owned(), super::frame::field_problem_schema());
        let mut paths = json!(self.paths);
        examples::give(&mut paths, &self.schemas, &examples);
        for schema in schemas.values_mut() {
            if let Some(object) = schema.as_object_mut() {
                object.remove("example");
            }
        }
        let used = paths.to_string();
        let problems: Map<String, Value> = TITLES
            .iter()
            .filter(|(status, _)| used.contains(&format!("/Problem{status}\"")))
            .map(|(status, said)| (format!("Problem{status}"), problem_response(*status, said)))
            .collect();
        let mut document = super::about::about();
        put(&mut document, "tags", json!(self.tags));
        put(&mut document, "paths", paths);
        let mut components = document.get("components").cloned().unwrap_or_else(|| json!({}));
        put(&mut components, "schemas", json!(schemas));
        put(&mut components, "responses", Value::Object(problems));
        put(&mut document, "components", components);
        document
    }
}

/// The limits are told on every answer.
const ON_ALL: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

fn headers_of(own: &[&str]) -> Value {
    let reference = |h: &&str| json!({ "$ref": format!("#/components/headers/{h}") });
    let all = own.iter().chain(&ON_ALL);
    Value::Object(all.map(|h| ((*h).to_owned(), reference(h))).collect())
}

fn problem_response(status: u16, said: &str) -> Value {
    let mut response = json!({
        "description": said,
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "example": super::frame::problem_example(status),
        } },
    });
    let own: &[&str] = match status {
        405 => &["Allow"],
        401 => &["WWW-Authenticate"],
        409 | 412 => &["ETag"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    put(&mut response, "headers", headers_of(own));
    response
}
