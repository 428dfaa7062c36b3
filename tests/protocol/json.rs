//! The JSON reader: RFC 8259, and what RFC 7515 §4 and RFC 7519 §4 let a reader refuse.

use proptest::prelude::*;
use valetkey::{
    error::Violation,
    protocol::json::{Object, Value, parse, quoted},
};

use crate::support::{assert_refused, assert_refused_about, cases, object, value};

/// The texts of one list of the vectors.
fn texts(list: &str) -> Vec<String> {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/json.json")).unwrap();
    vectors[list].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn accepts_well_formed_texts() {
    for text in texts("well_formed") {
        assert!(parse(text.as_bytes()).is_ok(), "{text:?}");
    }
}

#[test]
fn refuses_malformed_texts() {
    for text in texts("malformed") {
        assert_eq!(parse(text.as_bytes()), Err(Violation::JsonMalformed), "{text:?}");
    }
}

/// RFC 8259 §8.1, RFC 8725 §3.7: overlong forms, surrogates, truncated sequences, UTF-16 and UTF-32.
#[test]
fn refuses_what_is_not_utf_8() {
    let texts: &[&[u8]] = &[
        b"\"\xff\"",
        b"\"\xc0\xaf\"",
        b"\"\xe0\x80\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xc3\"",
        b"\"\xe2\x82",
        b"\x80",
        b"{\"a\xe9\":1}",
        b"\xff\xfe{\0}\0",
        b"\xfe\xff\0{\0}",
        b"{\0}\0",
        b"\0\0\0{\0\0\0}",
    ];
    for text in texts {
        assert_eq!(parse(text), Err(Violation::JsonMalformed), "{text:?}");
    }
}

#[test]
fn resolves_escapes() {
    let text = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\uD83D\\uDE00\\u0000\\ud800\\udc00\\udbff\\udfff\"";
    assert_eq!(value(text), Value::String("\"\\/\u{8}\u{c}\n\r\tAé😀\0\u{10000}\u{10ffff}".to_owned()));
}

#[test]
fn keeps_the_order_and_the_text_of_members() {
    let object = object(r#"{"b":-1.50E+2,"a":[true,null,"x"],"":{}}"#);
    let names: Vec<_> = object.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["b", "a", ""]);
    let Some(Value::Number(number)) = object.member("b") else { panic!("a number") };
    assert_eq!(number.as_str(), "-1.50E+2");
    assert_eq!(object.member("a"), Some(&value(r#"[true,null,"x"]"#)));
    assert_eq!(object.member(""), Some(&value("{}")));
    assert_eq!(object.member("c"), None);
}

/// RFC 7519 §4. Two names are the same after their escapes are resolved (RFC 8259 §8.3), and no other way.
#[test]
fn refuses_duplicate_members() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"a":3}"#,
        r#"{"sub":"x","\u0073ub":"y"}"#,
        r#"{"\u0073ub":"x","s\u0075b":"y"}"#,
        r#"{"":1,"":2}"#,
        r#"{"x":{"a":1,"a":2}}"#,
        r#"[{"a":1},{"a":1,"a":2}]"#,
        r#"{"é":1,"\u00e9":2}"#,
        r#"{"a":null,"a":1}"#,
    ] {
        assert_eq!(parse(text.as_bytes()), Err(Violation::JsonDuplicateMember), "{text}");
    }
    for text in [r#"{"a":1,"A":1}"#, r#"{"a":{"a":{"a":1}}}"#, r#"[{"a":1},{"a":1}]"#, "{\"\u{e9}\":1,\"e\u{301}\":2}"]
    {
        assert!(parse(text.as_bytes()).is_ok(), "{text}");
    }
}

#[test]
fn refuses_nesting_of_more_than_32_levels() {
    let arrays = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(arrays(32).as_bytes()).is_ok());
    assert_eq!(parse(arrays(33).as_bytes()), Err(Violation::JsonTooComplex));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(parse(objects(31).as_bytes()).is_ok());
    assert_eq!(parse(objects(32).as_bytes()), Err(Violation::JsonTooComplex));
    // Long before the end, so that no stack overflows.
    assert_eq!(parse("[".repeat(500_000).as_bytes()), Err(Violation::JsonTooComplex));
    assert_eq!(parse("{\"a\":[".repeat(100_000).as_bytes()), Err(Violation::JsonTooComplex));
}

#[test]
fn counts_depth_and_not_length() {
    assert!(parse(format!("[{}[]]", "[],".repeat(10_000)).as_bytes()).is_ok());
}

#[test]
fn refuses_objects_of_more_than_512_members() {
    let members = |count: usize| {
        let members: Vec<_> = (0..count).map(|index| format!("\"m{index}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(parse(members(512).as_bytes()).is_ok());
    assert_eq!(parse(members(513).as_bytes()), Err(Violation::JsonTooComplex));
}

#[test]
fn a_document_must_be_an_object() {
    for text in ["[]", "null", "1", "\"{}\"", "true", "[{}]"] {
        assert_refused_about(
            Object::parse(text.as_bytes(), "token response"),
            Violation::JsonNotAnObject,
            "token response",
        );
    }
    assert!(Object::parse(b" {} ", "token response").is_ok());
}

#[test]
fn errors_name_the_document() {
    assert_refused_about(Object::parse(b"{", "JWK Set"), Violation::JsonMalformed, "JWK Set");
    assert_refused_about(Object::parse(b"{\"a\":1,\"a\":1}", "JWK Set"), Violation::JsonDuplicateMember, "JWK Set");
    let deep = format!("{{\"a\":{}", "[".repeat(40));
    assert_refused_about(Object::parse(deep.as_bytes(), "JWK Set"), Violation::JsonTooComplex, "JWK Set");
}

/// OpenID Connect Core §2.
#[test]
fn null_counts_as_absent() {
    let object = object(r#"{"a":null}"#);
    assert_eq!(object.member("a"), None);
    assert_eq!(object.string("a"), Ok(None));
    assert_eq!(object.strings("a"), Ok(None));
    assert_eq!(object.boolean("a"), Ok(None));
    assert_eq!(object.seconds("a"), Ok(None));
    assert_refused_about(object.required_string("a"), Violation::MemberMissing, "a");
}

#[test]
fn a_member_of_the_wrong_type_is_never_taken_for_absent() {
    for json in ["1", "true", "\"x\"", "[]", "[\"x\"]", "[1]", "{}"] {
        let object = object(&format!("{{\"a\":{json}}}"));
        let refused = |accepted: bool, is_type: bool| assert_eq!(accepted, is_type, "{json}");
        refused(object.string("a").is_ok(), json == "\"x\"");
        refused(object.required_string("a").is_ok(), json == "\"x\"");
        refused(object.strings("a").is_ok(), json == "[]" || json == "[\"x\"]");
        refused(object.boolean("a").is_ok(), json == "true");
        refused(object.seconds("a").is_ok(), json == "1");
    }
    let object = object(r#"{"a":{}}"#);
    assert_refused_about(object.string("a"), Violation::MemberInvalid, "a");
    assert_refused_about(object.required_string("a"), Violation::MemberInvalid, "a");
    assert_refused_about(object.strings("a"), Violation::MemberInvalid, "a");
    assert_refused_about(object.boolean("a"), Violation::MemberInvalid, "a");
    assert_refused_about(object.seconds("a"), Violation::MemberInvalid, "a");
}

#[test]
fn reads_members_of_the_right_type() {
    let object = object(r#"{"s":"x","l":["x","y"],"b":false,"n":12,"e":""}"#);
    assert_eq!(object.string("s"), Ok(Some("x")));
    assert_eq!(object.string("e"), Ok(Some("")));
    assert_eq!(object.required_string("s"), Ok("x"));
    assert_eq!(object.strings("l"), Ok(Some(vec!["x", "y"])));
    assert_eq!(object.boolean("b"), Ok(Some(false)));
    assert_eq!(object.seconds("n"), Ok(Some(12)));
    assert_eq!(object.string("absent"), Ok(None));
}

#[test]
fn refuses_an_empty_required_string() {
    assert_refused_about(object(r#"{"a":""}"#).required_string("a"), Violation::MemberInvalid, "a");
}

#[test]
fn refuses_a_list_with_anything_but_strings() {
    for json in ["[1]", "[\"x\",null]", "[[\"x\"]]", "[\"x\",{}]", "\"x\""] {
        assert_refused(object(&format!("{{\"a\":{json}}}")).strings("a"), Violation::MemberInvalid);
    }
}

fn seconds(number: &str) -> Option<u64> {
    match value(number) {
        Value::Number(number) => number.seconds(),
        other => panic!("{other:?}"),
    }
}

/// RFC 7519 §2: a `NumericDate` may have a fraction; RFC 8259 §6: and an exponent.
#[test]
fn reads_seconds_in_every_notation() {
    for (number, expected) in [
        ("0", 0),
        ("1", 1),
        ("1700000000", 1_700_000_000),
        ("1700000000.0", 1_700_000_000),
        ("1700000000.999", 1_700_000_000),
        ("0.9", 0),
        ("0.99e2", 99),
        ("1e0", 1),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("1.7e9", 1_700_000_000),
        ("1.7E9", 1_700_000_000),
        ("15e-1", 1),
        ("1500e-2", 15),
        ("1e-1", 0),
        ("1e-32", 0),
        ("123.456e2", 12345),
        ("123.456e3", 123_456),
        ("123.456e4", 1_234_560),
        ("0.0015e3", 1),
        ("0.0015e4", 15),
        ("0e32", 0),
        ("0.0e0", 0),
        ("9007199254740991", (1 << 53) - 1),
        ("9007199254740991.9", (1 << 53) - 1),
        ("900719925474099.1e1", (1 << 53) - 1),
        ("0.00000000000000000001e20", 1),
    ] {
        assert_eq!(seconds(number), Some(expected), "{number}");
    }
}

#[test]
fn refuses_seconds_that_are_negative_or_too_large() {
    for number in [
        "-1",
        "-0",
        "-0.5",
        "-1e3",
        "9007199254740992",
        "9007199254740993",
        "9007199254740992.0",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999",
        "1e16",
        "1e20",
        "1e32",
        "1e33",
        "1e308",
        "1e400",
        "1e-33",
        "1e99999999999999",
        "1e-99999999999999",
        "9.1e15",
        "0.1e17",
    ] {
        assert_eq!(seconds(number), None, "{number}");
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    /// Against exact arithmetic: `digits` with the point moved, cut off.
    #[test]
    fn seconds_are_the_integer_part(integer in 0u64..1_000_000_000, fraction in "[0-9]{0,6}", exponent in -12i32..=6) {
        let point = if fraction.is_empty() { "" } else { "." };
        let text = format!("{integer}{point}{fraction}e{exponent}");
        let digits: u128 = format!("{integer}{fraction}").parse().unwrap();
        let shift = exponent - i32::try_from(fraction.len()).unwrap();
        let power = 10u128.pow(shift.unsigned_abs());
        let expected = if shift < 0 { digits / power } else { digits * power };
        let expected = u64::try_from(expected).ok().filter(|seconds| *seconds < 1 << 53);
        prop_assert_eq!(seconds(&text), expected, "{}", text);
    }

    #[test]
    fn never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }
}

/// RFC 8259 §7: what must be escaped, and nothing else.
#[test]
fn writes_strings_with_their_escapes() {
    for (text, json) in [
        ("", r#""""#),
        ("a\"b\\c/", r#""a\"b\\c/""#),
        ("\u{0}\u{1}\t\n\u{f}\u{10}\u{1f}", r#""\u0000\u0001\u0009\u000a\u000f\u0010\u001f""#),
        ("\u{7f}ä\u{2028}😀", "\"\u{7f}ä\u{2028}😀\""),
    ] {
        assert_eq!(quoted(text), json);
        assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
    }
}

#[test]
fn writes_values_without_white_space() {
    for json in ["null", "true", "false", "-0.50e+1", "[]", "{}", "[[],{}]", r#"{"a":[1,null],"b":{"c":""}}"#] {
        assert_eq!(value(json).to_json(), json);
    }
    assert_eq!(value(" { \"a\" : [ 1 , 2 ] } ").to_json(), r#"{"a":[1,2]}"#);
}
