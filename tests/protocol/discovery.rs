//! Provider metadata (OpenID Connect Discovery §3 and §4).

use valetkey::{
    error::{Configuration, Platform, Violation},
    protocol::{
        discovery::{from_object, process, request},
        http::Document,
        issuer::Issuer,
        jose::algorithm::Algorithm,
        url::Transport,
    },
};

use crate::support::{
    answer, answer_of_type, assert_refused, assert_refused_about, issuer, metadata, metadata_members, object,
};

const REQUIRED: [&str; 3] = ["authorization_endpoint", "token_endpoint", "jwks_uri"];

const OPTIONAL: [&str; 6] = [
    "userinfo_endpoint",
    "end_session_endpoint",
    "registration_endpoint",
    "revocation_endpoint",
    "check_session_iframe",
    "pushed_authorization_request_endpoint",
];

#[test]
fn asks_below_the_issuer() {
    let request = request(&issuer());
    assert_eq!(request.document, Document::Metadata);
    assert_eq!(request.url, "https://op.example/.well-known/openid-configuration");
    assert!(request.form.is_none() && request.authorization.is_none());
}

#[test]
fn reads_what_is_used() {
    let members = metadata_members().with("authorization_response_iss_parameter_supported", "true");
    let metadata = process(&issuer(), &answer(200, &members.json()), Transport::Secure).unwrap();
    assert_eq!(metadata.issuer, issuer());
    assert_eq!(metadata.authorization_endpoint.as_str(), "https://op.example/authorize");
    assert_eq!(metadata.token_endpoint.as_str(), "https://op.example/token");
    assert_eq!(metadata.jwks_uri.as_str(), "https://op.example/jwks");
    assert_eq!(metadata.userinfo_endpoint.unwrap().as_str(), "https://op.example/userinfo");
    assert_eq!(metadata.end_session_endpoint.unwrap().as_str(), "https://op.example/logout");
    assert!(metadata.issuer_parameter);
    assert_eq!(metadata.id_token_algorithms, [Algorithm::Rs256, Algorithm::Es256]);
}

#[test]
fn optional_members_may_be_missing() {
    let members = [
        "userinfo_endpoint",
        "end_session_endpoint",
        "response_types_supported",
        "id_token_signing_alg_values_supported",
        "code_challenge_methods_supported",
    ];
    let members = members.iter().fold(metadata_members(), |members, name| members.without(name));
    let metadata = metadata(&members).unwrap();
    assert!(metadata.userinfo_endpoint.is_none() && metadata.end_session_endpoint.is_none());
    assert!(!metadata.issuer_parameter);
    assert_eq!(metadata.id_token_algorithms, Algorithm::ALL);
}

/// §4.2; R-124.
#[test]
fn unknown_members_are_ignored() {
    let members =
        metadata_members().with("signed_metadata", "1").with("__proto__", "{}").with("mtls_endpoint_aliases", "[]");
    assert!(metadata(&members).is_ok());
}

/// §4.3: identical, to the letter.
#[test]
fn refuses_the_metadata_of_another_issuer() {
    for claimed in [
        "https://op.example/",
        "https://OP.example",
        "https://op.example:443",
        "http://op.example",
        "https://op.example/tenant",
        "https://op.example.",
        "https://evil.example",
        "https://op.exampl",
        "https://op.example?",
        "https://op.example#",
    ] {
        let refused = metadata(&metadata_members().with("issuer", &format!("\"{claimed}\"")));
        assert_refused_about(refused, Violation::MetadataIssuerMismatch, claimed);
    }
    let long = format!("\"https://{}\"", "a".repeat(5000));
    let error = assert_refused(metadata(&metadata_members().with("issuer", &long)), Violation::MetadataIssuerMismatch);
    assert_eq!(error.detail().unwrap().len(), 200);
}

#[test]
fn refuses_metadata_without_an_issuer() {
    assert_refused_about(metadata(&metadata_members().without("issuer")), Violation::MemberMissing, "issuer");
    for json in ["\"\"", "1", "[\"https://op.example\"]", "{}"] {
        assert_refused_about(metadata(&metadata_members().with("issuer", json)), Violation::MemberInvalid, "issuer");
    }
}

#[test]
fn refuses_two_issuers() {
    let twice = metadata_members().with("\\u0069ssuer", "\"https://evil.example\"").json();
    assert_refused(process(&issuer(), &answer(200, &twice), Transport::Secure), Violation::JsonDuplicateMember);
}

#[test]
fn refuses_metadata_without_a_required_endpoint() {
    for name in REQUIRED {
        assert_refused_about(metadata(&metadata_members().without(name)), Violation::MemberMissing, name);
        assert_refused_about(metadata(&metadata_members().with(name, "null")), Violation::MemberMissing, name);
    }
}

