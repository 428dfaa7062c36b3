//! Tokens, headers, keys, key sets, and which key is tried with which token.

use valetkey::{
    error::Violation,
    protocol::{
        jose::{
            algorithm::Algorithm,
            base64url, es256,
            header::Header,
            jwk::{Jwk, PublicKey},
            jwks::JwkSet,
            jws::CompactJws,
        },
        json::Object,
    },
};

use crate::{check_error, check_same, is_json, member, read_again, response, sections};

/// The token of RFC 7515 appendix A.3: the only one whose signature a seed has. Nothing else may verify.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// `token or header ␞ status and content type ␞ JWK Set`
pub fn run(data: &[u8]) {
    let [token, head, set] = sections(data);
    header(token);
    let token = std::str::from_utf8(token).ok().and_then(parse);
    let keys = key_set(head, set);
    if let (Some(token), Some(keys)) = (token, keys) {
        choose(&token, &keys);
    }
}

fn header(bytes: &[u8]) -> Option<Header> {
    match check_same(|| Header::parse(bytes)) {
        Ok(header) => {
            let theirs = read_again(bytes);
            if theirs.is_object() {
                assert!(theirs.get("crit").is_none() && theirs.get("b64").is_none());
                let name = theirs["alg"].as_str().expect("an algorithm");
                assert!(name != "none" && !name.starts_with("HS"), "{name}");
                assert_eq!(Algorithm::from_name(name), Some(header.algorithm));
                assert_eq!(member(&theirs, "kid").and_then(|id| id.as_str()), header.key_id.as_deref());
            }
            Some(header)
        }
        Err(error) => {
            check_error(&error, &[]);
            None
        }
    }
}

fn parse(token: &str) -> Option<CompactJws> {
    if let Some(bytes) = base64url::decode(token) {
        assert_eq!(base64url::encode(&bytes), token, "one value has one text");
    }
    match check_same(|| CompactJws::parse(token)) {
        Ok(jws) => {
            let parts: Vec<_> = token.split('.').collect();
            assert_eq!(parts.len(), 3);
            for part in &parts {
                let bytes = base64url::decode(part).expect("base64url");
                assert_eq!(base64url::encode(&bytes), *part, "one value has one text");
            }
            let header = header(&base64url::decode(parts[0]).expect("base64url")).expect("a header");
            assert_eq!(header, jws.header);
            let refused = jws.clone().verified(false).expect_err("no payload without a signature");
            assert!(refused.is(Violation::SignatureInvalid));
            Some(jws)
        }
        Err(error) => {
            check_error(&error, &[token]);
            None
        }
    }
}

fn key_set(head: &[u8], body: &[u8]) -> Option<JwkSet> {
    let response = response(head, body);
    match check_same(|| JwkSet::process(&response)) {
        Ok(keys) => {
            assert_eq!(response.status, 200);
            assert!(is_json(response.content_type.as_deref()));
            if let Some(theirs) = read_again(body).as_object() {
                assert!(theirs["keys"].is_array());
            }
            Some(keys)
        }
        Err(error) => {
            check_error(&error, &[]);
            None
        }
    }
}

fn choose(token: &CompactJws, keys: &JwkSet) {
    let candidates = keys.candidates(&token.header);
    assert!(candidates.len() <= 8);
    for key in candidates {
        assert!(token.header.key_id.is_none() || token.header.key_id == key.key_id);
        assert!(key.fits(token.header.algorithm));
        sound(key);
        let Some(check) = token.check(key) else {
            continue;
        };
        assert_eq!(check.algorithm, token.header.algorithm);
        assert_eq!(check.message.iter().filter(|byte| **byte == b'.').count(), 1);
        if let (Algorithm::Es256, PublicKey::Ec { x, y, .. }) = (check.algorithm, &check.key) {
            let valid = check_same(|| es256::verify(x, y, &check.message, &check.signature));
            assert!(!valid || check.message == SIGNED.as_bytes(), "a forgery");
        }
    }
}

/// A key has the size that its type asks for, and is read again as it is written.
fn sound(key: &Jwk) {
    match &key.key {
        PublicKey::Rsa { modulus, exponent } => {
            assert!((256..=1024).contains(&modulus.len()) && modulus[0] != 0);
            assert!(modulus.len() > 256 || modulus[0] >= 128);
            assert!((1..=4).contains(&exponent.len()) && exponent[exponent.len() - 1] % 2 == 1 && *exponent != [1]);
        }
        PublicKey::Ec { curve, x, y } => {
            let length = match curve.name() {
                "P-256" => 32,
                "P-384" => 48,
                _ => 66,
            };
            assert_eq!((x.len(), y.len()), (length, length));
        }
        PublicKey::Ed25519 { x } => assert_eq!(x.len(), 32),
    }
    let members: Vec<_> = key.key.jwk_members().iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let text = format!("{{{}}}", members.join(","));
    let again = Jwk::from_object(&Object::parse(text.as_bytes(), "key").expect("a key")).expect("a key");
    assert_eq!(again.key, key.key);
}
