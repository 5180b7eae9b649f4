use std::collections::BTreeMap;

use serde_json::Value;

use super::openapi::Spec;

/// The methods of every path, for the header `Allow`. `others` are the paths that no document lists.
pub(super) fn methods<'a>(specs: &[Spec], others: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    const READ: &str = "GET, HEAD";
    let mut methods: BTreeMap<String, String> =
        others.map(str::to_owned).chain(specs.iter().map(Spec::path)).map(|path| (path, READ.to_owned())).collect();
    for spec in specs {
        let document: Value = serde_json::from_str(&spec.json).expect("it was written as JSON");
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            let mut allowed: Vec<String> =
                operations.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()).collect();
            if allowed.iter().any(|method| method == "GET") {
                allowed.push("HEAD".to_owned());
            }
            methods.insert(path.clone(), allowed.join(", "));
        }
    }
    methods
}
