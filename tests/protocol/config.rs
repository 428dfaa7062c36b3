//! The configuration: every option has its rule.

use valetkey::{
    config::{Config, Dpop, scope},
    error::{Configuration, Error, Violation},
    protocol::{authorization::ResponseMode, time::ClockTolerance, token::Target, url::Transport},
};

use crate::support::{Members, assert_refused, assert_refused_about, metadata_members};

fn options() -> Members {
    Members::new(&[
        ("issuer", "\"https://op.example\""),
        ("clientId", "\"client\""),
        ("redirectUri", "\"https://app.example/callback\""),
    ])
}

fn parse(options: &Members) -> Result<Config, Error> {
    Config::parse(&options.json(), "https://app.example")
}

#[test]
fn three_options_are_enough() {
    let config = parse(&options()).unwrap();
    assert_eq!(config.issuer.as_str(), "https://op.example");
    assert_eq!(config.client_id, "client");
    assert_eq!(config.redirect_uri.as_str(), "https://app.example/callback");
    assert_eq!(config.scope, "openid profile email");
    assert!(config.resources.is_empty() && config.post_logout_redirect_uri.is_none() && config.metadata.is_none());
    assert!(config.stored_transactions);
    assert_eq!(config.clock_tolerance, ClockTolerance::DEFAULT);
    assert_eq!(config.transport, Transport::Secure);
}

#[test]
fn reads_every_option() {
    let config = parse(
        &options()
            .with("scope", "\"openid api:read\"")
            .with("resources", "[\"https://api.example/v1/\",\"https://app.example\"]")
            .with("postLogoutRedirectUri", "\"https://app.example/bye?x=y\"")
            .with("metadata", &metadata_members().json())
            .with("transactions", "\"memory\"")
            .with("clockTolerance", "60")
            .with("dangerAllowInsecureHttp", "true"),
    )
    .unwrap();
    assert_eq!(config.scope, "openid api:read");
    assert_eq!(
        config.resources.iter().map(|resource| resource.url.as_str()).collect::<Vec<_>>(),
        ["https://api.example/v1/", "https://app.example"]
    );
    assert_eq!(config.post_logout_redirect_uri.unwrap().as_str(), "https://app.example/bye?x=y");
    assert_eq!(config.metadata.unwrap().jwks_uri.as_str(), "https://op.example/jwks");
    assert!(!config.stored_transactions);
    assert_eq!(Some(config.clock_tolerance), ClockTolerance::from_seconds(60));
    assert_eq!(config.transport, Transport::DangerInsecure);
}

/// Such as a security setting that would silently do nothing.
#[test]
fn refuses_an_unknown_option() {
    for name in [
        "client_id",
        "clientid",
        "clientSecret",
        "responseType",
        "disableState",
        "isolation",
        "__proto__",
        "",
        "vaultUrl",
    ] {
        for json in ["null", "1", "\"x\""] {
            assert_refused_about(parse(&options().with(name, json)), Configuration::OptionUnknown, name);
        }
    }
}

/// Found by fuzzing: the name was shown whole, however long.
#[test]
fn cuts_the_long_name_of_an_unknown_option() {
    let name = "é".repeat(10_000);
    let error = parse(&options().with(&name, "1")).unwrap_err();
    assert!(error.is(Configuration::OptionUnknown));
    assert_eq!(error.detail(), Some("é".repeat(200).as_str()));
}

#[test]
fn refuses_an_option_of_the_wrong_type() {
    for (name, json) in [
        ("issuer", "1"),
        ("clientId", "[]"),
        ("redirectUri", "{}"),
        ("scope", "[\"openid\"]"),
        ("resources", "\"https://api.example\""),
        ("resources", "[1]"),
        ("resources", "{}"),
        ("postLogoutRedirectUri", "true"),
        ("metadata", "\"x\""),
        ("metadata", "[]"),
        ("transactions", "true"),
        ("transactions", "\"Memory\""),
        ("transactions", "\"\""),
        ("dangerAllowInsecureHttp", "\"true\""),
        ("dangerAllowInsecureHttp", "1"),
        ("dangerAllowInsecureHttp", "0"),
    ] {
        assert_refused_about(parse(&options().with(name, json)), Configuration::OptionInvalid, name);
    }
    assert!(parse(&options().with("transactions", "\"stored\"")).unwrap().stored_transactions);
}

