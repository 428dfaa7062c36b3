//! The Issuer Identifier (OpenID Connect Core §1.2, Discovery §4).

use valetkey::{
    error::Configuration,
    protocol::{issuer::Issuer, url::Transport},
};

use crate::support::{assert_refused, assert_refused_about};

fn parse(text: &str) -> Result<Issuer, valetkey::error::Error> {
    Issuer::parse(text, Transport::Secure)
}

#[test]
fn refuses_an_issuer_that_is_no_url() {
    for text in [
        "",
        "op.example",
        "/op",
        "javascript:alert(1)",
        "ftp://op.example",
        "https://",
        "https://user@op.example",
        "https://op.example/../x",
    ] {
        assert_refused(parse(text), Configuration::IssuerInvalid);
    }
}

#[test]
fn refuses_an_issuer_with_a_query() {
    assert_refused(parse("https://op.example/?a=b"), Configuration::IssuerInvalid);
    assert_refused(parse("https://op.example?"), Configuration::IssuerInvalid);
}

#[test]
fn refuses_an_issuer_with_a_fragment() {
    assert_refused(parse("https://op.example/#a"), Configuration::IssuerInvalid);
    assert_refused(parse("https://op.example#"), Configuration::IssuerInvalid);
}

#[test]
fn refuses_an_issuer_over_plain_http() {
    assert_refused_about(parse("http://op.example"), Configuration::InsecureHttp, "issuer");
    assert!(parse("http://localhost:8080").is_ok());
    assert!(Issuer::parse("http://op.example", Transport::DangerInsecure).is_ok());
}

/// Core §14: code point by code point, never normalised.
#[test]
fn matches_to_the_letter_alone() {
    let issuer = parse("https://op.example/tenant").unwrap();
    assert!(issuer.matches("https://op.example/tenant"));
    for other in [
        "https://op.example/tenant/",
        "https://OP.example/tenant",
        "https://op.example:443/tenant",
        "https://op.example/Tenant",
        "https://op.example/%74enant",
        "https://op.example/tenan",
        "https://op.example",
        "http://op.example/tenant",
        "https://op.example./tenant",
        " https://op.example/tenant",
        "",
        "https://op.example/tenant\0",
    ] {
        assert!(!issuer.matches(other), "{other}");
    }
    assert_eq!(issuer.as_str(), "https://op.example/tenant");
}

/// Discovery §4.1.
#[test]
fn metadata_is_below_the_issuer_without_its_last_slash() {
    for (issuer, url) in [
        ("https://op.example", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/tenant", "https://op.example/tenant/.well-known/openid-configuration"),
        ("https://op.example/tenant/", "https://op.example/tenant/.well-known/openid-configuration"),
        ("https://op.example/tenant//", "https://op.example/tenant//.well-known/openid-configuration"),
    ] {
        assert_eq!(parse(issuer).unwrap().metadata_url(), url);
    }
}
