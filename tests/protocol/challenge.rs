//! What a resource says of a credential it refuses (RFC 9110 §11.6.1, RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3).

use proptest::prelude::*;
use valetkey::protocol::challenge::Challenge;

use crate::support::cases;

fn bearer(header: &str) -> Option<Challenge> {
    Challenge::read(header, "Bearer")
}

fn error(header: &str, scheme: &str) -> Option<String> {
    Challenge::read(header, scheme).and_then(|challenge| challenge.error)
}

fn said(error: &str) -> Challenge {
    Challenge { error: Some(error.to_owned()), ..Challenge::default() }
}

/// RFC 6750 §3, RFC 9449 §7.1 and §9, RFC 9470 §3.
#[test]
fn reads_the_examples_of_the_specifications() {
    let expired =
        "Bearer realm=\"example\",\n error=\"invalid_token\",\n error_description=\"The access token expired\""
            .replace('\n', "");
    assert_eq!(bearer(&expired), Some(said("invalid_token")));
    let bound = "DPoP error=\"invalid_token\", error_description=\"Invalid DPoP key binding\", algs=\"ES256\"";
    assert_eq!(Challenge::read(bound, "DPoP"), Some(said("invalid_token")));
    let nonce = "DPoP error=\"use_dpop_nonce\", error_description=\"Resource server requires nonce in DPoP proof\"";
    assert!(Challenge::read(nonce, "DPoP").unwrap().says(Challenge::USE_DPOP_NONCE));
    let stronger = "Bearer error=\"insufficient_user_authentication\", \
        error_description=\"A different authentication level is required\", acr_values=\"myACR\"";
    let expected = Challenge { acr_values: Some("myACR".into()), ..said("insufficient_user_authentication") };
    assert_eq!(bearer(stronger), Some(expected));
    let fresher = "Bearer error=\"insufficient_user_authentication\", \
        error_description=\"More recent authentication is required\", max_age=\"5\"";
    let expected = Challenge { max_age: Some(5), ..said("insufficient_user_authentication") };
    assert_eq!(bearer(fresher), Some(expected));
    // RFC 6750 §3: nothing is wrong but that there was no token; RFC 9449 §7.2: the same for two schemes.
    assert_eq!(bearer("Bearer realm=\"example\""), None);
    assert_eq!(bearer("Bearer, DPoP algs=\"ES256 PS256\""), None);
}

#[test]
fn schemes_and_names_are_compared_without_case() {
    assert_eq!(error("bEARER ERROR=x", "Bearer").as_deref(), Some("x"));
    assert_eq!(error("dPoP Error=x", "DPoP").as_deref(), Some("x"));
    assert_eq!(error("Bearers error=x", "Bearer"), None);
}

/// Of several the one of the scheme that was used; a server that knows bearer tokens only speaks of those.
#[test]
fn challenge_for_the_scheme_that_was_used_counts() {
    let both = "Basic realm=\"x\", Bearer error=\"a\", DPoP error=\"b\"";
    assert_eq!(error(both, "DPoP").as_deref(), Some("b"));
    assert_eq!(error(both, "Bearer").as_deref(), Some("a"));
    assert_eq!(error("Bearer error=a", "DPoP").as_deref(), Some("a"));
    assert_eq!(error("DPoP error=a", "Bearer"), None);
    assert_eq!(error("Basic error=a", "Bearer"), None);
    assert_eq!(
        error("Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Bearer error=a", "Bearer").as_deref(),
        Some("a")
    );
}

/// The first that says what is wrong: others tell how to come by a token.
#[test]
fn challenge_that_says_what_is_wrong_counts() {
    assert_eq!(error("Bearer realm=x, Bearer error=a, Bearer error=b", "Bearer").as_deref(), Some("a"));
    assert_eq!(error("DPoP algs=\"ES256\", Bearer error=a", "DPoP").as_deref(), Some("a"));
}

