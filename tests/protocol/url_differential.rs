//! URLs against the `url` crate, which stands for the browser (WHATWG URL): what is checked must be what is contacted.

use proptest::{collection, prelude::*};
use valetkey::protocol::url::{Transport, Url, decode_form, encode_form, is_local_path};

use crate::support::cases;

/// The list of return targets that other libraries were tricked with.
const HOSTILE_TARGETS: &[&str] = &[
    "",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\tjavascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "blob:https://app.test/x",
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "/\\evil.test",
    "\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "https:evil.test",
    "https:/evil.test",
    "http://evil.test",
    "https://evil.test/",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r\n/evil.test",
    "\t//evil.test",
    "/ /evil.test",
    "/..//evil.test",
    "/.//evil.test",
    "/x/..//evil.test",
    "/%2e//evil.test",
    "/%2e%2e//evil.test",
    "/x/.%2E//evil.test",
    "https://app.test@evil.test",
    "https://app.test.evil.test",
    " //evil.test",
    "\u{0}//evil.test",
    "?next=//evil.test",
    "#x",
    "x",
    "./x",
    "../x",
    "/é",
    "/a b",
    "/a\u{7f}",
    "/a\\b",
    "/a?b\\c",
    "/a/.",
    "/a/..",
];

#[test]
fn a_local_path_names_no_host() {
    for target in HOSTILE_TARGETS {
        assert!(!is_local_path(target), "{target:?}");
    }
    let base = ::url::Url::parse("https://app.test/deep/page").unwrap();
    for target in [
        "/",
        "/a",
        "/a/",
        "/a/b?c=//d#e/../f",
        "/a//b",
        "/%09/evil.test",
        "/%2f%2fevil.test",
        "/?next=https://evil.test",
        "/#//evil.test",
        "/@evil.test",
        "/:80",
        "/?/../x",
        "/a#/../x",
        "/...",
        "/a%5cb",
    ] {
        assert!(is_local_path(target), "{target:?}");
        assert_eq!(base.join(target).unwrap().origin(), base.origin(), "{target:?}");
    }
}

/// Whatever we read, a browser reads alike, as far as origin, path and query go.
fn assert_read_alike(text: &str) -> Result<(), TestCaseError> {
    if let Ok(ours) = Url::parse(text, Transport::DangerInsecure) {
        let theirs = ::url::Url::parse(text);
        prop_assert!(theirs.is_ok(), "{text} is no URL: {theirs:?}");
        let theirs = theirs.unwrap();
        prop_assert_eq!(ours.origin(), theirs.origin().ascii_serialization(), "{}", text);
        prop_assert_eq!(ours.path(), theirs.path(), "{}", text);
        prop_assert_eq!(ours.query(), theirs.query(), "{}", text);
        prop_assert_eq!(ours.fragment().is_some(), theirs.fragment().is_some(), "{}", text);
    }
    Ok(())
}

/// One URL of each host form that a browser rewrites or refuses: numbers that are IPv4 addresses, IPv6 addresses not in
/// their shortest form, ports with leading zeros.
#[test]
fn refuses_authorities_that_a_browser_rewrites() {
    let differences: Vec<_> = [
        "127.1",
        "0x7f.0.0.1",
        "a.0X7F",
        "a.0x7f",
        "0177.0.0.1",
        "2130706433",
        "127.0.0.1.",
        "1.2.3.256",
        "a.1",
        "1.2.3.4.5",
        "[0:0:0:0:0:0:0:1]",
        "[::0]",
        "[::::]",
        "[1]",
        "[::1.2.3.4]",
        "[2001:DB8:0::1]",
        "[.]",
        "op.example:0443",
        "op.example:08443",
    ]
    .into_iter()
    .filter_map(|authority| assert_read_alike(&format!("https://{authority}/")).err())
    .map(|difference| difference.to_string())
    .collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn refuses_an_apostrophe_in_a_query_which_a_browser_encodes() {
    let alike = assert_read_alike("https://op.example/?a='");
    assert!(alike.is_ok(), "{}", alike.unwrap_err());
}

/// Whether the label of a foreign script decodes (`xn--`) is left to the browser: it refuses those that do not.
fn authority() -> impl Strategy<Value = String> {
    let name = "([A-Za-z0-9_-]{1,5}\\.){0,2}[A-Za-z0-9_-]{1,5}\\.?";
    let number = "((0[xX])?[0-9a-fA-F]{0,3}\\.){0,4}(0[xX])?[0-9a-f]{0,4}\\.?";
    let address = "([0-9]{1,3}\\.){3}[0-9]{1,3}";
    let bracketed = "\\[[0-9a-f:.]{0,8}\\]";
    (
        prop_oneof![name, number, address, bracketed],
        prop_oneof![Just(String::new()), "(:[0-9]{0,6})?", "[:@\\\\%0-9.]{0,3}"],
    )
        .prop_map(|(host, port)| format!("{host}{port}"))
        .prop_filter("punycode", |authority| !authority.to_ascii_lowercase().contains("xn--"))
}

proptest! {
    #![proptest_config(cases(8000))]

    #[test]
    fn a_browser_reads_every_accepted_url_alike(
        scheme in "https?://",
        authority in authority(),
        path in "(/[a-zA-Z0-9%2eE.~!$&()*+,;=:@\\[\\]|\\\\^` \t<>{}\"-]{0,6}){0,3}",
        query in "(\\?[a-z0-9%&=+/?.\\\\^`{}|:@\\[\\] \"<>\\t]{0,8})?",
        fragment in "(#[ -~]{0,6})?",
    ) {
        assert_read_alike(&format!("{scheme}{authority}{path}{query}{fragment}"))?;
    }

    #[test]
    fn a_local_path_stays_on_the_origin(target in "[/\\\\.%2eEfF a:?#@\t\n-]{0,10}") {
        if is_local_path(&target) {
            let base = ::url::Url::parse("https://app.test/deep/page").unwrap();
            let joined = base.join(&target).unwrap();
            prop_assert_eq!(joined.origin(), base.origin());
            prop_assert!(!joined.path().starts_with("//"));
        }
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn never_panics_on_any_text(text in any::<String>()) {
        let _ = (Url::parse(&text, Transport::Secure), Url::parse(&format!("https://{text}"), Transport::Secure));
        let _ = (is_local_path(&text), decode_form(&text));
    }

    #[test]
    fn a_form_is_decoded_as_it_was_encoded(pairs in collection::vec((any::<String>(), any::<String>()), 0..5)) {
        let form = encode_form(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        prop_assert!(form.bytes().all(|byte| byte.is_ascii_graphic()));
        let theirs: Vec<(String, String)> = ::url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        prop_assert_eq!(&theirs, &pairs);
        prop_assert_eq!(decode_form(&form), Some(pairs));
    }

    #[test]
    fn a_form_is_decoded_as_a_browser_does(form in "[a-f0-9%&=+ ]{0,20}") {
        if let Some(ours) = decode_form(&form) {
            let theirs: Vec<(String, String)> = ::url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
