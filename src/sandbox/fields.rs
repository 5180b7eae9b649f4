use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// The fields of a JSON object that was sent to the sandbox's own paths. `null` is the same as absent.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// An empty body has no fields.
    ///
    /// # Errors
    /// When the body is no JSON object, or has a field that is not among `known`.
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

    /// One field, with a text.
    pub(super) fn of_text(name: &str, text: String) -> Self {
        Self(Map::from_iter([(name.to_owned(), text.into())]))
    }

    /// The fields of a form, where an empty one is absent. Those named in `numbers` are numbers when they look so.
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

    /// A text of 1 to `longest` characters, none of them a control character.
    pub(super) fn text(&self, name: &str, longest: usize) -> Result<Option<String>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value
            .as_str()
            .filter(|text| (1..=longest).contains(&text.chars().count()) && !text.contains(char::is_control))
            .map(|text| Some(text.to_owned()))
            .ok_or_else(|| format!("{name} must be a text of 1 to {longest} characters without control characters"))
    }

    pub(super) fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value
            .as_i64()
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| format!("{name} must be a whole number from {} to {}", range.start(), range.end()))
    }

    /// `true`, `false`, or 1 and 0 for them.
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

/// The value of a field that must be there.
pub(super) fn required<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("{name} is missing"))
}
