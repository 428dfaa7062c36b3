//! One changed byte, at each place in turn, of everything that must be what it was.

use valetkey::{
    error::{Error, Violation},
    protocol::{
        authorization::{CallbackParameters, ENTROPY, Nonce, State, process},
        jose::{
            es256,
            jwk::{Jwk, PublicKey},
            jws::CompactJws,
        },
        pkce::CodeVerifier,
        url::encode_form,
    },
    secret::Secret,
};

use crate::{
    id_token::{ACCESS_TOKEN, SignIn, claims, payload},
    support::{ISSUER, assert_refused, issuer, object, public_jwk, sign, signing_key},
};

/// The texts that differ from this one in one byte: another letter, and the other case.
fn changed(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).flat_map(move |place| {
        let byte = text.as_bytes()[place];
        let other = if byte == b'A' { b'B' } else { b'A' };
        let cased = if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
        [other, cased].into_iter().filter(move |changed| *changed != byte).map(move |changed| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] = changed;
            String::from_utf8(bytes).unwrap()
        })
    })
}

fn verify(token: &str, key: &Jwk) -> Result<(), Error> {
    let token = CompactJws::parse(token)?;
    let valid = token.check(key).is_some_and(|check| {
        let PublicKey::Ec { x, y, .. } = &check.key else { panic!("{check:?}") };
        es256::verify(x, y, &check.message, &check.signature)
    });
    SignIn::default().validate_payload(&token.verified(valid)?).map(|_| ())
}

#[test]
fn e_05_one_changed_byte_of_an_id_token_is_refused() {
    let key = Jwk::from_object(&object(&public_jwk(&signing_key(), ""))).unwrap();
    let token = sign(&signing_key(), r#"{"alg":"ES256"}"#, &claims().json());
    assert_eq!(verify(&token, &key), Ok(()));
    let mut count = 0;
    // The other case of a letter, for one: it is as valid a token, but for the signature.
    for other in changed(&token) {
        assert!(verify(&other, &key).is_err(), "{other}");
        count += 1;
    }
    assert!(count > token.len());
}

#[test]
fn e_01_one_changed_byte_of_the_nonce_is_refused() {
    for other in changed("nonce-1").chain(["nonce-".into(), "nonce-11".into()]) {
        let token = payload(&claims().with("nonce", &format!("\"{other}\"")).json());
        assert_refused(SignIn::default().validate_payload(&token), Violation::NonceMismatch);
        assert!(!Nonce::restore("nonce-1".into()).equals(&other));
    }
}

#[test]
fn e_30_one_changed_byte_of_at_hash_is_refused() {
    const HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";
    let judge = |hash: &str| {
        let token = payload(&claims().with("at_hash", &format!("\"{hash}\"")).json());
        SignIn::default().validate_payload(&token)
    };
    assert!(judge(HASH).is_ok(), "{ACCESS_TOKEN}");
    for other in changed(HASH) {
        assert_refused(judge(&other), Violation::AccessTokenHashMismatch);
    }
}

#[test]
fn e_23_one_changed_byte_of_the_issuer_is_refused() {
    for other in changed(ISSUER) {
        let token = payload(&claims().with("iss", &format!("\"{other}\"")).json());
        assert_refused(SignIn::default().validate_payload(&token), Violation::IssuerMismatch);
    }
}

fn respond(claimed: &str) -> Result<Secret<String>, Error> {
    let query = encode_form([("code", "c"), ("iss", claimed)]);
    process(&CallbackParameters::parse(&query)?, &issuer(), true)
}

#[test]
fn b_03_one_changed_byte_of_the_iss_parameter_is_refused() {
    assert!(respond(ISSUER).is_ok());
    for other in changed(ISSUER).chain([format!("{ISSUER}/"), format!("{ISSUER}:443")]) {
        assert_refused(respond(&other), Violation::IssuerParameterMismatch);
    }
}

#[test]
fn a_03_one_changed_byte_of_the_state_is_another_state() {
    let state = State::from_random("abcdefgh", &[0x5a; ENTROPY]);
    let given = |text: &str| {
        let query = encode_form([("state", text)]);
        CallbackParameters::parse(&query).unwrap().state("abcdefgh")
    };
    assert_eq!(given(state.as_str()).as_ref(), Some(&state));
    let variants = [" ", "+", "\0", "%20", "="].map(|more| format!("{}{more}", state.as_str()));
    for other in changed(state.as_str()).chain(variants) {
        assert_ne!(given(&other).as_ref(), Some(&state), "{other}");
    }
}

/// RFC 7636 §4.6: the provider compares the challenges.
#[test]
fn one_changed_byte_of_the_verifier_is_another_challenge() {
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = |text: &str| CodeVerifier::restore(text.to_owned()).map(|verifier| verifier.challenge());
    for other in changed(verifier) {
        assert_ne!(challenge(&other), challenge(verifier), "{other}");
    }
}
