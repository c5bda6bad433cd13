//! The OpenAPI document: checked in, complete, and true.

use musiman::api;

#[test]
fn the_document_is_the_one_checked_in() {
    let made = api::document_text();
    let kept = std::fs::read_to_string("openapi/openapi.json").unwrap_or_default();
    assert!(made == kept, "openapi/openapi.json is not what the code says: run `just openapi`");
}

#[test]
fn every_example_is_accepted_by_its_own_parser() {
    assert_eq!(api::routes().check_examples(), Vec::<String>::new());
}