/// R-118: the whole document, also for an endpoint that is not used.
#[test]
fn refuses_metadata_with_an_endpoint_that_is_no_url() {
    for name in REQUIRED.iter().chain(&OPTIONAL) {
        for json in [
            "\"javascript:alert(1)\"",
            "\"data:text/html,x\"",
            "\"blob:https://op.example/x\"",
            "\"//evil.example/\"",
            "\"/authorize\"",
            "\"\"",
            "\"https://op@evil.example/\"",
            "\"https://op.example/../x\"",
            "\"https://op.example\\\\x\"",
            "\" https://op.example/\"",
            "\"https://op.example/#x\"",
            "\"https://op.example/#\"",
            "1",
            "[]",
            "{}",
            "true",
            "[\"https://op.example/\"]",
        ] {
            assert_refused_about(metadata(&metadata_members().with(name, json)), Violation::MemberInvalid, name);
        }
    }
}

#[test]
fn refuses_metadata_with_an_endpoint_over_plain_http() {
    for name in REQUIRED.iter().chain(&OPTIONAL) {
        let members = metadata_members().with(name, "\"http://op.example/x\"");
        assert_refused_about(metadata(&members), Configuration::InsecureHttp, name);
        assert!(from_object(&issuer(), &object(&members.json()), Transport::DangerInsecure).is_ok());
        assert!(metadata(&metadata_members().with(name, "\"http://localhost:8080/x\"")).is_ok());
    }
}

/// RFC 6749 §3.1: a query is kept, but no parameter is sent twice.
#[test]
fn refuses_an_endpoint_with_a_parameter_of_ours() {
    for endpoint in ["authorization_endpoint", "end_session_endpoint"] {
        let with_query =
            |query: &str| metadata(&metadata_members().with(endpoint, &format!("\"https://op.example/x?{query}\"")));
        for query in [
            "state=x",
            "a=b&client_id=evil",
            "Redirect_URI=x",
            "id_token_hint=x",
            "post_logout_redirect_uri=x",
            "nonce",
            "%73tate=x",
            "response_type=token",
            "a=%ff",
            "%ff",
        ] {
            assert_refused_about(with_query(query), Violation::MemberInvalid, endpoint);
        }
        for query in ["", "tenant=x", "a=b&a=c", "a=state", "xstate=1"] {
            assert!(with_query(query).is_ok(), "{query}");
        }
    }
}

#[test]
fn refuses_a_provider_without_the_code_flow() {
    for json in ["[]", "[\"id_token\"]", "[\"code id_token\",\"token\"]", "[\"CODE\"]"] {
        assert_refused(
            metadata(&metadata_members().with("response_types_supported", json)),
            Violation::CodeFlowUnsupported,
        );
    }
    assert!(metadata(&metadata_members().with("response_types_supported", "[\"token\",\"code\"]")).is_ok());
    for json in ["\"code\"", "[1]", "{}", "1"] {
        let refused = metadata(&metadata_members().with("response_types_supported", json));
        assert_refused_about(refused, Violation::MemberInvalid, "response_types_supported");
    }
}

#[test]
fn lists_that_are_not_used_are_lists_all_the_same() {
    for name in ["scopes_supported", "response_modes_supported", "grant_types_supported", "subject_types_supported"] {
        for json in ["\"x\"", "[1]", "{}", "1"] {
            assert_refused_about(metadata(&metadata_members().with(name, json)), Violation::MemberInvalid, name);
        }
        assert!(metadata(&metadata_members().with(name, "[\"x\"]")).is_ok());
    }
}

/// RFC 9700 §4.8.
#[test]
fn refuses_a_provider_that_lists_other_challenge_methods_only() {
    for json in ["[]", "[\"plain\"]", "[\"s256\"]", "[\"S256 \"]"] {
        assert_refused(
            metadata(&metadata_members().with("code_challenge_methods_supported", json)),
            Violation::PkceUnsupported,
        );
    }
    assert!(metadata(&metadata_members().with("code_challenge_methods_supported", "[\"plain\",\"S256\"]")).is_ok());
    for json in ["\"S256\"", "[\"S256\",1]", "{}", "true"] {
        let refused = metadata(&metadata_members().with("code_challenge_methods_supported", json));
        assert_refused_about(refused, Violation::MemberInvalid, "code_challenge_methods_supported");
    }
}

#[test]
fn takes_the_algorithms_that_both_sides_know() {
    for (json, algorithms) in [
        ("[\"none\",\"HS256\",\"PS256\",\"Ed25519\",\"x\"]", &[Algorithm::Ps256, Algorithm::EdDsa][..]),
        ("[]", &[]),
        ("[\"none\",\"HS256\"]", &[]),
        ("[\"rs256\"]", &[]),
        ("null", Algorithm::ALL),
    ] {
        let metadata = metadata(&metadata_members().with("id_token_signing_alg_values_supported", json)).unwrap();
        assert_eq!(metadata.id_token_algorithms, algorithms, "{json}");
    }
    for json in ["\"RS256\"", "[1]", "{}"] {
        let refused = metadata(&metadata_members().with("id_token_signing_alg_values_supported", json));
        assert_refused_about(refused, Violation::MemberInvalid, "id_token_signing_alg_values_supported");
    }
}

