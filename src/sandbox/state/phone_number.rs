use crate::types::{Phone, Random};

/// The country codes of one and two digits (ITU-T E.164). All others have three.
const SHORT_COUNTRY_CODES: [&str; 46] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",
];

/// A phone number in the two parts that WeChat returns.
#[derive(Clone)]
pub struct PhoneNumber {
    pub country_code: String,
    /// Without the country code.
    pub pure: String,
}

impl PhoneNumber {
    /// A mainland number in any usual notation, or a foreign one as `+<country code><number>`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(phone) = Phone::mainland(text) {
            return Some(Self::mainland(phone.as_str()));
        }
        let digits = text.strip_prefix('+')?;
        let is_short = |length: &usize| digits.get(..*length).is_some_and(|code| SHORT_COUNTRY_CODES.contains(&code));
        let length = (1..=2).find(is_short).unwrap_or(3);
        let (country_code, pure) = digits.split_at_checked(length)?;
        Phone::international(country_code, pure)?;
        Some(Self { country_code: country_code.to_owned(), pure: pure.to_owned() })
    }

    /// A random mainland number.
    pub fn random(random: &Random) -> Self {
        Self::mainland(&format!("1{}{}", 3 + random.below(7), random.digits(9)))
    }

    pub fn mainland(digits: &str) -> Self {
        Self { country_code: "86".to_owned(), pure: digits.to_owned() }
    }

    /// The number as one text, with the country code if it is a foreign one.
    pub fn full(&self) -> String {
        match self.country_code.as_str() {
            "86" => self.pure.clone(),
            foreign => format!("+{foreign}{}", self.pure),
        }
    }
}
