//! Every documented example: its request, sent to a running service, gets the documented response. The files in
//! `tests/examples` are copied from the documents by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use regex::Regex;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::service::{Response, Service};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The file of a documented example.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(rename = "operationId")]
    operation_id: String,
    request: Request,
    response: ExpectedResponse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    content_type: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// JSON, or the text of a form.
    #[serde(default)]
    body: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedResponse {
    status: u16,
    body: Value,
}

/// Documented values, such as a token, and what replaces them in a request to a running service.
type Replacements = Vec<(&'static str, String)>;

/// The examples of one dialect.
struct Dialect {
    /// Of `tests/examples` and of `openapi`.
    name: &'static str,
    /// Documented values that vary, each with the pattern of its shape.
    shapes: &'static [(&'static str, &'static str)],
}

/// A test for each file, and the list of them.
macro_rules! documented {
    ($dialect:ident: $($test:ident: $file:literal, given $given:ident;)*) => {
        $(#[tokio::test]
        async fn $test() {
            let example = $dialect.read($file);
            for content_type in body_types(&example) {
                let (service, replacements) = $given().await;
                let response = example.request.send(&service, content_type, &replacements).await;
                $dialect.compare(&example.response, &response);
            }
        })*

        #[test]
        fn every_documented_example_and_every_operation_has_a_test() {
            $dialect.is_covered_by(&[$($file),*]);
        }

        #[test]
        fn every_example_in_the_spec_is_the_documented_one() {
            $dialect.is_shown_in_the_spec();
        }
    };
}

mod applet;
mod mall;

impl Request {
    /// The fields of the body, whichever type it is documented in.
    fn fields(&self) -> Map<String, Value> {
        match &self.body {
            Value::Object(fields) => fields.clone(),
            body => url::form_urlencoded::parse(text(body).as_bytes())
                .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
                .collect(),
        }
    }

    /// Sends the request, its body as documented or as the same fields in the other type, with what works in the
    /// place of what is documented.
    async fn send(&self, service: &Service, content_type: Option<&str>, replacements: &Replacements) -> Response {
        let working = |text: &str| {
            replacements.iter().fold(text.to_owned(), |text, (documented, own)| text.replace(documented, own))
        };
        let method = Method::from_bytes(self.method.as_bytes()).expect("a method");
        let mut request = service.request(method, &working(&self.path));
        for (name, value) in &self.headers {
            request = request.header(name, working(value));
        }
        if let Some(content_type) = content_type {
            let body = match (&self.body, content_type) {
                (Value::String(form), FORM) => form.clone(),
                (_, FORM) => {
                    let mut form = url::form_urlencoded::Serializer::new(String::new());
                    for (name, value) in self.fields() {
                        form.append_pair(&name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                    }
                    form.finish()
                }
                _ => Value::Object(self.fields()).to_string(),
            };
            request = request.header("content-type", content_type).body(working(&body));
        }
        service.send(request).await
    }
}

/// Nothing for a GET; otherwise both types, since every POST takes both.
fn body_types(example: &Example) -> Vec<Option<&'static str>> {
    match &example.request.content_type {
        None => vec![None],
        Some(content_type) => {
            assert!([JSON, FORM].contains(&content_type.as_str()), "{content_type}");
            vec![Some(FORM), Some(JSON)]
        }
    }
}

impl Dialect {
    fn is_covered_by(&self, tested: &[&str]) {
        let tested: BTreeSet<String> = tested.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(self.files(), tested);

        let spec = self.spec();
        let operations: BTreeSet<&str> =
            operations(&spec).map(|(_, operation)| operation["operationId"].as_str().expect("an id")).collect();
        let examples: Vec<Example> = tested.iter().map(|name| self.read(name)).collect();
        let succeeding = examples.iter().filter(|example| example.response.succeeds());
        assert_eq!(operations, succeeding.map(|example| example.operation_id.as_str()).collect());
    }

    fn is_shown_in_the_spec(&self) {
        let spec = self.spec();
        for name in self.files() {
            let example = self.read(&name);
            let (path, operation) = operations(&spec)
                .find(|(_, operation)| operation["operationId"] == example.operation_id.as_str())
                .expect("an operation");
            let request = &example.request;
            let (documented, response) = (&example.response.body, &operation["responses"]);
            let schema = &response[example.response.status.to_string()]["content"][JSON]["schema"];
            let shown = &resolve(&spec, schema)["example"];
            if example.response.has_words() {
                assert_same(&put_documented(shown, documented, &self.shapes()), documented, path);
            }
            // An operation's own file says what it is called with; the others are other cases.
            if name != example.operation_id {
                continue;
            }
            assert_eq!(request.path.split('?').next(), Some(path));
            if request.path.contains('?') {
                let parameter = &operation["parameters"][0];
                let query = format!("{path}?{}={}", text(&parameter["name"]), text(&parameter["schema"]["example"]));
                assert_eq!(query, request.path);
            }
            for (header, value) in &request.headers {
                let parameters = operation["parameters"].as_array().expect("parameters");
                let parameter = parameters.iter().find(|parameter| parameter["name"] == header.as_str());
                assert_eq!(text(&parameter.expect("a header")["schema"]["example"]), value);
            }
            for content_type in body_types(&example).into_iter().flatten() {
                let schema = &operation["requestBody"]["content"][content_type]["schema"];
                assert_same(&resolve(&spec, schema)["example"], &Value::Object(request.fields()), path);
            }
        }
    }

    fn compare(&self, documented: &ExpectedResponse, response: &Response) {
        assert_eq!(response.status, documented.status, "{}", response.text);
        let shown = put_documented(&response.body, &documented.body, &self.shapes());
        if documented.has_words() {
            assert_same(&shown, &documented.body, &response.text);
        } else {
            // The order of the fields is that of the successes.
            assert_eq!(shown, documented.body, "{}", response.text);
        }
    }

    fn shapes(&self) -> Vec<(&'static str, Regex)> {
        self.shapes.iter().map(|(documented, shape)| (*documented, Regex::new(shape).expect("a pattern"))).collect()
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/examples").join(self.name)
    }

    /// The names of the documented examples.
    fn files(&self) -> BTreeSet<String> {
        let files = fs::read_dir(self.folder()).expect("the examples").map(|entry| entry.expect("a file").path());
        files
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
            .collect()
    }

    fn read(&self, name: &str) -> Example {
        let text = fs::read_to_string(self.folder().join(name).with_extension("json")).expect("an example");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn spec(&self) -> Value {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("openapi").join(self.name).with_extension("json");
        serde_json::from_str(&fs::read_to_string(file).expect("the exported spec")).expect("JSON")
    }
}

impl ExpectedResponse {
    fn succeeds(&self) -> bool {
        self.body["success"] == true || self.body.get("data").is_some()
    }

    /// Whether the document has words in it; some failures have only a place for them.
    fn has_words(&self) -> bool {
        self.succeeds() || self.body.get("message").is_some()
    }
}

/// The response in which each value of the documented shape is replaced by the documented value.
fn put_documented(response: &Value, documented: &Value, shapes: &[(&str, Regex)]) -> Value {
    match (response, documented) {
        (Value::Object(fields), Value::Object(documented)) => {
            let field = |(name, value): (&String, &Value)| {
                (name.clone(), put_documented(value, documented.get(name).unwrap_or(&Value::Null), shapes))
            };
            Value::Object(fields.iter().map(field).collect())
        }
        (Value::String(text), documented) => {
            let fits = shapes.iter().any(|(instance, shape)| documented == instance && shape.is_match(text));
            if fits { documented.clone() } else { response.clone() }
        }
        _ => response.clone(),
    }
}

/// Compares as text, because the order of the fields is documented as well.
#[track_caller]
fn assert_same(found: &Value, documented: &Value, context: &str) {
    assert_eq!(format!("{found:#}"), format!("{documented:#}"), "{context}");
}

/// Every operation with its path.
fn operations(spec: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let paths = spec["paths"].as_object().expect("paths").iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().expect("methods").values().map(move |found| (path.as_str(), found))
    })
}

fn resolve<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => spec.pointer(reference.trim_start_matches('#')).expect("a component"),
        None => schema,
    }
}

#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
