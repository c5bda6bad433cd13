//! Health, the OpenAPI document, and the page that shows it.
//! Must not know: any resource.

use super::App;
use super::answer::Plain;
use super::guard::{Anybody, Only};
use super::problem::Problem;
use crate::domain::problem::Code;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, guard as when, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// A word on the service's health.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "status": "ok" }))]
pub struct Health {
    status: &'static str,
}

pub async fn get_livez(_who: Only<Anybody>) -> Result<Plain<Health>, Problem> {
    Ok(Plain(Health { status: "ok" }))
}

pub async fn get_readyz(who: Only<Anybody>) -> Result<Plain<Health>, Problem> {
    let app = who.app().clone();
    let migrated = web::block(move || app.store.is_migrated()).await;
    match migrated {
        Ok(Ok(true)) => Ok(Plain(Health { status: "ok" })),
        _ => Err(Problem::busy(5, Code::Busy)),
    }
}

async fn openapi(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (text, tag) = app.document();
    let given = request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if given == Some(tag.as_str()) {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag.as_str())).finish();
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::ETAG, tag.as_str()))
        .body(text.clone())
}

async fn to_docs() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/docs/")).finish()
}

/// RFC 9727: where the description of the API is.
async fn catalog() -> HttpResponse {
    let links = serde_json::json!({ "linkset": [{
        "anchor": "/",
        "service-desc": [{ "href": "/openapi.json", "type": "application/json" }],
        "service-doc": [{ "href": "/docs/", "type": "text/html" }],
    }] });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/linkset+json"))
        .body(links.to_string())
}

fn read() -> actix_web::Route {
    web::route().guard(when::Any(when::Get()).or(when::Head()))
}

/// Documents about the API are not part of it.
pub(super) fn mount_documents(config: &mut web::ServiceConfig) {
    let page = SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json"));
    config
        .service(web::resource("/openapi.json").route(read().to(openapi)))
        .service(web::resource("/.well-known/api-catalog").route(read().to(catalog)))
        .service(web::resource("/docs").route(read().to(to_docs)))
        .service(page);
}
