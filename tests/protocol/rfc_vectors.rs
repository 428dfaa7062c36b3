//! The examples of the specifications: tokens that must be read, and tokens that must not. The signatures that the
//! browser verifies are verified in `tests/browser/`, over the same file.

use serde_json::Value;
use sha2::{Digest, Sha256};
use valetkey::{
    error::Violation,
    protocol::jose::{
        algorithm::Algorithm,
        base64url, es256,
        jwk::{Jwk, PublicKey},
        jws::CompactJws,
    },
};

use crate::support::{assert_refused, object};

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../browser/vectors/rfc.json")).unwrap()
}

/// RFC 7515 appendices A.2 to A.4, RFC 7520 §4.1 to §4.3, RFC 8037 appendix A.4.
#[test]
fn every_example_is_read_and_its_key_fits() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let (source, token) = (&vector["source"], vector["token"].as_str().unwrap());
        let jws = CompactJws::parse(token).unwrap();
        assert_eq!(Some(jws.header.algorithm), Algorithm::from_name(vector["alg"].as_str().unwrap()), "{source}");
        let key = Jwk::from_object(&object(&vector["jwk"].to_string())).unwrap();
        let fitting: Vec<_> = Algorithm::ALL.iter().filter(|algorithm| key.fits(**algorithm)).collect();
        assert!(fitting.contains(&&jws.header.algorithm), "{source}");
        assert_eq!(jws.header.key_id, key.key_id, "{source}");
        let check = jws.check(&key).unwrap();
        assert_eq!(check.message, token.rsplit_once('.').unwrap().0.as_bytes(), "{source}");
        if let (Algorithm::Es256, PublicKey::Ec { x, y, .. }) = (check.algorithm, &check.key) {
            assert!(es256::verify(x, y, &check.message, &check.signature), "{source}");
        }
    }
}

#[test]
fn e_03_the_unsecured_token_of_rfc_7515_is_refused() {
    let token = "eyJhbGciOiJub25lIn0\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
    assert_refused(CompactJws::parse(token), Violation::AlgorithmNotAllowed);
}

#[test]
fn e_04_the_hmac_of_rfc_7515_is_refused() {
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
        .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_refused(CompactJws::parse(token), Violation::AlgorithmNotAllowed);
}

/// RFC 7515 appendix E, whose example a conforming reader must refuse.
#[test]
fn e_16_the_negative_test_case_for_crit_of_rfc_7515_is_refused() {
    let token = "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFt\
        cGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.";
    assert_refused(CompactJws::parse(token), Violation::CriticalHeader);
}

/// RFC 7515 appendices A.6 and A.7.
#[test]
fn e_38_the_json_serializations_of_rfc_7515_are_refused() {
    let signed = &vectors()[1];
    let parts: Vec<_> = signed["token"].as_str().unwrap().split('.').collect();
    let [protected, payload, signature] = parts[..] else { panic!("{parts:?}") };
    let signature = format!(r#""protected":"{protected}","header":{{"kid":"1"}},"signature":"{signature}""#);
    for token in [
        format!(r#"{{"payload":"{payload}",{signature}}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[{{{signature}}}]}}"#),
    ] {
        assert_refused(CompactJws::parse(&token), Violation::JwsMalformed);
    }
}

/// RFC 7517 appendices A.2 and A.3: what must not be in a set of public keys.
#[test]
fn private_and_symmetric_keys_of_rfc_7517_are_passed_over() {
    let public = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"1"}"#;
    assert!(Jwk::from_object(&object(public)).is_some());
    let private = public.replace(r#""kid""#, r#""d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","kid""#);
    for key in [
        private.as_str(),
        &public.replace(r#""kid""#, r#""use":"enc","kid""#),
        r#"{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}"#,
        r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#,
    ] {
        assert_eq!(Jwk::from_object(&object(key)), None, "{key}");
    }
}

/// The members that make the key are those that a thumbprint is made of (RFC 7638 §3.2), so the examples of RFC 7638 §3.1
/// and RFC 8037 appendix A.3 say that nothing of the key was lost or changed.
#[test]
fn the_keys_of_rfc_7638_and_rfc_8037_have_their_thumbprints() {
    let rsa = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let ed25519 = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    for (key, thumbprint) in
        [(rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"), (ed25519, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    {
        let mut members = Jwk::from_object(&object(key)).unwrap().key.jwk_members();
        members.sort();
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let digest = Sha256::digest(format!("{{{}}}", members.join(",")));
        assert_eq!(base64url::encode(&digest), thumbprint);
    }
}
