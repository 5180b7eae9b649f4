use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaSchema, MetaSchemaRef};

const JSON: &str = "application/json";

/// The schema in the place where it is used, instead of a reference to it.
pub fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

/// The description of a JSON response in the spec, with the header `Retry-After` for 429 and 503.
pub fn json_response_meta(status: u16, description: String, schema: MetaSchemaRef) -> MetaResponse {
    let retry_after = || MetaHeader {
        name: "Retry-After".to_owned(),
        description: Some("多少秒之后可以再试".to_owned()),
        required: true,
        deprecated: false,
        schema: inline(MetaSchema { minimum: Some(1.0), ..MetaSchema::new_with_format("integer", "int32") }),
    };
    MetaResponse {
        // Leaked, because the framework wants a static text. The spec is made a few times at the start only.
        description: String::leak(description),
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType { content_type: JSON, schema }],
        headers: if matches!(status, 429 | 503) { vec![retry_after()] } else { vec![] },
    }
}
