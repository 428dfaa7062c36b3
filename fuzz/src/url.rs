//! URLs, forms, local paths, scopes and issuers, against the `url` crate, which stands for the browser.

use valetkey::{
    config::scope,
    protocol::{
        issuer::Issuer,
        url::{Transport, Url, decode_form, encode_form, is_local_path},
    },
};

use crate::{check_error, check_same, sections};

/// `URL ␞ other URL`
pub fn run(data: &[u8]) {
    let [first, second] = sections(data).map(std::str::from_utf8);
    let (Ok(text), Ok(other)) = (first, second) else {
        return;
    };
    let url = one(text);
    if let (Some(url), Some(other)) = (&url, one(other)) {
        under(url, &other);
    }
    local_path(text);
    form(text);
    match Issuer::parse(text, Transport::Secure) {
        Ok(issuer) => {
            let metadata = Url::parse(&issuer.metadata_url(), Transport::Secure).expect("a URL below the issuer");
            assert_eq!(metadata.origin(), url.expect("an issuer is a URL").origin());
            assert!(metadata.path().ends_with("/.well-known/openid-configuration"));
            assert!(!text.contains(['?', '#']) && issuer.matches(text));
        }
        Err(error) => check_error(&error, &[]),
    }
    if let Ok(scope) = scope(text) {
        assert_eq!(scope, text);
        assert!(scope.split(' ').any(|token| token == "openid") && scope.is_ascii() && !scope.contains("  "));
    }
}

fn one(text: &str) -> Option<Url> {
    let insecure = check_same(|| Url::parse(text, Transport::DangerInsecure)).ok();
    let secure = Url::parse(text, Transport::Secure).ok();
    let Some(url) = &insecure else {
        assert!(secure.is_none(), "{text}");
        return None;
    };
    assert_eq!(url.as_str(), text);
    // Whether the label of a foreign script decodes is left to the browser: it refuses those that do not.
    if !text.to_ascii_lowercase().contains("xn--") {
        let theirs = ::url::Url::parse(text).unwrap_or_else(|error| panic!("{text} is no URL: {error}"));
        assert_eq!(url.origin(), theirs.origin().ascii_serialization(), "{text}");
        assert_eq!(url.path(), theirs.path(), "{text}");
        assert_eq!(url.query(), theirs.query(), "{text}");
        assert_eq!(url.fragment().is_some(), theirs.fragment().is_some(), "{text}");
        assert!(theirs.username().is_empty() && theirs.password().is_none(), "{text}");
        let host = theirs.host_str().unwrap_or_default().to_owned();
        let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str()) || host.ends_with(".localhost");
        assert_eq!(secure.is_some(), theirs.scheme() == "https" || loopback, "{text}");
    }
    insecure
}

fn under(url: &Url, other: &Url) {
    if url.is_under(other) {
        assert_eq!(url.origin(), other.origin());
        let base = other.path().trim_end_matches('/');
        assert!(url.path() == base || url.path().starts_with(&format!("{base}/")), "{url:?} {other:?}");
    }
    assert!(url.is_under(url));
}

fn local_path(text: &str) {
    if is_local_path(text) {
        let base = ::url::Url::parse("https://app.example/deep/page").expect("a URL");
        let joined = base.join(text).expect("a local path");
        assert_eq!(joined.origin(), base.origin(), "{text}");
        assert!(!joined.path().starts_with("//"), "{text}");
    }
}

fn form(text: &str) {
    let theirs = || ::url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
    match decode_form(text) {
        Some(pairs) => {
            assert_eq!(pairs, theirs(), "{text}");
            let form = encode_form(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            assert!(form.bytes().all(|byte| byte.is_ascii_graphic()), "{form}");
            // A pair without name and value is written as `=`.
            assert_eq!(decode_form(&form), Some(pairs), "{form}");
        }
        // What is not UTF-8 is replaced there, and refused here.
        None => assert!(theirs().iter().any(|(name, value)| name.contains('\u{fffd}') || value.contains('\u{fffd}'))),
    }
}