/// RFC 9110 §5.6.4.
#[test]
fn quoted_strings_have_their_escapes_undone() {
    let scope = |value: &str| bearer(&format!("Bearer error=x, scope={value}")).unwrap().scope;
    assert_eq!(scope(r#""a b""#).as_deref(), Some("a b"));
    assert_eq!(scope(r#""a\"b\\c\d""#).as_deref(), Some(r#"a"b\cd"#));
    assert_eq!(scope(r#""a, DPoP error=y""#).as_deref(), Some("a, DPoP error=y"));
    assert_eq!(scope("a").as_deref(), Some("a"));
    // What is empty or not printable ASCII says nothing.
    for value in [r#""""#, "\"ä\"", "\"a\tb\"", "\"a\u{7f}\""] {
        assert_eq!(scope(value), None, "{value}");
    }
}

/// RFC 9110 §11.2: `BWS` around the sign, empty elements in lists.
#[test]
fn white_space_and_empty_elements_are_skipped() {
    for header in [
        "Bearer error=x",
        "Bearer  error = \"x\" ",
        "\tBearer\terror\t=\tx",
        ", ,Bearer error=x,,",
        "Bearer realm=y , error=x",
        "Bearer realm=y,,error=x",
        "Bearer error=x, ,Basic",
    ] {
        assert_eq!(error(header, "Bearer").as_deref(), Some("x"), "{header}");
    }
}

/// RFC 9110 §11.2: `token68`, in place of parameters.
#[test]
fn credentials_of_other_schemes_are_passed_over() {
    for header in [
        "Negotiate, Bearer error=x",
        "Negotiate YWJj, Bearer error=x",
        "Negotiate YWJj==, Bearer error=x",
        "Negotiate a-._~+/=,Bearer error=x",
        "Bearer error=x, Negotiate YWJj==",
    ] {
        assert_eq!(error(header, "Bearer").as_deref(), Some("x"), "{header}");
    }
}

/// R-152: a header that is malformed says nothing.
#[test]
fn malformed_headers_say_nothing() {
    for header in [
        "",
        " ",
        ",",
        "Bearer",
        "error=x",
        "=x",
        "Bearer error=x, error=x",
        "Bearer error=x, ERROR=y",
        "Bearer scope=a, error=x, scope=b",
        "Bearer error=\"x",
        "Bearer error=\"x\\",
        "Bearer error=\"x\\\"",
        "Bearer error=x\"",
        "Bearer error=",
        "Bearer error=,",
        "Bearer error=x y=z",
        "Bearer error=\"x\" y=z",
        "Bearer error=\"x\"y=z",
        "Bearer error=x Basic realm=y",
        "Basic Digest Bearer error=x",
        "Negotiate/YWJj==, Bearer error=x",
        "Negotiate/, Bearer error=x",
        "Bearer (error=x)",
        "Bearer error=x; y=z",
        "Bearer \"error\"=x",
        "Béarer error=x",
        "Bearer errör=x",
        "Bearer error=x\n",
    ] {
        assert_eq!(bearer(header), None, "{header:?}");
    }
    // The same name in two challenges is none twice.
    assert_eq!(error("Basic error=y, Bearer error=x", "Bearer").as_deref(), Some("x"));
}

/// RFC 9470 §3, attack P-11: a non-negative integer, as token or quoted string, that a sign-in can ask for.
#[test]
fn max_age_is_a_number_of_seconds() {
    let max_age = |value: &str| bearer(&format!("Bearer error=x, max_age={value}")).unwrap().max_age;
    for (value, expected) in [("0", 0), ("5", 5), ("\"5\"", 5), ("007", 7), ("999999999", 999_999_999)] {
        assert_eq!(max_age(value), Some(expected), "{value}");
    }
    for value in
        ["-1", "+1", "1.5", "1e9", "abc", "\"\"", "\" 5\"", "0x5", "1000000000", "18446744073709551617", "\"5\u{660}\""]
    {
        assert_eq!(max_age(value), None, "{value}");
    }
}

#[test]
fn only_what_the_user_can_do_something_about_is_for_the_user() {
    for (error, expected) in [
        ("insufficient_user_authentication", true),
        ("insufficient_scope", true),
        ("invalid_token", false),
        ("use_dpop_nonce", false),
        ("Insufficient_scope", false),
        ("", false),
    ] {
        assert_eq!(said(error).is_for_user(), expected, "{error}");
    }
    assert!(!Challenge::default().is_for_user());
}

/// What is longer than 8 KB is no server's.
#[test]
fn header_that_is_too_long_says_nothing() {
    let header = |length: usize| format!("Bearer error=x, y={}", "z".repeat(length - 18));
    assert_eq!(header(8192).len(), 8192);
    assert_eq!(error(&header(8192), "Bearer").as_deref(), Some("x"));
    assert_eq!(error(&header(8193), "Bearer"), None);
}

proptest! {
    #![proptest_config(cases(512))]

    /// Whatever the parameters are, they come back as they were.
    #[test]
    fn parameters_come_back(scope in "[ -~]{1,40}", acr in "[ -~]{1,40}", age in 0..1_000_000_000_u64, space in "[ \t]{0,3}") {
        let quoted = |value: &str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
        let header = format!(
            "Basic realm=\"x\"{space},{space}Bearer max_age{space}={space}{age}{space},scope={},{space}acr_values={}, error=y",
            quoted(&scope), quoted(&acr)
        );
        let expected = Challenge { error: Some("y".into()), scope: Some(scope), acr_values: Some(acr), max_age: Some(age) };
        prop_assert_eq!(bearer(&header), Some(expected));
    }

    #[test]
    fn anything_is_read_without_panic(header in "\\PC{0,80}", scheme in "[A-Za-z]{0,6}") {
        let _ = Challenge::read(&header, &scheme);
    }

    /// What looks like a header, most of it wrong: no value that is told has anything in it that a page could not show.
    #[test]
    fn what_is_told_is_printable(header in "(Bearer |DPoP |error|scope|max_age|=|\"|\\\\|,| |a|ä|1){0,24}") {
        if let Some(challenge) = bearer(&header) {
            for text in [challenge.error, challenge.scope, challenge.acr_values].into_iter().flatten() {
                prop_assert!(!text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{text:?}");
            }
        }
    }
}
