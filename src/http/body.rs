use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};
use serde_json::{Map, Value};

use super::{door::Stray, rule_text::message_in};

/// The longest body that is read.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A body in JSON or as a form, read by one and the same parser.
pub struct Body<T>(pub T);

/// What the type of a body's fields does not say.
pub trait BodyFields {
    /// Whether there must be a body.
    const REQUIRED: bool = true;
    /// The fields that are objects, none of which may be missing. In a form their text is JSON.
    const OBJECTS: &'static [&'static str] = &[];
}

impl<'a, T: ParseFromJSON + BodyFields> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let media = |content_type| MetaMediaType { content_type, schema: T::schema_ref() };
        // JSON comes first: generators of clients take the first, and a mini program has no URLSearchParams.
        Some(MetaRequest { description: None, content: vec![media(JSON), media(FORM)], required: T::REQUIRED })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let bytes = body.take()?.into_bytes().await?;
        let fields = fields(request.content_type(), &bytes, T::OBJECTS)?;
        demand_objects(&fields, T::OBJECTS)?;
        T::parse_from_json(Some(Value::Object(fields))).map(Self).map_err(|error| {
            let message = message_in(error.message()).unwrap_or("请求参数错误");
            Stray::BadField(message.to_owned()).into()
        })
    }
}

fn fields(content_type: Option<&str>, bytes: &[u8], objects: &[&str]) -> Result<Map<String, Value>, Stray> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        JSON => json_fields(bytes),
        FORM => form_fields(bytes, objects),
        _ => Err(Stray::UnsupportedMediaType),
    }
}

fn json_fields(bytes: &[u8]) -> Result<Map<String, Value>, Stray> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Stray::BrokenBody("请求体必须是JSON对象")),
        Err(_) => Err(Stray::BrokenBody("请求体不是有效的JSON")),
    }
}

/// The last of several values of one field counts.
fn form_fields(bytes: &[u8], objects: &[&str]) -> Result<Map<String, Value>, Stray> {
    let mut fields = Map::new();
    for (name, text) in url::form_urlencoded::parse(bytes) {
        let value = if objects.contains(&&*name) {
            serde_json::from_str(&text).map_err(|_| Stray::BadField(format!("{name}必须是JSON文本")))?
        } else {
            Value::String(text.into_owned())
        };
        fields.insert(name.into_owned(), value);
    }
    Ok(fields)
}

/// The framework has no words of ours for an object that is missing or something else.
fn demand_objects(fields: &Map<String, Value>, objects: &[&str]) -> Result<(), Stray> {
    for name in objects {
        match fields.get(*name) {
            Some(Value::Object(_)) => {}
            None => return Err(Stray::BadField(format!("缺少参数{name}"))),
            Some(Value::Null) => return Err(Stray::BadField(format!("{name}不能为空"))),
            Some(_) => return Err(Stray::BadField(format!("{name}必须是对象"))),
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
