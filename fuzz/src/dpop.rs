//! Proofs of possession: whatever a server or a page gave, a proof says what was asked for, and nothing more.

use valetkey::{
    protocol::{
        dpop::{ENTROPY, Proof, PublicJwk, compact, nonce},
        jose::{algorithm::Algorithm, base64url},
        time::Timestamp,
        url::{Transport, Url},
    },
    secret::Secret,
};

use crate::sections;

const JWK: &str = r#"{"crv":"P-256","kty":"EC","x":"AA","y":"AA"}"#;

/// `method ␞ URL ␞ nonce ␞ access token`; a section that is empty is not there.
pub fn run(data: &[u8]) {
    let texts = sections::<4>(data).map(std::str::from_utf8);
    let [Ok(method), Ok(target), Ok(given), Ok(token)] = texts else {
        return;
    };
    let accepted = nonce(given);
    let is_plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert_eq!(accepted.is_some(), (1..=512).contains(&given.len()) && given.bytes().all(is_plain));
    assert!(accepted.is_none_or(|nonce| nonce == given));

    // What the vault asks of a method before anything else (RFC 9110 §5.6.2).
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    // A host that is no name at all is contacted by nobody.
    let is_sent = method.bytes().all(is_token) && url::Url::parse(target).is_ok();
    let Some(url) = Url::parse(target, Transport::Secure).ok().filter(|_| is_sent) else {
        return;
    };
    let (jwk, token) = (PublicJwk::new(Algorithm::Es256, JWK.to_owned()), Secret::new(token.to_owned()));
    let access_token = Some(&token).filter(|token| !token.expose().is_empty());
    let id = [data.len().to_le_bytes()[0]; ENTROPY];
    let issued_at = Timestamp::from_seconds(u64::from(id[0]) << 40);
    let proof = Proof { jwk: &jwk, method, url: &url, issued_at, id: &id, nonce: accepted, access_token };
    let text = compact(proof.signing_input(), &[0x2a; 64]);
    let claims = check(&text, method, target);
    assert_eq!(claims["iat"], issued_at.as_seconds());
    assert_eq!(claims["jti"], base64url::encode(&id));
    assert_eq!(claims.get("nonce").and_then(|nonce| nonce.as_str()), accepted);
    assert_eq!(claims.get("ath").is_some(), access_token.is_some());
}

/// Checks that a proof is for this request; answers its claims, as another reader sees them.
pub(crate) fn check(proof: &str, method: &str, url: &str) -> serde_json::Value {
    let parts: Vec<_> = proof.split('.').collect();
    assert_eq!(parts.len(), 3, "{proof}");
    let part = |index: usize| -> serde_json::Value {
        let octets = base64url::decode(parts[index]).expect("base64url");
        serde_json::from_slice(&octets).expect("JSON")
    };
    let (header, claims) = (part(0), part(1));
    let names = |value: &serde_json::Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&header), ["alg", "jwk", "typ"]);
    assert_eq!(names(&header["jwk"]), ["crv", "kty", "x", "y"]);
    assert_eq!((&header["typ"], &header["alg"]), (&"dpop+jwt".into(), &"ES256".into()));
    assert!(names(&claims).iter().all(|name| ["ath", "htm", "htu", "iat", "jti", "nonce"].contains(&name.as_str())));
    // RFC 9449 §4.2, as another reader of URLs has it.
    let mut target = url::Url::parse(url).expect("a URL");
    target.set_query(None);
    target.set_fragment(None);
    assert_eq!((&claims["htm"], &claims["htu"]), (&method.into(), &target.as_str().into()));
    claims
}
