//! URLs: what is read, and what is under what.

use valetkey::protocol::url::{Transport, Url, UrlError, decimal};

use crate::support::secure;

fn parse(text: &str) -> Result<Url, UrlError> {
    Url::parse(text, Transport::Secure)
}

#[test]
fn takes_a_url_apart() {
    let url = secure("https://op.example:8443/a/b?c=d&e#f?g#h");
    assert_eq!(url.as_str(), "https://op.example:8443/a/b?c=d&e#f?g#h");
    assert_eq!(url.origin(), "https://op.example:8443");
    assert_eq!((url.path(), url.query(), url.fragment()), ("/a/b", Some("c=d&e"), Some("f?g#h")));
    let url = secure("https://op.example");
    assert_eq!((url.path(), url.query(), url.fragment()), ("/", None, None));
    let url = secure("https://op.example?#");
    assert_eq!((url.path(), url.query(), url.fragment()), ("/", Some(""), Some("")));
    let url = secure("https://op.example#a/b?c");
    assert_eq!((url.path(), url.query(), url.fragment()), ("/", None, Some("a/b?c")));
    let url = secure("https://op.example?a?b/c");
    assert_eq!((url.path(), url.query(), url.fragment()), ("/", Some("a?b/c"), None));
}

#[test]
fn an_origin_is_in_lower_case_and_without_its_default_port() {
    for (url, origin) in [
        ("https://OP.Example/A", "https://op.example"),
        ("https://op.example:443/", "https://op.example"),
        ("https://op.example:80/", "https://op.example:80"),
        ("https://op.example:4430/", "https://op.example:4430"),
        ("http://localhost:80/", "http://localhost"),
        ("http://localhost:443/", "http://localhost:443"),
        ("http://[::1]:80", "http://[::1]"),
    ] {
        assert_eq!(secure(url).origin(), origin, "{url}");
    }
}

#[test]
fn refuses_what_is_not_an_absolute_http_url() {
    for text in [
        "",
        "/",
        "op.example",
        "//op.example/",
        "https:",
        "https:/",
        "https://",
        "https:///",
        "https:///op.example",
        "https:op.example",
        "https:/op.example",
        "https:\\\\op.example",
        "ftp://op.example",
        "ws://op.example",
        "wss://op.example",
        "file:///x",
        "javascript:alert(1)",
        "data:text/html,x",
        "blob:https://op.example/x",
        "filesystem:https://op.example/x",
        "HTTPS://op.example/",
        "Https://op.example/",
        " https://op.example/",
        "https ://op.example/",
        "\thttps://op.example/",
        "https://?a",
        "https://#a",
        "https//op.example",
        "view-source:https://op.example",
        "httpss://op.example",
    ] {
        assert_eq!(parse(text), Err(UrlError::Malformed), "{text:?}");
    }
}

#[test]
fn refuses_user_information() {
    for text in [
        "https://user@op.example/",
        "https://user:secret@op.example/",
        "https://@op.example/",
        "https://op.example@evil.example/",
        "https://op.example:443@evil.example/",
        "https://op.example%40evil.example/",
    ] {
        assert_eq!(parse(text), Err(UrlError::Malformed), "{text}");
    }
}