#[test]
fn refuses_a_configuration_that_is_no_object() {
    assert_refused_about(Config::parse("[]", "https://app.example"), Violation::JsonNotAnObject, "configuration");
    assert_refused_about(Config::parse("", "https://app.example"), Violation::JsonMalformed, "configuration");
    assert_refused(parse(&options().with("\\u0069ssuer", "\"https://evil.example\"")), Violation::JsonDuplicateMember);
}

#[test]
fn refuses_a_configuration_without_its_required_options() {
    assert_refused(parse(&options().without("issuer")), Configuration::IssuerInvalid);
    assert_refused(parse(&options().without("clientId")), Configuration::ClientIdInvalid);
    assert_refused(parse(&options().without("redirectUri")), Configuration::RedirectUriInvalid);
    assert_refused(parse(&options().with("issuer", "null")), Configuration::IssuerInvalid);
}

#[test]
fn refuses_an_issuer_that_is_none() {
    for json in [
        "\"\"",
        "\"op.example\"",
        "\"https://op.example/?a\"",
        "\"https://op.example/#a\"",
        "\"https://u@op.example/\"",
    ] {
        assert_refused(parse(&options().with("issuer", json)), Configuration::IssuerInvalid);
    }
}

/// RFC 6749 appendix A.1: visible ASCII and the space.
#[test]
fn refuses_a_client_id_that_is_none() {
    for json in ["\"\"", "\"a\\nb\"", "\"\\u0000\"", "\"\\u007f\"", "\"é\"", "\"\\t\""] {
        assert_refused(parse(&options().with("clientId", json)), Configuration::ClientIdInvalid);
    }
    assert!(parse(&options().with("clientId", "\" my-client.123~!\"")).is_ok());
}

#[test]
fn refuses_a_redirect_uri_that_is_none() {
    for text in [
        "",
        "/callback",
        "callback",
        "https://app.example/#x",
        "https://app.example/#",
        "https://u@app.example/",
        "app://callback",
        "https://app.example/../x",
    ] {
        assert_refused(
            parse(&options().with("redirectUri", &format!("\"{text}\""))),
            Configuration::RedirectUriInvalid,
        );
    }
    assert!(parse(&options().with("redirectUri", "\"https://app.example/?x=y\"")).is_ok());
    assert!(parse(&options().with("redirectUri", "\"https://APP.example:443/\"")).is_ok());
}

#[test]
fn refuses_a_redirect_uri_of_another_origin() {
    for text in [
        "https://evil.example/",
        "https://app.example.evil.example/",
        "https://app.example:8443/",
        "https://sub.app.example/",
        "http://localhost/",
    ] {
        assert_refused(
            parse(&options().with("redirectUri", &format!("\"{text}\""))),
            Configuration::RedirectUriForeign,
        );
    }
    assert_refused(Config::parse(&options().json(), "null"), Configuration::RedirectUriForeign);
    assert_refused(Config::parse(&options().json(), "http://app.example"), Configuration::RedirectUriForeign);
}

#[test]
fn refuses_a_resource_that_is_none() {
    for text in [
        "",
        "/api",
        "*",
        "https://*.example",
        "https://api.example/?x",
        "https://api.example/?",
        "https://api.example/#x",
        "https://u@api.example",
        "wss://api.example",
    ] {
        assert_refused_about(
            parse(&options().with("resources", &format!("[\"{text}\"]"))),
            Configuration::ResourceInvalid,
            text,
        );
    }
    assert_refused(
        parse(&options().with("resources", "[\"https://api.example\",\"x\"]")),
        Configuration::ResourceInvalid,
    );
    assert!(parse(&options().with("resources", "[]")).is_ok());
}

#[test]
fn refuses_a_post_logout_redirect_uri_that_is_none() {
    for text in ["", "/bye", "https://app.example/#x", "https://u@app.example/", "javascript:alert(1)"] {
        let refused = parse(&options().with("postLogoutRedirectUri", &format!("\"{text}\"")));
        assert_refused_about(refused, Configuration::PostLogoutRedirectUriInvalid, text);
    }
}

#[test]
fn refuses_plain_http_unless_it_is_asked_for() {
    for (name, json) in [
        ("issuer", "\"http://op.example\""),
        ("redirectUri", "\"http://app.example/\""),
        ("resources", "[\"http://api.example\"]"),
        ("postLogoutRedirectUri", "\"http://app.example/\""),
    ] {
        assert_refused_about(parse(&options().with(name, json)), Configuration::InsecureHttp, name);
        let asked = options().with(name, json).with("dangerAllowInsecureHttp", "true").json();
        let origin = if name == "redirectUri" { "http://app.example" } else { "https://app.example" };
        assert!(Config::parse(&asked, origin).is_ok(), "{name}");
        assert_refused(
            parse(&options().with(name, json).with("dangerAllowInsecureHttp", "false")),
            Configuration::InsecureHttp,
        );
    }
    let local = options().with("issuer", "\"http://localhost:8080\"").with("redirectUri", "\"http://localhost:3000/\"");
    assert!(Config::parse(&local.json(), "http://localhost:3000").is_ok());
}

