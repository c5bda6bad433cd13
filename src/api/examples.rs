//! Examples of the OpenAPI document, brought to where they are sent. Must not know: routes.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Moves each schema's example to where it is sent; a page's is made of its item's.
pub(super) fn give(
    value: &mut Value,
    schemas: &BTreeMap<String, Value>,
    examples: &BTreeMap<String, Value>,
) {
    match value {
        Value::Object(members) => {
            let name = members
                .get("schema")
                .and_then(|s| s.get("$ref"))
                .and_then(Value::as_str)
                .and_then(|r| r.rsplit('/').next())
                .map(str::to_owned);
            if let Some(example) = name.and_then(|n| example_of(&n, schemas, examples)) {
                members.insert("example".to_owned(), example);
            }
            members.values_mut().for_each(|m| give(m, schemas, examples));
        }
        Value::Array(items) => {
            for item in items {
                give(item, schemas, examples);
            }
        }
        _ => {}
    }
}

fn example_of(
    name: &str,
    schemas: &BTreeMap<String, Value>,
    examples: &BTreeMap<String, Value>,
) -> Option<Value> {
    if let Some(example) = examples.get(name) {
        return Some(example.clone());
    }
    let page = schemas.get(name)?;
    let item = page.pointer("/properties/data/items/$ref")?.as_str()?;
    let example = examples.get(item.rsplit('/').next()?)?;
    let members = page.get("required")?.as_array()?.iter().filter_map(Value::as_str);
    let whole: Map<String, Value> = members
        .map(|m| (m.to_owned(), if m == "data" { json!([example]) } else { Value::Null }))
        .collect();
    Some(Value::Object(whole))
}
