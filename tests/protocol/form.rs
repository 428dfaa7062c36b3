//! `application/x-www-form-urlencoded`: what is sent, and how it is read back.

use valetkey::protocol::url::{append_parameter, decode_form, encode_form};

#[test]
fn encodes_all_but_unreserved_characters() {
    let mut text = "x".to_owned();
    append_parameter(&mut text, Some('?'), "a b", "AZaz09-._~!*'()+%&=#é/");
    assert_eq!(text, "x?a%20b=AZaz09-._~%21%2A%27%28%29%2B%25%26%3D%23%C3%A9%2F");
    append_parameter(&mut text, None, "", "");
    assert!(text.ends_with("%2F="));
    assert_eq!(encode_form([("a", "1"), ("b", ""), ("a", "&")]), "a=1&b=&a=%26");
    assert_eq!(encode_form([]), "");
}

/// RFC 3986 §2.3.
#[test]
fn encodes_every_byte_alike() {
    for character in '\0'..='\u{ff}' {
        let expected = match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '~' => character.to_string(),
            _ => character.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat(),
        };
        assert_eq!(encode_form([("", character.to_string().as_str())]), format!("={expected}"));
    }
}

#[test]
fn decodes_once() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        decode_form("a=1&b&=c&d=e=f&&a=%2525+%2B%26"),
        Some(vec![pair("a", "1"), pair("b", ""), pair("", "c"), pair("d", "e=f"), pair("a", "%25 +&"),])
    );
    assert_eq!(decode_form("a%3Db=%zz%4&%"), Some(vec![pair("a=b", "%zz%4"), pair("%", "")]));
    assert_eq!(decode_form("a=%0g%g0%0G%:0"), Some(vec![pair("a", "%0g%g0%0G%:0")]));
    assert_eq!(decode_form("%C3%A9=%c3%a9"), Some(vec![pair("é", "é")]));
    assert_eq!(decode_form("a=%00%0d%0A"), Some(vec![pair("a", "\0\r\n")]));
    assert_eq!(decode_form(""), Some(Vec::new()));
    for invalid in ["a=%ff", "%80=b", "a=%C3", "a=%ED%A0%80", "a=b&c=%C0%80"] {
        assert_eq!(decode_form(invalid), None, "{invalid}");
    }
}
