use std::sync::LazyLock;

use regex::Regex;

use super::mask_phone;

/// A phone number in the one form in which it is stored and compared.
///
/// A Chinese mainland number is its 11 digits; any other, which only WeChat can deliver, is
/// `+<country code><number>`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

static MAINLAND: LazyLock<Regex> = LazyLock::new(|| pattern(r"^1[3-9][0-9]{9}$"));
static COUNTRY_CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[1-9][0-9]{0,3}$"));
static FOREIGN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\+[1-9][0-9]{5,17}$"));

fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is a constant that the tests compile")
}

impl Phone {
    /// The normalised form of a mainland number as people write it: spaces, full-width digits and a
    /// leading `+86`, `86` or `0086` are taken away. `None` when no mainland number is left.
    pub fn mainland(text: &str) -> Option<Self> {
        let compact: String = text.chars().filter(|character| !character.is_whitespace()).map(narrow).collect();
        let digits = ["+86", "0086", "86"]
            .iter()
            .find_map(|prefix| compact.strip_prefix(prefix).filter(|rest| MAINLAND.is_match(rest)))
            .unwrap_or(&compact);
        MAINLAND.is_match(digits).then(|| Self(digits.to_owned()))
    }

    /// A number as WeChat reports it: `country_code` without a plus sign, `number` without the code.
    pub fn international(country_code: &str, number: &str) -> Option<Self> {
        if country_code == "86" {
            return Self::mainland(number);
        }
        let whole = format!("+{country_code}{number}");
        (COUNTRY_CODE.is_match(country_code) && FOREIGN.is_match(&whole)).then_some(Self(whole))
    }

    /// A number that was stored by this service, in the form in which it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as logs may show it.
    pub fn masked(&self) -> String {
        mask_phone(&self.0)
    }
}

/// A full-width digit or plus sign as its ordinary form, anything else as it is.
fn narrow(character: char) -> char {
    match character {
        '０'..='９' => char::from(b'0' + (u32::from(character) - u32::from('０')) as u8),
        '＋' => '+',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mainland(text: &str) -> Option<String> {
        Phone::mainland(text).map(|phone| phone.as_str().to_owned())
    }

    #[test]
    fn a_mainland_number_has_one_form_however_it_is_written() {
        for written in [
            "13800138000",
            " 138 0013 8000 ",
            "+8613800138000",
            "+86 138 0013 8000",
            "8613800138000",
            "008613800138000",
            "１３８００１３８０００",
            "＋８６１３８００１３８０００",
        ] {
            assert_eq!(mainland(written).as_deref(), Some("13800138000"), "{written}");
        }
    }

    #[test]
    fn what_is_no_mainland_number_is_refused() {
        for written in
            ["", "1380013800", "138001380000", "12800138000", "1380013800a", "+85291234567", "+1 415 555 2671"]
        {
            assert_eq!(mainland(written), None, "{written}");
        }
    }

    #[test]
    fn wechat_delivers_foreign_numbers_with_their_country_code() {
        let phone = |code, number| Phone::international(code, number).map(|phone| phone.as_str().to_owned());
        assert_eq!(phone("86", "13800138000").as_deref(), Some("13800138000"));
        assert_eq!(phone("852", "91234567").as_deref(), Some("+85291234567"));
        assert_eq!(phone("852", "9123x567"), None);
        assert_eq!(phone("", "91234567"), None);
    }

    #[test]
    fn a_masked_number_hides_its_middle() {
        assert_eq!(Phone::stored("13800138000".into()).masked(), "138****8000");
    }
}
