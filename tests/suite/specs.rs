//! The exported specs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The spec of all dialects.
pub fn everything() -> Value {
    let specs = passport::specs();
    let everything = specs.iter().find(|spec| spec.name == "openapi").expect("the spec of all dialects");
    serde_json::from_str(&everything.json).expect("JSON")
}

/// Every operation with its method and its path.
pub fn operations(spec: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    spec["paths"].as_object().expect("paths").iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods").iter();
        methods.map(|(method, operation)| (method.to_uppercase(), path.as_str(), operation))
    })
}

/// The ids that several operations have, each with where these are.
fn shared_ids(spec: &Value) -> Vec<String> {
    let mut places = BTreeMap::<&str, Vec<String>>::new();
    for (method, path, operation) in operations(spec) {
        let id = operation["operationId"].as_str().expect("an id");
        places.entry(id).or_default().push(format!("{method} {path}"));
    }
    let shared = places.into_iter().filter(|(_, places)| places.len() > 1);
    shared.map(|(id, places)| format!("{id}: {}", places.join(", "))).collect()
}

#[test]
fn no_two_operations_of_any_dialects_share_an_id() {
    let spec = everything();
    assert!(operations(&spec).count() > 0);
    assert_eq!(shared_ids(&spec), [""; 0]);
}

#[test]
fn an_id_that_two_operations_share_is_named_with_both_places() {
    let logout = json!({"operationId": "logout"});
    let spec = json!({"paths": {
        "/applet/login/logout": {"post": logout},
        "/users/login": {"get": {"operationId": "loginPage"}},
        "/users/logout": {"post": logout},
    }});
    assert_eq!(shared_ids(&spec), ["logout: POST /applet/login/logout, POST /users/logout"]);
}
