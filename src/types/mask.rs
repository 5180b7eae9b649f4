/// A phone number as logs may show it: `138****8000`, the digits in the middle hidden.
pub fn mask_phone(phone: &str) -> String {
    mask(phone, 3, 4)
}

/// An openid as logs may show it: its first and last three characters.
pub fn mask_openid(openid: &str) -> String {
    mask(openid, 3, 3)
}

/// Shows `head` and `tail` characters of a text long enough to hide four between them, otherwise none.
fn mask(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    if length < head + 4 + tail {
        return "****".to_owned();
    }
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{start}****{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_shows_its_ends_and_a_short_one_nothing() {
        assert_eq!(mask_phone("13800138000"), "138****8000");
        assert_eq!(mask_openid("wx_openid_123"), "wx_****123");
        assert_eq!(mask_openid("short"), "****");
        assert_eq!(mask_openid(""), "****");
    }
}
