use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaSchema, MetaSchemaRef};

const JSON: &str = "application/json";

/// A JSON answer, as the spec documents it. Whoever is told to come back later is told when, in `Retry-After`.
pub fn documented(status: u16, description: String, schema: MetaSchemaRef) -> MetaResponse {
    let retry_after = || MetaHeader {
        name: "Retry-After".to_owned(),
        description: Some("多少秒之后可以再试".to_owned()),
        required: true,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
            minimum: Some(1.0),
            ..MetaSchema::new_with_format("integer", "int32")
        })),
    };
    MetaResponse {
        // The spec is made a few times when the service starts, and its texts are kept as long as it runs.
        description: String::leak(description),
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType { content_type: JSON, schema }],
        headers: if matches!(status, 429 | 503) { vec![retry_after()] } else { vec![] },
    }
}
