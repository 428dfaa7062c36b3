//! Proofs of possession (RFC 9449 §4).

use valetkey::protocol::{
    dpop::{ENTROPY, Proof, PublicJwk, choose, compact, nonce},
    jose::{algorithm::Algorithm, base64url},
    time::Timestamp,
};

use crate::support::{secret, secure};

/// The key of the examples in RFC 9449, its members in the order of RFC 7638 §3.
const JWK: &str = r#"{"crv":"P-256","kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}"#;

fn key() -> PublicJwk {
    PublicJwk::new(Algorithm::Es256, JWK.to_owned())
}

/// Header and claims of a proof.
fn parts(proof: &Proof<'_>) -> (String, String) {
    let input = proof.signing_input();
    let (header, claims) = input.split_once('.').unwrap();
    let text = |part| String::from_utf8(base64url::decode(part).unwrap()).unwrap();
    (text(header), text(claims))
}

fn claims_at(url: &str) -> serde_json::Value {
    let (key, url) = (key(), secure(url));
    let proof = Proof {
        jwk: &key,
        method: "GET",
        url: &url,
        issued_at: Timestamp::from_seconds(0),
        id: &[0; ENTROPY],
        nonce: None,
        access_token: None,
    };
    serde_json::from_str(&parts(&proof).1).unwrap()
}

/// RFC 9449 §6.1, figure 11: `jkt` of the example key.
#[test]
fn thumbprint_is_that_of_rfc_7638() {
    assert_eq!(key().thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    assert_eq!(key().as_json(), JWK);
    assert_eq!(key().algorithm(), Algorithm::Es256);
}

/// §4.2: without `ath` and `nonce` where there is no token and no nonce.
#[test]
fn proof_for_a_token_request_has_these_members_and_no_other() {
    let (key, url) = (key(), secure("https://server.example.com/token"));
    let proof = Proof {
        jwk: &key,
        method: "POST",
        url: &url,
        issued_at: Timestamp::from_seconds(1_562_262_616),
        id: &[0; ENTROPY],
        nonce: None,
        access_token: None,
    };
    let (header, claims) = parts(&proof);
    assert_eq!(header, format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{JWK}}}"#));
    let jti = "A".repeat(43);
    assert_eq!(
        claims,
        format!(r#"{{"iat":1562262616,"jti":"{jti}","htm":"POST","htu":"https://server.example.com/token"}}"#)
    );
}

/// §7.1, figure 13: the token of the examples and its hash.
#[test]
fn proof_for_a_resource_has_the_hash_of_the_token_and_the_nonce() {
    let (key, url) = (key(), secure("https://resource.example.org/protectedresource"));
    let token = secret("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
    let proof = Proof {
        jwk: &key,
        method: "GET",
        url: &url,
        issued_at: Timestamp::from_seconds(u64::MAX),
        id: &[0xff; ENTROPY],
        nonce: Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"),
        access_token: Some(&token),
    };
    let claims: serde_json::Value = serde_json::from_str(&parts(&proof).1).unwrap();
    assert_eq!(claims["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    assert_eq!(claims["nonce"], "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    assert_eq!(claims["iat"], u64::MAX);
    assert_eq!(claims["jti"], format!("{}8", "_".repeat(42)));
    assert_eq!(claims.as_object().unwrap().len(), 6);
}

#[test]
fn algorithm_in_the_header_is_the_keys() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa] {
        let (key, url) = (PublicJwk::new(algorithm, "{}".to_owned()), secure("https://a.example/"));
        let proof = Proof {
            jwk: &key,
            method: "GET",
            url: &url,
            issued_at: Timestamp::from_seconds(0),
            id: &[0; ENTROPY],
            nonce: None,
            access_token: None,
        };
        let header: serde_json::Value = serde_json::from_str(&parts(&proof).0).unwrap();
        assert_eq!(header["alg"], algorithm.name());
    }
}

/// §4.2, attack O-10: the URL as the browser sends it, without query and fragment.
#[test]
fn htu_is_the_url_as_it_is_sent_without_query_and_fragment() {
    for (url, htu) in [
        ("https://a.example/token", "https://a.example/token"),
        ("https://a.example/token?x=y#z", "https://a.example/token"),
        ("https://a.example/token#z?x=y", "https://a.example/token"),
        ("https://a.example/token?", "https://a.example/token"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example?x", "https://a.example/"),
        ("https://A.Example:443/Token", "https://a.example/Token"),
        ("https://a.example:8443/token", "https://a.example:8443/token"),
        ("http://localhost:80/token", "http://localhost/token"),
        ("https://a.example/%7Etoken//x/", "https://a.example/%7Etoken//x/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
    ] {
        assert_eq!(claims_at(url)["htu"], htu, "{url}");
    }
}

#[test]
fn signature_is_the_third_part() {
    assert_eq!(compact("a.b".to_owned(), &[0xfb, 0xff]), "a.b.-_8");
}

/// §8.1: `1*NQCHAR`, and one header only, which a browser would join by a comma and a space.
#[test]
fn nonce_is_of_characters_that_need_no_quotes() {
    let all: String = ('\u{21}'..='\u{7e}').filter(|character| !matches!(character, '"' | '\\')).collect();
    let longest = "n".repeat(512);
    for valid in ["a", "eyJ7S_zG.eyJH0-Z.HX4w-7v", "a,b", &all, &longest] {
        assert_eq!(nonce(valid), Some(valid));
    }
    let too_long = "n".repeat(513);
    for invalid in
        ["", " ", "a b", " a", "a ", "a, b", "a\"", "a\\", "a\tb", "a\nb", "a\u{7f}", "ä", "a\u{0}", &too_long]
    {
        assert_eq!(nonce(invalid), None, "{invalid:?}");
    }
}

/// §5.1: no MAC, not `none`, and none that a browser cannot make keys for.
#[test]
fn first_of_ours_that_the_provider_knows_is_taken() {
    for (names, expected) in [
        (&["RS256", "ES256"][..], Some(Algorithm::Es256)),
        (&["ES512", "ES384", "EdDSA", "ES256"], Some(Algorithm::Es256)),
        (&["ES512", "ES384", "EdDSA"], Some(Algorithm::EdDsa)),
        (&["ES512", "ES384"], Some(Algorithm::Es384)),
        (&["ES512"], Some(Algorithm::Es512)),
        (&["RS256", "PS256"], None),
        // RFC 9864: another name than the proof would have.
        (&["Ed25519"], None),
        (&["none", "HS256", "es256", ""], None),
        (&[], None),
    ] {
        assert_eq!(choose(names), expected, "{names:?}");
    }
}
