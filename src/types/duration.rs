//! How a span of time is written in the settings: a number of seconds, or a text such as `"7d"`,
//! `"10m"`, `"800ms"`. For `#[serde(with = "crate::types::duration")]`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// Far below the span at which arithmetic with times would overflow.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Seconds(u64),
    Text(String),
}

/// Reads a span of at most a hundred years.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let invalid =
        || D::Error::custom("a duration is a number of seconds or a text such as \"7d\", \"10m\" or \"800ms\"");
    let within_reason = |span: Duration| match span <= LONGEST {
        true => Ok(span),
        false => Err(D::Error::custom("a duration is at most a hundred years")),
    };
    match Written::deserialize(deserializer).map_err(|_| invalid())? {
        Written::Seconds(seconds) => within_reason(Duration::from_secs(seconds)),
        Written::Text(text) => match text.trim().parse() {
            Ok(seconds) => within_reason(Duration::from_secs(seconds)),
            Err(_) => humantime::parse_duration(&text).map_err(|_| invalid()).and_then(within_reason),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Setting {
        #[serde(with = "super")]
        ttl: Duration,
    }

    fn ttl(written: &str) -> Option<Duration> {
        toml::from_str::<Setting>(&format!("ttl = {written}")).ok().map(|setting| setting.ttl)
    }

    #[test]
    fn a_duration_is_a_number_of_seconds_or_a_text_with_units() {
        assert_eq!(ttl("90"), Some(Duration::from_secs(90)));
        assert_eq!(ttl("\"90\""), Some(Duration::from_secs(90)));
        assert_eq!(ttl("\"7d\""), Some(Duration::from_secs(604_800)));
        assert_eq!(ttl("\"800ms\""), Some(Duration::from_millis(800)));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for written in ["-1", "\"\"", "\"7 parsecs\"", "true", "1.5", "9223372036854775807", "\"200y\""] {
            assert_eq!(ttl(written), None, "{written}");
        }
    }
}