#[test]
fn metadata_that_is_given_is_checked_as_if_it_were_fetched() {
    let given = |members: Members| parse(&options().with("metadata", &members.json()));
    assert_refused(
        given(metadata_members().with("issuer", "\"https://op.example/\"")),
        Violation::MetadataIssuerMismatch,
    );
    assert_refused(given(metadata_members().without("jwks_uri")), Violation::MemberMissing);
    assert_refused(
        given(metadata_members().with("token_endpoint", "\"http://op.example/\"")),
        Configuration::InsecureHttp,
    );
    assert_refused(
        given(metadata_members().with("code_challenge_methods_supported", "[\"plain\"]")),
        Violation::PkceUnsupported,
    );
    assert!(parse(&options().with("metadata", "null")).unwrap().metadata.is_none());
}

#[test]
fn refuses_a_clock_tolerance_that_is_none() {
    for json in ["-1", "351", "300000", "1e9", "\"60\"", "true", "[]", "{}"] {
        assert_refused(parse(&options().with("clockTolerance", json)), Configuration::ClockToleranceInvalid);
    }
    for seconds in [0, 350] {
        let config = parse(&options().with("clockTolerance", &seconds.to_string())).unwrap();
        assert_eq!(Some(config.clock_tolerance), ClockTolerance::from_seconds(seconds));
    }
}

/// RFC 6749 §3.3, OpenID Connect Core §3.1.2.1.
#[test]
fn refuses_a_scope_that_is_none() {
    for text in [
        "",
        "profile",
        "OpenID",
        "openidx",
        "openid ",
        " openid",
        "openid  email",
        "openid\temail",
        "openid \"x\"",
        "openid a\\b",
        "openid é",
        "openid\n",
    ] {
        assert_refused(scope(text), Configuration::ScopeInvalid);
    }
    for text in [
        "openid",
        "openid email",
        "email openid",
        "openid https://api.example/read urn:x!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    ] {
        assert_eq!(scope(text).as_deref(), Ok(text));
    }
    assert_refused(parse(&options().with("scope", "\"profile\"")), Configuration::ScopeInvalid);
}

#[test]
fn reads_how_tokens_are_bound_pushed_kept_and_shown() {
    let config = parse(&options()).unwrap();
    assert_eq!((config.dpop, config.response_mode), (Dpop::Auto, ResponseMode::Query));
    assert!(!config.pushed_requests_required && !config.persistent && !config.expose_access_token);
    for (name, expected) in [("auto", Dpop::Auto), ("required", Dpop::Required), ("off", Dpop::Off)] {
        assert_eq!(parse(&options().with("dpop", &format!("\"{name}\""))).unwrap().dpop, expected);
    }
    for (name, expected) in [("auto", false), ("required", true)] {
        assert_eq!(parse(&options().with("par", &format!("\"{name}\""))).unwrap().pushed_requests_required, expected);
    }
    for (name, expected) in [("memory", false), ("dpop", true)] {
        assert_eq!(parse(&options().with("persist", &format!("\"{name}\""))).unwrap().persistent, expected);
    }
    for (json, expected) in [("false", false), ("true", true)] {
        assert_eq!(parse(&options().with("exposeAccessToken", json)).unwrap().expose_access_token, expected);
    }
    for mode in [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::QueryJwt, ResponseMode::FragmentJwt] {
        assert_eq!(
            parse(&options().with("responseMode", &format!("\"{}\"", mode.name()))).unwrap().response_mode,
            mode
        );
    }
}

#[test]
fn refuses_a_choice_that_is_none() {
    for (name, values) in [
        ("dpop", &["\"\"", "\"Required\"", "\"none\"", "true", "1", "[]"][..]),
        ("par", &["\"off\"", "\"\"", "true"]),
        ("persist", &["\"localStorage\"", "\"\"", "true"]),
        (
            "responseMode",
            &["\"\"", "\"form_post\"", "\"jwt\"", "\"web_message\"", "\"form_post.jwt\"", "\"Query\"", "1"],
        ),
        ("exposeAccessToken", &["\"true\"", "1", "{}"]),
    ] {
        for value in values {
            assert_refused_about(parse(&options().with(name, value)), Configuration::OptionInvalid, name);
        }
    }
}

