use std::marker::PhantomData;

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry},
    types::ParseFromJSON,
};
use serde_json::{Map, Value};

use super::{message::marked_in, request_error::RequestError};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A body in JSON or as a form, parsed by the same parser. `Body<Option<T>>` is optional. `O` names the fields that are
/// objects.
pub struct Body<T, O = NoObjects>(pub T, PhantomData<O>);

/// The fields of a body that are objects, all required. In a form they are JSON text.
pub trait ObjectFields: Send + Sync {
    const NAMES: &'static [&'static str];
}

pub struct NoObjects;

impl ObjectFields for NoObjects {
    const NAMES: &'static [&'static str] = &[];
}

impl<'a, T: ParseFromJSON, O: ObjectFields> ApiExtractor<'a> for Body<T, O> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
        let schema = T::schema_ref();
        let example = example_of(&schema, registry);
        if let MetaSchemaRef::Reference(name) = schema
            && let Some(schema) = registry.schemas.get_mut(&name)
        {
            schema.example = example;
        }
    }

    fn request_meta() -> Option<MetaRequest> {
        let media = |content_type| MetaMediaType { content_type, schema: T::schema_ref() };
        // JSON comes first: client generators take the first, and mini programs have no URLSearchParams.
        Some(MetaRequest { description: None, content: vec![media(JSON), media(FORM)], required: T::IS_REQUIRED })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let bytes = body.take()?.into_bytes().await?;
        let fields = fields(request.content_type(), &bytes, O::NAMES)?;
        check_objects(&fields, O::NAMES)?;
        let parsed = T::parse_from_json(Some(Value::Object(fields)));
        Ok(Self(parsed.map_err(|error| RequestError::BadField(marked_in(error.message())))?, PhantomData))
    }
}

/// The example of a schema: its own, or else the examples of its fields.
fn example_of(schema: &MetaSchemaRef, registry: &Registry) -> Option<Value> {
    let schema = match schema {
        MetaSchemaRef::Inline(schema) => schema,
        MetaSchemaRef::Reference(name) => registry.schemas.get(name)?,
    };
    if schema.example.is_some() || schema.properties.is_empty() {
        return schema.example.clone();
    }
    let field = |(name, field): &(&str, _)| Some(((*name).to_owned(), example_of(field, registry)?));
    Some(Value::Object(schema.properties.iter().filter_map(field).collect()))
}

fn fields(content_type: Option<&str>, bytes: &[u8], objects: &[&str]) -> Result<Map<String, Value>, RequestError> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        JSON => json_fields(bytes),
        FORM => form_fields(bytes, objects),
        _ => Err(RequestError::UnsupportedMediaType),
    }
}

fn json_fields(bytes: &[u8]) -> Result<Map<String, Value>, RequestError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(RequestError::BrokenBody("请求体必须是JSON对象")),
        Err(_) => Err(RequestError::BrokenBody("请求体不是有效的JSON")),
    }
}

/// Of several values of one field, the last is taken.
fn form_fields(bytes: &[u8], objects: &[&str]) -> Result<Map<String, Value>, RequestError> {
    let mut fields = Map::new();
    for (name, text) in url::form_urlencoded::parse(bytes) {
        let value = if objects.contains(&&*name) {
            serde_json::from_str(&text).map_err(|_| RequestError::BadField(format!("{name}必须是JSON文本")))?
        } else {
            Value::String(text.into_owned())
        };
        fields.insert(name.into_owned(), value);
    }
    Ok(fields)
}

/// Checks the object fields here, because the framework's own error does not name the field.
fn check_objects(fields: &Map<String, Value>, objects: &[&str]) -> Result<(), RequestError> {
    for name in objects {
        match fields.get(*name) {
            Some(Value::Object(_)) => {}
            None => return Err(RequestError::BadField(format!("缺少参数{name}"))),
            Some(Value::Null) => return Err(RequestError::BadField(format!("{name}不能为空"))),
            Some(_) => return Err(RequestError::BadField(format!("{name}必须是对象"))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::Random;

    fn read(content_type: &str, body: &str) -> Option<Value> {
        fields(Some(content_type), body.as_bytes(), &["userInfo"]).ok().map(Value::Object)
    }

    #[test]
    fn both_body_types_give_the_same_fields() {
        let expected = Some(json!({"token": "t", "userInfo": {"name": "新昵称", "bmi": 23.0}}));
        assert_eq!(read(JSON, r#"{"token":"t","userInfo":{"name":"新昵称","bmi":23.0}}"#), expected);
        let form = "token=t&userInfo=%7B%22name%22%3A%22%E6%96%B0%E6%98%B5%E7%A7%B0%22%2C%22bmi%22%3A23.0%7D";
        assert_eq!(read("application/x-www-form-urlencoded; charset=UTF-8", form), expected);
    }

    #[test]
    fn an_empty_body_has_no_fields_whatever_its_type() {
        for content_type in [None, Some(""), Some("text/plain"), Some(JSON), Some(FORM)] {
            assert_eq!(fields(content_type, b"", &[]).ok(), Some(Map::new()), "{content_type:?}");
        }
    }

    #[test]
    fn what_is_no_body_of_either_type_is_refused() {
        for (content_type, body) in
            [(JSON, "{"), (JSON, "[]"), (JSON, "\"x\""), (FORM, "userInfo=x"), ("text/plain", "x"), ("", "x")]
        {
            assert!(read(content_type, body).is_none(), "{content_type} {body}");
        }
    }

    #[test]
    fn no_bytes_can_make_the_parser_panic() {
        let random = Random::seeded(28);
        let seeds: [&[u8]; 3] =
            [br#"{"userInfo":{"name":"\ud83d\ude00"},"a":[1e9,null]}"#, b"a=1&userInfo=%7B%7D&%zz=%", b"\xff\xfe"];
        for round in 0..6_000_usize {
            let mut bytes = seeds[round % seeds.len()].to_vec();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len() as u64) as usize;
                match random.below(3) {
                    0 => bytes[at] = random.bytes::<1>()[0],
                    1 => bytes.insert(at, random.bytes::<1>()[0]),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            for content_type in [JSON, FORM] {
                if let Ok(fields) = fields(Some(content_type), &bytes, &["userInfo"]) {
                    assert!(fields.len() <= bytes.len());
                }
            }
        }
    }
}
