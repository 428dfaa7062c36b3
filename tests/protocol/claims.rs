//! Verified claims: the text as it was verified, for the application.

use crate::support::answer;

#[test]
fn keeps_the_text_as_it_was_verified() {
    let text =
        " {\"sub\" : \"u\\u0031\",\"n\":1.0, \"_claim_sources\":{\"x\":{\"endpoint\":\"https://evil.example/\"}}} ";
    let claims = crate::user_info::process(&answer(200, text), "u1").unwrap();
    assert_eq!(claims.as_json(), text);
}

#[test]
fn the_subject_is_the_resolved_string() {
    let claims = crate::user_info::process(&answer(200, r#"{"\u0073ub":"\u00751","name":"x"}"#), "u1").unwrap();
    assert_eq!(claims.subject(), "u1");
}

#[test]
fn members_with_names_of_javascript_are_only_members() {
    let text = r#"{"sub":"u1","__proto__":{"admin":true},"constructor":1,"then":1,"toJSON":1}"#;
    assert_eq!(crate::user_info::process(&answer(200, text), "u1").unwrap().as_json(), text);
}