/// RFC 9207 §3.
#[test]
fn knows_whether_responses_carry_the_issuer() {
    for (json, expected) in [("true", true), ("false", false), ("null", false)] {
        let members = metadata_members().with("authorization_response_iss_parameter_supported", json);
        assert_eq!(metadata(&members).unwrap().issuer_parameter, expected);
    }
    for json in ["\"true\"", "1", "[]"] {
        let refused = metadata(&metadata_members().with("authorization_response_iss_parameter_supported", json));
        assert_refused_about(refused, Violation::MemberInvalid, "authorization_response_iss_parameter_supported");
    }
}

#[test]
fn refuses_metadata_that_is_not_there() {
    for status in [201, 204, 301, 302, 400, 401, 403, 404, 410] {
        let refused = process(&issuer(), &answer(status, &metadata_members().json()), Transport::Secure);
        assert_refused_about(refused, Violation::MetadataNotFound, &status.to_string());
    }
}

#[test]
fn a_server_that_is_down_is_not_a_violation() {
    for status in [429, 500, 503] {
        let refused = process(&issuer(), &answer(status, &metadata_members().json()), Transport::Secure);
        assert_refused_about(refused, Platform::ServerUnavailable, &status.to_string());
    }
}

#[test]
fn refuses_metadata_of_another_content_type() {
    let refused = process(&issuer(), &answer_of_type("text/html", &metadata_members().json()), Transport::Secure);
    assert_refused_about(refused, Violation::ContentTypeMismatch, "provider metadata");
}

#[test]
fn refuses_metadata_that_is_no_object() {
    assert_refused(process(&issuer(), &answer(200, "[]"), Transport::Secure), Violation::JsonNotAnObject);
    assert_refused(process(&issuer(), &answer(200, "<!doctype html>"), Transport::Secure), Violation::JsonMalformed);
}

#[test]
fn an_insecure_provider_is_taken_on_demand_alone() {
    let insecure = Issuer::parse("http://op.internal", Transport::DangerInsecure).unwrap();
    let members = metadata_members().json().replace("https://op.example", "http://op.internal");
    assert!(process(&insecure, &answer(200, &members), Transport::DangerInsecure).is_ok());
    assert_refused(process(&insecure, &answer(200, &members), Transport::Secure), Configuration::InsecureHttp);
}

/// RFC 9449 §5.1.
#[test]
fn takes_an_algorithm_for_proofs_that_both_sides_know() {
    let announced = |json: &str| metadata(&metadata_members().with("dpop_signing_alg_values_supported", json));
    assert_eq!(metadata(&metadata_members()).unwrap().dpop_algorithm, None);
    assert_eq!(announced(r#"["RS256","ES256"]"#).unwrap().dpop_algorithm, Some(Algorithm::Es256));
    for json in ["[]", "null", r#"["none","HS256","RS256"]"#] {
        assert_eq!(announced(json).unwrap().dpop_algorithm, None, "{json}");
    }
    for json in ["\"ES256\"", "{}", "[1]", "true"] {
        assert_refused_about(announced(json), Violation::MemberInvalid, "dpop_signing_alg_values_supported");
    }
}

/// RFC 9126 §5.
#[test]
fn knows_where_requests_are_pushed_and_whether_they_must_be() {
    let endpoint = "pushed_authorization_request_endpoint";
    let must = "require_pushed_authorization_requests";
    let plain = metadata(&metadata_members()).unwrap();
    assert!(plain.pushed_request_endpoint.is_none() && !plain.pushed_requests_required);
    let members = metadata_members().with(endpoint, "\"https://op.example/par\"");
    let offered = metadata(&members).unwrap();
    assert_eq!(offered.pushed_request_endpoint.unwrap().as_str(), "https://op.example/par");
    assert!(!offered.pushed_requests_required);
    assert!(metadata(&members.with(must, "true")).unwrap().pushed_requests_required);
    assert!(metadata(&metadata_members().with(must, "false")).is_ok());
    assert_refused_about(metadata(&metadata_members().with(must, "true")), Violation::MemberMissing, endpoint);
    assert_refused_about(metadata(&members.with(must, "\"true\"")), Violation::MemberInvalid, must);
}

/// RFC 9101 §10.5: a page has no key to sign with.
#[test]
fn refuses_a_provider_that_takes_signed_requests_only() {
    let required = |json: &str| metadata(&metadata_members().with("require_signed_request_object", json));
    assert_refused(required("true"), Violation::SignedRequestRequired);
    assert!(required("false").is_ok());
    assert_refused_about(required("1"), Violation::MemberInvalid, "require_signed_request_object");
}
