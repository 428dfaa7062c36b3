//! What is written is read back as it was.

use proptest::{collection, prelude::*};
use valetkey::protocol::{
    authorization::{self, AuthorizationRequest, CallbackParameters, ENTROPY, Nonce, Prompting, ResponseMode, State},
    jose::base64url,
    json::{Value, parse},
    logout::LogoutState,
    pkce::CodeVerifier,
    url::{Transport, Url, decimal, decode_form},
};

use crate::support::{cases, metadata, metadata_members};

/// A JSON string, each character written plainly, by its short escape, or by its code, as `how` says.
fn written(text: &str, how: &[u8]) -> String {
    let mut written = String::from('"');
    for (index, character) in text.chars().enumerate() {
        let short = match character {
            '"' | '\\' | '/' => Some(character),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        let must_be_escaped = character < ' ' || matches!(character, '"' | '\\');
        match (how[index % how.len()] % 4, short) {
            (0 | 1, _) if !must_be_escaped => written.push(character),
            (2, Some(short)) => written.extend(['\\', short]),
            (how, _) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let (lower, upper) = (format!("\\u{unit:04x}"), format!("\\u{unit:04X}"));
                    written.push_str(if how == 3 { &upper } else { &lower });
                }
            }
        }
    }
    written + "\""
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn bytes_come_back_from_base64url(bytes in collection::vec(any::<u8>(), 0..100)) {
        let text = base64url::encode(&bytes);
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        prop_assert_eq!(base64url::decode(&text), Some(bytes));
    }

    #[test]
    fn what_base64url_takes_is_what_it_writes(text in "[A-Za-z0-9_=+/ -]{0,12}") {
        if let Some(bytes) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&bytes), text);
        }
    }

    #[test]
    fn a_string_comes_back_however_it_is_escaped(text in any::<String>(), how in collection::vec(any::<u8>(), 1..20)) {
        let json = written(&text, &how);
        prop_assert_eq!(parse(json.as_bytes()), Ok(Value::String(text)), "{}", json);
    }

    #[test]
    fn seconds_come_back_however_they_are_written(seconds in 0u64..1 << 53, zeros in 0u32..4, fraction in "[0-9]{0,5}") {
        let divisor = 10u64.pow(zeros);
        let (integer, rest) = (seconds / divisor, seconds % divisor);
        let width = zeros as usize;
        let shifted = if zeros == 0 { format!("{seconds}e0") } else { format!("{integer}.{rest:0width$}{fraction}E+{zeros}") };
        for text in [decimal(seconds), format!("{seconds}.0{fraction}"), shifted] {
            let Ok(Value::Number(number)) = parse(text.as_bytes()) else { panic!("{text}") };
            prop_assert_eq!(number.seconds(), Some(seconds), "{}", text);
            prop_assert_eq!(number.as_str(), text);
        }
    }

    #[test]
    fn a_state_is_recognised_by_its_own_client_alone(bytes in any::<[u8; ENTROPY]>(), tag in "[A-Za-z0-9_-]{8}", other in "[A-Za-z0-9_-]{8}") {
        let state = State::from_random(&tag, &bytes);
        prop_assert_eq!(State::recognise(&tag, state.as_str()), Some(state.clone()));
        prop_assert_eq!(State::recognise(&other, state.as_str()).is_some(), other == tag);
        prop_assert_eq!(LogoutState::recognise(&tag, state.as_str()), None);
        let logout = LogoutState::from_random(&tag, &bytes);
        prop_assert_eq!(LogoutState::recognise(&tag, logout.as_str()), Some(logout.clone()));
        prop_assert_eq!(State::recognise(&tag, logout.as_str()), None);
    }

    #[test]
    fn a_verifier_comes_back_with_its_challenge(bytes in any::<[u8; 32]>()) {
        let verifier = CodeVerifier::from_random(&bytes);
        let restored = CodeVerifier::restore(verifier.expose().to_owned()).unwrap();
        prop_assert_eq!(restored.challenge(), verifier.challenge());
        prop_assert_eq!(base64url::decode(verifier.expose()), Some(bytes.to_vec()));
    }

    #[test]
    fn an_authorization_request_is_read_back(
        client_id in "[ -~]{1,20}",
        redirect_uri in "https://app\\.example/[a-z]{0,5}(\\?[a-z=&%]{0,8})?",
        scope in "openid( [a-z:/.]{1,8}){0,3}",
        bytes in any::<[u8; ENTROPY]>(),
        login_hint in any::<Option<String>>(),
        max_age in any::<Option<u64>>(),
        extra in collection::vec(("x[a-z é&=#]{0,5}", any::<String>()), 0..4),
        query in "(\\?(t=[g-z%+]{0,3})?)?",
    ) {
        let members = metadata_members().with("authorization_endpoint", &format!("\"https://op.example/authorize{query}\""));
        let metadata = metadata(&members).unwrap();
        let (state, nonce) = (State::from_random("tag", &bytes), Nonce::from_random(&bytes));
        let challenge = CodeVerifier::from_random(&bytes).challenge();
        let prompting = Prompting { login_hint, max_age, extra, ..Prompting::default() };
        let request = AuthorizationRequest {
            client_id: &client_id,
            redirect_uri: &redirect_uri,
            scope: &scope,
            state: &state,
            nonce: &nonce,
            challenge: &challenge,
            response_mode: ResponseMode::Query,
            key: None,
            targets: &[],
            prompting: &prompting,
        };
        let text = authorization::url(&metadata.authorization_endpoint, &request.parameters());
        let url = Url::parse(&text, Transport::Secure).unwrap();
        prop_assert_eq!(url.origin(), "https://op.example");
        let own = decode_form(query.trim_start_matches('?')).unwrap();
        let mut expected: Vec<(String, String)> = [
            ("response_type", "code"),
            ("client_id", &client_id),
            ("redirect_uri", &redirect_uri),
            ("scope", &scope),
            ("state", state.as_str()),
            ("nonce", nonce.expose()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        expected.extend(max_age.map(|seconds| ("max_age".to_owned(), seconds.to_string())));
        expected.extend(prompting.login_hint.iter().map(|hint| ("login_hint".to_owned(), hint.clone())));
        expected.extend(prompting.extra.iter().cloned());
        let expected = [own, expected].concat();
        // By our own reader, and by the one that stands for a provider's.
        prop_assert_eq!(decode_form(url.query().unwrap()), Some(expected.clone()));
        let theirs: Vec<(String, String)> = ::url::Url::parse(&text).unwrap().query_pairs().into_owned().collect();
        prop_assert_eq!(theirs, expected);
        prop_assert_eq!(CallbackParameters::parse(url.query().unwrap()).unwrap().state("tag"), Some(state));
    }
}
