//! The register of processing activities and the facts of an assessment over HTTP.

use crate::support::both;
use musiman::db::classes::{CLASSES, Class, class_of};
use musiman::domain::processing;
use serde_json::{Value, json};

#[test]
fn every_column_that_identifies_or_is_specific_belongs_to_an_activity() {
    let register = processing::on("2026-11-24".parse().unwrap());
    let named: Vec<(&str, &str)> = register
        .iter()
        .flat_map(|one| one.columns.iter().map(|(table, column)| (&**table, &**column)))
        .collect();
    for (table, columns) in CLASSES {
        for (column, class) in *columns {
            assert!(
                *class == Class::General || named.contains(&(table, column)),
                "{table}.{column}: say in rules/processing.toml what it is used for"
            );
        }
    }
    for (table, column) in named {
        assert!(class_of(table, column).is_some(), "{table}.{column} is no column");
    }
}

#[test]
fn the_office_reads_the_register_and_nobody_else() {
    both(|w| async move {
        let told = w.get("/v1/processing-activities").by("office").send().await.ok().body;
        let all = told["data"].as_array().unwrap();
        let of = |id: &str| all.iter().find(|one| one["id"] == id).unwrap();
        assert_eq!(of("import")["retention"]["figure"], 30);
        assert_eq!(of("import")["title"], "Registers uploaded as files");
        assert_eq!(of("share_with_employer")["transfer"], "consent");
        let nik = json!({ "table": "seekers", "column": "nik_sealed", "class": "identifier" });
        assert!(of("register")["columns"].as_array().unwrap().contains(&nik));
        w.get("/v1/processing-activities").by("kadin").send().await.refused(403, "role_forbidden");
        w.get("/v1/processing-impact").by("kadin").send().await.refused(403, "role_forbidden");
    });
}

#[test]
fn the_facts_of_an_assessment_are_counted_and_no_small_count_is_among_them() {
    both(|w| async move {
        let count = |body: &Value, list: &str, key: &str| -> Value {
            let all = body[list].as_array().unwrap();
            all.iter().find(|one| one["key"] == key).unwrap()["count"].clone()
        };
        w.applicant(1).await;
        let few = w.get("/v1/processing-impact").by("lead").send().await.ok().body;
        assert_eq!(few["people"], Value::Null);
        assert_eq!(count(&few, "people_by_state", "verified"), Value::Null);
        assert_eq!(count(&few, "agreeing_by_purpose", "matching"), Value::Null);
        for n in 2..=12 {
            w.applicant(n).await;
        }
        for n in 13..=18 {
            w.seeker(n).await;
        }
        w.drawn();
        let told = w.get("/v1/processing-impact").by("lead").send().await.ok().body;
        assert_eq!(count(&told, "agreeing_by_purpose", "matching"), 12, "{told}");
        assert_eq!(count(&told, "agreeing_by_purpose", "medical"), Value::Null, "{told}");
        assert!(count(&told, "columns_by_class", "identifier").as_u64().unwrap() > 5);
        assert_eq!(count(&told, "rounds_by_state", "published"), 0);
        assert_eq!(told["automated_decisions"], 0);
    });
}
