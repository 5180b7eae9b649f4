use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// The fields of a JSON object or a form sent to the sandbox's own paths. `null` counts as absent.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a JSON object with no other fields than `known`. An empty body has no fields.
    pub(super) fn parse(body: &[u8], known: &[&str]) -> Result<Self, String> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        let value = serde_json::from_slice(body).map_err(|error| format!("the body is no JSON: {error}"))?;
        let Value::Object(fields) = value else {
            return Err("the body must be a JSON object".to_owned());
        };
        match fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(format!("unknown field {unknown:?}; known are {}", known.join(", "))),
            None => Ok(Self(fields)),
        }
    }

    pub(super) fn from_text(name: &str, text: String) -> Self {
        Self(Map::from_iter([(name.to_owned(), text.into())]))
    }

    /// The fields of a form. An empty one counts as absent; those in `numbers` become numbers if they parse as such.
    pub(super) fn parse_form(body: &[u8], numbers: &[&str]) -> Self {
        let filled = url::form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty());
        Self(
            filled
                .map(|(name, value)| {
                    let number = value.parse::<i64>().ok().filter(|_| numbers.contains(&&*name));
                    let value = number.map_or_else(|| Value::from(&*value), Value::from);
                    (name.into_owned(), value)
                })
                .collect(),
        )
    }

    /// A text of 1 to `max_chars` characters without control characters.
    pub(super) fn text(&self, name: &str, max_chars: usize) -> Result<Option<String>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value
            .as_str()
            .filter(|text| (1..=max_chars).contains(&text.chars().count()) && !text.contains(char::is_control))
            .map(|text| Some(text.to_owned()))
            .ok_or_else(|| format!("{name} must be a text of 1 to {max_chars} characters without control characters"))
    }

    pub(super) fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value
            .as_i64()
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| format!("{name} must be a whole number from {} to {}", range.start(), range.end()))
    }

    /// A boolean, also as 1 or 0.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Ok(self.integer(name, 0..=1)?.map(|number| number == 1)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// The value of a mandatory field.
pub(super) fn required<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("{name} is missing"))
}
