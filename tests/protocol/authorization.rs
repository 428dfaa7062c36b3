//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).

use valetkey::protocol::{
    authorization::{self, AuthorizationRequest, ENTROPY, Nonce, Prompting, ResponseMode, State, is_reserved},
    pkce::CodeVerifier,
    token::Target,
};

use crate::support::{metadata, metadata_members};

/// The URL of a request to this endpoint.
fn url(endpoint: &str, prompting: &Prompting) -> String {
    let members = metadata_members().with("authorization_endpoint", &format!("\"{endpoint}\""));
    let verifier = CodeVerifier::restore("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()).unwrap();
    let (state, nonce, challenge) =
        (State::from_random("T", &[0; ENTROPY]), Nonce::from_random(&[0xff; ENTROPY]), verifier.challenge());
    let request = AuthorizationRequest {
        client_id: "my client",
        redirect_uri: "https://app.example/?a=b",
        scope: "openid profile",
        state: &state,
        nonce: &nonce,
        challenge: &challenge,
        response_mode: ResponseMode::Query,
        key: None,
        targets: &[],
        prompting,
    };
    authorization::url(&metadata(&members).unwrap().authorization_endpoint, &request.parameters())
}

const PARAMETERS: &str = "response_type=code&client_id=my%20client&redirect_uri=https%3A%2F%2Fapp.example%2F%3Fa%3Db\
    &scope=openid%20profile&state=vk_TAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&nonce=__________________________________________8\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

#[test]
fn asks_for_a_code_with_state_nonce_and_challenge() {
    assert_eq!(
        url("https://op.example/authorize", &Prompting::default()),
        format!("https://op.example/authorize?{PARAMETERS}")
    );
}

/// RFC 6749 §3.1.
#[test]
fn keeps_the_query_of_the_endpoint() {
    let url = |endpoint| url(endpoint, &Prompting::default());
    assert_eq!(url("https://op.example/a?t=%20x"), format!("https://op.example/a?t=%20x&{PARAMETERS}"));
    assert_eq!(url("https://op.example/a?"), format!("https://op.example/a?{PARAMETERS}"));
    assert_eq!(url("https://op.example"), format!("https://op.example?{PARAMETERS}"));
}

#[test]
fn sends_what_a_sign_in_asks_for() {
    let prompting = Prompting {
        prompt: Some("login consent".to_owned()),
        max_age: Some(0),
        acr_values: Some("gold 2".to_owned()),
        login_hint: Some("ü&x=y".to_owned()),
        ui_locales: Some("de-AT en".to_owned()),
        extra: vec![("audience".to_owned(), "https://api.example".to_owned()), ("x y".to_owned(), String::new())],
        ..Prompting::default()
    };
    let expected = "&prompt=login%20consent&max_age=0&acr_values=gold%202&login_hint=%C3%BC%26x%3Dy&ui_locales=de-AT%20en\
        &audience=https%3A%2F%2Fapi.example&x%20y=";
    assert_eq!(url("https://op.example/a", &prompting), format!("https://op.example/a?{PARAMETERS}{expected}"));
}

/// R-019: other libraries drop the zero.
#[test]
fn sends_max_age_in_seconds() {
    let url = url("https://op.example/a", &Prompting { max_age: Some(86_400), ..Prompting::default() });
    assert!(url.ends_with("&max_age=86400"), "{url}");
}

#[test]
fn parameters_of_ours_are_reserved_in_any_case() {
    for name in [
        "acr_values",
        "authorization_details",
        "claims",
        "client_id",
        "client_secret",
        "code_challenge",
        "code_challenge_method",
        "dpop_jkt",
        "id_token_hint",
        "login_hint",
        "max_age",
        "nonce",
        "prompt",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "scope",
        "state",
        "ui_locales",
    ] {
        assert!(is_reserved(name), "{name}");
        assert!(is_reserved(&name.to_uppercase()), "{name}");
        assert!(!is_reserved(&format!("{name}_")), "{name}_");
    }
    for name in ["", "audience", "resource", "claim", "display", "kc_idp_hint", "hd", "states"] {
        assert!(!is_reserved(name), "{name}");
    }
}

#[test]
fn recognises_a_state_of_its_own() {
    let state = State::from_random("Tag", &[9; ENTROPY]);
    assert!(state.as_str().starts_with("vk_Tag"));
    assert_eq!(State::recognise("Tag", state.as_str()), Some(state.clone()));
    assert_ne!(State::from_random("Tag", &[8; ENTROPY]), state);
    // Made of `_` and of `-`: base64url has both.
    for bytes in [[0xff; ENTROPY], std::array::from_fn(|index| [0xfb, 0xef, 0xbe][index % 3])] {
        let state = State::from_random("Tag", &bytes);
        assert_eq!(State::recognise("Tag", state.as_str()), Some(state));
    }
}

/// A page may hold other clients, whose callbacks are left alone.
#[test]
fn recognises_no_state_of_others() {
    let random = "A".repeat(43);
    for text in [
        String::new(),
        "xyz".to_owned(),
        random.clone(),
        format!("vk_{random}"),
        format!("vk_Oth{random}"),
        format!("VK_Tag{random}"),
        format!("vk_tag{random}"),
        format!("vo_Tag{random}"),
        format!("vk_Tag{}", "A".repeat(42)),
        format!("vk_Tag{}", "A".repeat(44)),
        format!("vk_Tag{}=", "A".repeat(42)),
        format!("vk_Tag{}+", "A".repeat(42)),
        format!("vk_Tag{}/", "A".repeat(42)),
        format!("vk_Tag{} ", "A".repeat(42)),
        format!("vk_Tag{}\0", "A".repeat(42)),
        format!(" vk_Tag{random}"),
        format!("vk_Tag{}é", "A".repeat(41)),
        "__proto__".to_owned(),
    ] {
        assert_eq!(State::recognise("Tag", &text), None, "{text}");
    }
}

#[test]
fn a_nonce_is_the_base64url_of_its_bytes_and_equals_itself_alone() {
    let nonce = Nonce::from_random(&[0; ENTROPY]);
    assert_eq!(nonce.expose(), "A".repeat(43));
    assert!(nonce.equals(&"A".repeat(43)));
    assert!(!nonce.equals(&"A".repeat(42)) && !nonce.equals("") && !nonce.equals(&"a".repeat(43)));
    assert!(!format!("{nonce:?}").contains("AAA"));
    assert!(Nonce::restore("x".to_owned()).equals("x"));
}

/// Names and values of a request with these peculiarities.
fn parameters(
    response_mode: ResponseMode,
    key: Option<&str>,
    targets: &[Target],
    prompting: &Prompting,
) -> Vec<(String, String)> {
    let verifier = CodeVerifier::restore("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()).unwrap();
    let (state, nonce, challenge) =
        (State::from_random("T", &[0; ENTROPY]), Nonce::from_random(&[0xff; ENTROPY]), verifier.challenge());
    let request = AuthorizationRequest {
        client_id: "client",
        redirect_uri: "https://app.example/",
        scope: "openid",
        state: &state,
        nonce: &nonce,
        challenge: &challenge,
        response_mode,
        key,
        targets,
        prompting,
    };
    // Those that every request has are compared above.
    request.parameters().into_iter().skip(8).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Multiple Response Types §2.1, JARM §2.3, RFC 9449 §10.
#[test]
fn sends_mode_and_key_where_there_are_any() {
    let none = Prompting::default();
    assert_eq!(parameters(ResponseMode::Query, None, &[], &none), []);
    for (mode, name) in [
        (ResponseMode::Fragment, "fragment"),
        (ResponseMode::QueryJwt, "query.jwt"),
        (ResponseMode::FragmentJwt, "fragment.jwt"),
    ] {
        let expected = pairs(&[("response_mode", name), ("dpop_jkt", "thumb")]);
        assert_eq!(parameters(mode, Some("thumb"), &[], &none), expected);
    }
}

/// RFC 8707 §2.1: each resource once; the audience of the token that the code is exchanged for.
#[test]
fn names_every_resource_once_and_the_first_audience() {
    let target = |resource: Option<&str>, audience: Option<&str>| Target {
        scope: Some("not-here".to_owned()),
        resource: resource.map(ToOwned::to_owned),
        audience: audience.map(ToOwned::to_owned),
    };
    let none = Prompting::default();
    let sent = |targets: &[Target]| parameters(ResponseMode::Query, None, targets, &none);
    let targets = [target(Some("urn:a"), Some("x")), target(Some("urn:b"), Some("y")), target(Some("urn:a"), None)];
    assert_eq!(sent(&targets), pairs(&[("audience", "x"), ("resource", "urn:a"), ("resource", "urn:b")]));
    assert_eq!(sent(&[target(None, None), target(None, Some("y"))]), []);
}

/// OpenID Connect Core §5.5, RFC 9396 §2; what is the application's own comes last.
#[test]
fn sends_claims_details_and_hint() {
    let prompting = Prompting {
        claims: Some(r#"{"id_token":{}}"#.to_owned()),
        authorization_details: Some(r#"[{"type":"x"}]"#.to_owned()),
        id_token_hint: Some(crate::support::secret("a.b.c")),
        extra: vec![("hd".to_owned(), "x".to_owned())],
        ..Prompting::default()
    };
    let expected = pairs(&[
        ("claims", r#"{"id_token":{}}"#),
        ("authorization_details", r#"[{"type":"x"}]"#),
        ("id_token_hint", "a.b.c"),
        ("hd", "x"),
    ]);
    assert_eq!(parameters(ResponseMode::Query, None, &[], &prompting), expected);
    assert!(!format!("{prompting:?}").contains("a.b.c"), "the hint is not shown");
}

#[test]
fn response_modes_are_known_by_name() {
    for (name, fragment, signed) in
        [("query", false, false), ("fragment", true, false), ("query.jwt", false, true), ("fragment.jwt", true, true)]
    {
        let mode = ResponseMode::from_name(name).unwrap();
        assert_eq!((mode.name(), mode.is_fragment(), mode.is_signed()), (name, fragment, signed));
    }
    for name in ["", "jwt", "Query", "form_post", "form_post.jwt", "web_message"] {
        assert_eq!(ResponseMode::from_name(name), None, "{name}");
    }
    assert_eq!(ResponseMode::default(), ResponseMode::Query);
}