#[test]
fn refuses_a_malformed_authority() {
    for text in [
        "https://:443/",
        "https://op.example:/",
        "https://op.example:x/",
        "https://op.example:+80/",
        "https://op.example:-1/",
        "https://op.example:65536/",
        "https://op.example:99999999999/",
        "https://op.example:80:80/",
        "https://op example/",
        "https://op\texample/",
        "https://op.example\\@evil.example/",
        "https://op%2eexample/",
        "https://öp.example/",
        "https://op.example,evil/",
        "https://[2001:db8::1]/",
        "https://[::1/",
        "https://::1]/",
        "https://[]/",
        "https://[::1]x/",
        "https://[::1%25eth0]/",
        "https://[g::]/",
        "https://op.[::1]/",
        "https://*.example/",
        "https://op.example\u{0}/",
        "https://a|b/",
        "https://a^b/",
        "https://a<b/",
        "https://a;b/",
        "https://a'b/",
    ] {
        assert_eq!(parse(text), Err(UrlError::Malformed), "{text:?}");
    }
    for text in [
        "https://op.example:0/",
        "https://op.example:65535/",
        "https://a-b_c.example/",
        "https://[::1]/",
        "https://[::1]:8443/",
        "https://192.0.2.1/",
        "https://255.255.255.255/",
        "https://3.example/",
        "https://0x1.example/",
        "https://op.1a/",
        "https://op.example./",
        "https://op.example../",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

/// A browser removes or rewrites these, and would contact another URL than was checked.
#[test]
fn refuses_characters_that_a_browser_rewrites() {
    for bad in ["\\", " ", "\t", "\n", "\r", "\u{0}", "\u{7f}", "é", "\"", "<", ">", "^", "`", "{", "}"] {
        let text = format!("https://op.example/a{bad}b");
        assert_eq!(parse(&text), Err(UrlError::Malformed), "{text:?}");
    }
    for bad in [" ", "\t", "\n", "\r", "\u{0}", "\u{7f}", "é", "\"", "<", ">"] {
        let text = format!("https://op.example/a?b{bad}c");
        assert_eq!(parse(&text), Err(UrlError::Malformed), "{text:?}");
    }
    for text in [
        "https://op.example/a?b={}^`|\\",
        "https://op.example/a?b~c",
        "https://op.example/a|b[c]~!$&()*+,;=:@%41%zz%",
        "https://op.example/#é<> \\",
    ] {
        assert!(parse(text).is_ok(), "{text:?}");
    }
}

#[test]
fn refuses_dot_segments() {
    for segment in [".", "..", "%2e", "%2E", "%2e%2e", "%2E%2e", ".%2e", "%2e.", "%2E."] {
        for text in [
            format!("https://op.example/{segment}"),
            format!("https://op.example/a/{segment}/b"),
            format!("https://op.example/{segment}?x"),
            format!("https://op.example/a/{segment}#x"),
        ] {
            assert_eq!(parse(&text), Err(UrlError::Malformed), "{text}");
        }
    }
    for text in [
        "https://op.example/...",
        "https://op.example/.a",
        "https://op.example/a.",
        "https://op.example/..a",
        "https://op.example/%2e%2e%2e",
        "https://op.example/.well-known/x",
        "https://op.example/%2ea",
        "https://op.example/a?/../",
        "https://op.example/#/../",
        "https://op.example/%2f.",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

/// RFC 8252 §7.3 and §8.3.
#[test]
fn takes_plain_http_for_loopback_hosts_alone() {
    for text in [
        "http://localhost/",
        "http://localhost:3000",
        "http://LocalHost/",
        "http://app.localhost/",
        "http://127.0.0.1:8080/",
        "http://[::1]:8080/",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
    for text in [
        "http://op.example/",
        "http://localhost.example/",
        "http://notlocalhost/",
        "http://xlocalhost/",
        "http://127.0.0.1.example/",
        "http://127.0.0.2/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://op.example:443/",
        "http://localhost_/",
    ] {
        assert_eq!(parse(text), Err(UrlError::Insecure), "{text}");
        assert!(Url::parse(text, Transport::DangerInsecure).is_ok(), "{text}");
    }
    assert_eq!(Url::parse("ftp://op.example/", Transport::DangerInsecure), Err(UrlError::Malformed));
    assert_eq!(Url::parse("http://a@op.example/", Transport::DangerInsecure), Err(UrlError::Malformed));
}

#[test]
fn is_under_the_same_origin_and_path_alone() {
    for (resource, inside) in [
        ("https://api.test", "https://api.test/"),
        ("https://api.test/", "https://api.test"),
        ("https://api.test/", "https://api.test/x/y?z#q"),
        ("https://api.test", "https://API.TEST:443/x"),
        ("https://api.test/v1", "https://api.test/v1"),
        ("https://api.test/v1", "https://api.test/v1/"),
        ("https://api.test/v1", "https://api.test/v1?x"),
        ("https://api.test/v1/", "https://api.test/v1/x"),
        ("https://api.test/v1/", "https://api.test/v1"),
        ("http://localhost:3000/", "http://localhost:3000/x"),
    ] {
        assert!(secure(inside).is_under(&secure(resource)), "{inside} is under {resource}");
    }
    for (resource, outside) in [
        ("https://api.test", "https://api.test.evil.test/"),
        ("https://api.test", "https://xapi.test/"),
        ("https://api.test", "https://api.testevil/"),
        ("https://api.test", "https://api.test./"),
        ("https://api.test", "https://evil.test/https://api.test/"),
        ("https://api.test", "https://evil.test/?https://api.test/"),
        ("https://api.test", "https://evil.test/#https://api.test/"),
        ("https://api.test", "https://api.test:8443/"),
        ("https://api.test:8443", "https://api.test/"),
        ("https://localhost", "http://localhost/"),
        ("https://api.test", "https://sub.api.test/"),
        ("https://api.test/v1", "https://api.test/"),
        ("https://api.test/v1", "https://api.test/v10"),
        ("https://api.test/v1", "https://api.test/v1-evil"),
        ("https://api.test/v1", "https://api.test/V1/x"),
        ("https://api.test/v1", "https://api.test/x/v1"),
        ("https://api.test/v1", "https://api.test//v1"),
        ("https://api.test/v1", "https://api.test/%76%31"),
        ("https://api.test/v1", "https://api.test/?/v1/"),
        ("https://api.test/v1", "https://api.test/v1%2fx"),
        ("https://api.test/a/b", "https://api.test/a"),
    ] {
        assert!(!secure(outside).is_under(&secure(resource)), "{outside} is not under {resource}");
    }
}

#[test]
fn a_further_parameter_follows_the_query() {
    for (url, separator) in [
        ("https://a/", Some('?')),
        ("https://a", Some('?')),
        ("https://a/?", None),
        ("https://a/?b", Some('&')),
        ("https://a/?b=c&d", Some('&')),
    ] {
        assert_eq!(secure(url).parameter_separator(), separator, "{url}");
    }
}

#[test]
fn writes_decimal_digits() {
    for number in [0, 1, 9, 10, 99, 100, 1_234_567_890, u64::MAX] {
        assert_eq!(decimal(number), number.to_string());
    }
}

/// Without query and fragment, and as a browser writes it.
#[test]
fn location_is_origin_and_path() {
    for (url, location) in [
        ("https://OP.example:443?x#y", "https://op.example/"),
        ("https://op.example/A/?x=/y", "https://op.example/A/"),
        ("http://localhost:8080/a#b", "http://localhost:8080/a"),
    ] {
        assert_eq!(Url::parse(url, Transport::Secure).unwrap().location(), location);
    }
}
