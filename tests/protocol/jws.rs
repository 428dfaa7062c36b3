//! Compact JWS (RFC 7515 §7.1), and the whole way of an ID token.

use proptest::prelude::*;
use valetkey::{
    error::{Error, Violation},
    protocol::{
        id_token::IdToken,
        jose::{
            algorithm::Algorithm,
            es256,
            header::Header,
            jwk::{Jwk, PublicKey},
            jwks::JwkSet,
            jws::{CompactJws, VerifiedPayload},
        },
    },
};

use crate::{
    id_token::{SignIn, claims},
    support::{answer, assert_refused, cases, object, public_jwk, rfc_7515_token, sign, signing_key},
};

const HEADER: &str = r#"{"alg":"ES256","kid":"k1"}"#;

fn keys() -> JwkSet {
    JwkSet::process(&answer(200, &format!(r#"{{"keys":[{}]}}"#, public_jwk(&signing_key(), r#","kid":"k1""#)))).unwrap()
}

fn verify(token: &str, keys: &JwkSet) -> Result<VerifiedPayload, Error> {
    let token = CompactJws::parse(token)?;
    let valid = keys.candidates(&token.header).into_iter().filter_map(|key| token.check(key)).any(|check| {
        let PublicKey::Ec { x, y, .. } = &check.key else { panic!("{check:?}") };
        es256::verify(x, y, &check.message, &check.signature)
    });
    token.verified(valid)
}

fn sign_in(token: &str) -> Result<IdToken, Error> {
    SignIn::default().validate_payload(&verify(token, &keys())?)
}

#[test]
fn takes_the_token_of_rfc_7515_apart() {
    let token = CompactJws::parse(rfc_7515_token()).unwrap();
    assert_eq!(token.header, Header { algorithm: Algorithm::Es256, key_id: None, token_type: None });
    let key = Jwk::from_object(&object(include_str!("vectors/rfc7515-a3.jwk.json"))).unwrap();
    let check = token.check(&key).unwrap();
    assert_eq!((check.algorithm, &check.key), (Algorithm::Es256, &key.key));
    assert_eq!(check.message, rfc_7515_token().rsplit_once('.').unwrap().0.as_bytes());
    assert_eq!((check.signature.len(), check.signature[0], check.signature[63]), (64, 14, 213));
    let payload = token.verified(true).unwrap().payload;
    assert_eq!(payload, b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

/// RFC 7515 §7.1; five parts are an encrypted token (RFC 7516 §7.1).
#[test]
fn refuses_anything_but_three_parts() {
    let token = rfc_7515_token();
    let parts: Vec<_> = token.split('.').collect();
    for malformed in [
        String::new(),
        parts[0].to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{}", parts[2]),
        format!("{token}.{}.{}", parts[1], parts[2]),
        format!("{}..{}.{}", parts[0], parts[1], parts[2]),
        ".".to_owned(),
        "...".to_owned(),
        format!(r#"{{"protected":"{}","payload":"{}","signature":"{}"}}"#, parts[0], parts[1], parts[2]),
    ] {
        assert_refused(CompactJws::parse(&malformed), Violation::JwsMalformed);
    }
}

/// RFC 7515 §2: no padding, no white space, no other alphabet, and one text for each value.
#[test]
fn refuses_what_is_not_base64url() {
    let token = rfc_7515_token();
    let parts: Vec<_> = token.split('.').collect();
    for (index, part) in parts.iter().enumerate() {
        let mut changed: Vec<String> = ["=", "==", "+", "/", " ", "\n", "\r\n", "%3D", "\0", "é"]
            .into_iter()
            .map(|bad| format!("{part}{bad}"))
            .collect();
        changed.push(format!("\t{part}"));
        changed.push(format!("{}+{}", &part[..4], &part[5..]));
        changed.push(format!("{}/{}", &part[..4], &part[5..]));
        for changed in changed {
            let mut parts: Vec<_> = parts.iter().map(|part| (*part).to_owned()).collect();
            parts[index].clone_from(&changed);
            assert_refused(CompactJws::parse(&parts.join(".")), Violation::JwsMalformed);
        }
    }
    assert_refused(CompactJws::parse(&format!("{}A.{}.{}", parts[0], parts[1], parts[2])), Violation::JwsMalformed);
    // The last character of 64 octets holds two bits; `Q` sets them and no other.
    for last in ["R", "S", "X", "f"] {
        let token = format!("{}{last}", &token[..token.len() - 1]);
        assert_refused(CompactJws::parse(&token), Violation::JwsMalformed);
    }
}

#[test]
fn refuses_a_token_of_more_than_256_kilobytes() {
    let of = |length: usize| {
        let header = "eyJhbGciOiJFUzI1NiJ9..";
        format!("{header}{}", "A".repeat(length - header.len()))
    };
    assert!(CompactJws::parse(&of(256 * 1024 - 2)).is_ok());
    assert_refused(CompactJws::parse(&"A".repeat(256 * 1024)), Violation::JwsMalformed);
    assert_refused(CompactJws::parse(&of(256 * 1024 + 1)), Violation::JwsTooLarge);
}

#[test]
fn refuses_the_header_before_anything_else() {
    assert_refused(CompactJws::parse(&sign(&signing_key(), r#"{"alg":"none"}"#, "{}")), Violation::AlgorithmNotAllowed);
    assert_refused(CompactJws::parse("eyJhbGciOiJub25lIn0.e30."), Violation::AlgorithmNotAllowed);
    assert_refused(CompactJws::parse("..AA"), Violation::JsonMalformed);
    assert_refused(
        CompactJws::parse(&sign(&signing_key(), r#"{"alg":"ES256","crit":["exp"]}"#, "{}")),
        Violation::CriticalHeader,
    );
}

#[test]
fn without_a_valid_signature_there_is_no_payload() {
    assert_refused(CompactJws::parse(rfc_7515_token()).unwrap().verified(false), Violation::SignatureInvalid);
}

/// RFC 7518 §3.4: exactly as long as the algorithm says.
#[test]
fn checks_no_signature_of_the_wrong_length() {
    let key = Jwk::from_object(&object(include_str!("vectors/rfc7515-a3.jwk.json"))).unwrap();
    let of = |length: usize| {
        let signature = valetkey::protocol::jose::base64url::encode(&vec![1; length]);
        CompactJws::parse(&format!("eyJhbGciOiJFUzI1NiJ9.e30.{signature}")).unwrap().check(&key).is_some()
    };
    assert!(of(64));
    for length in [0, 1, 32, 63, 65, 70, 72, 96, 128, 132] {
        assert!(!of(length), "{length} bytes");
    }
}

#[test]
fn checks_no_key_that_does_not_fit() {
    let token = CompactJws::parse(rfc_7515_token()).unwrap();
    let octets = "A".repeat(64);
    let p384 = format!(r#"{{"kty":"EC","crv":"P-384","x":"{octets}","y":"{octets}"}}"#);
    assert!(token.check(&Jwk::from_object(&object(&p384)).unwrap()).is_none());
    let bound = public_jwk(&signing_key(), r#","alg":"ES384""#);
    assert!(token.check(&Jwk::from_object(&object(&bound)).unwrap()).is_none());
}

#[test]
fn accepts_a_token_of_the_provider() {
    let token = sign_in(&sign(&signing_key(), HEADER, &claims().json())).unwrap();
    assert_eq!(token.claims.subject(), "user");
    assert!(sign_in(&sign(&signing_key(), r#"{"alg":"ES256","typ":"JWT"}"#, &claims().json())).is_ok());
}

#[test]
fn refuses_a_token_that_another_key_signed() {
    let other = p256::ecdsa::SigningKey::from_slice(&[0x43; 32]).unwrap();
    assert_refused(sign_in(&sign(&other, HEADER, &claims().json())), Violation::SignatureInvalid);
    // Also if it brings its key along (CVE-2018-0114).
    let header = format!(r#"{{"alg":"ES256","jwk":{}}}"#, public_jwk(&other, ""));
    assert_refused(sign_in(&sign(&other, &header, &claims().json())), Violation::SignatureInvalid);
}

#[test]
fn refuses_the_signature_of_another_token() {
    let (one, two) = (
        sign(&signing_key(), HEADER, &claims().json()),
        sign(&signing_key(), HEADER, &claims().with("sub", "\"admin\"").json()),
    );
    let mixed = format!("{}.{}", two.rsplit_once('.').unwrap().0, one.rsplit_once('.').unwrap().1);
    assert_refused(sign_in(&mixed), Violation::SignatureInvalid);
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn one_changed_byte_anywhere_is_refused(position in any::<prop::sample::Index>(), byte in "[A-Za-z0-9_.=-]") {
        let token = sign(&signing_key(), HEADER, &claims().json());
        let position = position.index(token.len());
        let changed = format!("{}{byte}{}", &token[..position], &token[position + 1..]);
        prop_assume!(changed != token);
        prop_assert!(sign_in(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn a_token_that_is_cut_off_is_refused(position in any::<prop::sample::Index>()) {
        let token = sign(&signing_key(), HEADER, &claims().json());
        prop_assert!(sign_in(&token[..position.index(token.len())]).is_err());
    }

    #[test]
    fn never_panics_on_any_text(text in "[A-Za-z0-9_.{}\":=-]{0,60}") {
        let _ = CompactJws::parse(&text);
    }
}