/// RFC 8707 §3: one token for each target, and those that are the same are one.
#[test]
fn resources_are_sorted_by_what_their_tokens_are_for() {
    let config = parse(&options().with(
        "resources",
        r#"["https://a.example",{"url":"https://b.example","scope":"x","resource":"urn:b"},{"url":"https://c.example"},
        {"url":"https://d.example","resource":"urn:b","scope":"x"},{"url":"https://e.example","audience":"e"}]"#,
    ))
    .unwrap();
    let targets: Vec<_> = config.resources.iter().map(|resource| resource.target).collect();
    assert_eq!(targets, [0, 1, 0, 1, 2]);
    let second = Target { scope: Some("x".to_owned()), resource: Some("urn:b".to_owned()), audience: None };
    let third = Target { audience: Some("e".to_owned()), ..Target::default() };
    assert_eq!(config.targets, [Target::default(), second, third]);
    assert_eq!(config.user_info_target, 0);
}

/// UserInfo is at the provider, so a token for a resource is not for it.
#[test]
fn user_info_has_a_target_without_a_resource() {
    let target = |resources: &str| {
        let config = parse(&options().with("resources", resources)).unwrap();
        (config.user_info_target, config.targets.len(), config.targets[config.user_info_target].clone())
    };
    assert_eq!(target("[]"), (0, 1, Target::default()));
    assert_eq!(target(r#"[{"url":"https://a.example","resource":"urn:a"}]"#), (1, 2, Target::default()));
    let (index, count, shared) = target(r#"[{"url":"https://a.example","audience":"a"}]"#);
    assert_eq!((index, count, shared.audience.as_deref()), (0, 1, Some("a")));
    assert_eq!(
        target(r#"[{"url":"https://a.example","resource":"urn:a"},"https://b.example"]"#),
        (1, 2, Target::default())
    );
}

/// RFC 8707 §2: an absolute URI without a fragment; it may have a query, though it should not.
#[test]
fn refuses_a_resource_indicator_that_is_none() {
    let given = |json: &str| {
        parse(&options().with("resources", &format!(r#"[{{"url":"https://api.example","resource":{json}}}]"#)))
    };
    for uri in
        ["https://api.example/", "urn:example:api", "https://api.example/?x=y", "a+b-c.1:x", "https://API.example:443"]
    {
        let config = given(&format!("\"{uri}\"")).unwrap();
        assert_eq!(config.targets[0].resource.as_deref(), Some(uri));
    }
    for uri in [
        "",
        "api",
        "/api",
        "/api:1",
        "//api.example",
        "?a:b",
        ":x",
        "1a:x",
        "ä:x",
        "a b:x",
        "https://api.example/#x",
        "urn:a b",
        "urn:ä",
        "urn:\\n",
    ] {
        assert_refused(given(&format!("\"{uri}\"")), Configuration::ResourceInvalid);
    }
    assert_refused_about(given("7"), Configuration::OptionInvalid, "resource");
}

#[test]
fn refuses_a_resource_with_members_that_are_wrong() {
    let given = |json: &str| parse(&options().with("resources", &format!("[{json}]")));
    assert_refused_about(given(r#"{"url":"https://api.example","x":1}"#), Configuration::OptionUnknown, "x");
    assert_refused_about(given("{}"), Configuration::OptionInvalid, "resources");
    assert_refused_about(given("7"), Configuration::OptionInvalid, "resources");
    assert_refused_about(given(r#"{"url":7}"#), Configuration::OptionInvalid, "url");
    assert_refused_about(
        given(r#"{"url":"https://api.example","audience":7}"#),
        Configuration::OptionInvalid,
        "audience",
    );
    assert_refused_about(
        given(r#"{"url":"https://api.example/?x"}"#),
        Configuration::ResourceInvalid,
        "https://api.example/?x",
    );
    for scope in ["", "a  b", " a", "a\\\"b", "ä"] {
        assert_refused(
            given(&format!(r#"{{"url":"https://api.example","scope":"{scope}"}}"#)),
            Configuration::ScopeInvalid,
        );
    }
    // Nothing of the sign-in's own: `openid` need not be among them.
    assert!(given(r#"{"url":"https://api.example","scope":"a b"}"#).is_ok());
}
