//! Proof Key for Code Exchange (RFC 7636).

use proptest::prelude::*;
use valetkey::protocol::pkce::{CodeChallenge, CodeVerifier, ENTROPY};

use crate::support::cases;

/// RFC 7636 appendix B.
#[test]
fn makes_the_challenge_of_the_rfc() {
    let bytes: [u8; ENTROPY] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
        240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let verifier = CodeVerifier::from_random(&bytes);
    assert_eq!(verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(verifier.challenge().as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

/// RFC 9700 §2.1.1: never `plain`.
#[test]
fn the_method_is_s256() {
    assert_eq!(CodeChallenge::METHOD, "S256");
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
#[test]
fn restores_a_verifier_of_the_right_form_alone() {
    let restored = |text: &str| CodeVerifier::restore(text.to_owned());
    for text in ["a".repeat(43), "Z".repeat(128), format!("{}-._~", "09".repeat(20))] {
        assert_eq!(restored(&text).map(|verifier| verifier.expose().to_owned()), Some(text));
    }
    for text in [String::new(), "a".repeat(42), "a".repeat(129)] {
        assert!(restored(&text).is_none(), "{} characters", text.len());
    }
    for bad in ["+", "/", "=", " ", "%", "\n", "\0", "é", "!"] {
        assert!(restored(&format!("{}{bad}", "a".repeat(43))).is_none(), "{bad:?}");
    }
}

#[test]
fn a_verifier_is_not_shown() {
    let verifier = CodeVerifier::from_random(&[7; ENTROPY]);
    assert!(!format!("{verifier:?}").contains(verifier.expose()));
}

proptest! {
    #![proptest_config(cases(500))]

    /// RFC 7636 §4.1: 32 octets make 43 characters; every verifier made here can be restored.
    #[test]
    fn every_verifier_has_43_characters_of_the_grammar(bytes in any::<[u8; ENTROPY]>()) {
        let verifier = CodeVerifier::from_random(&bytes);
        prop_assert_eq!(verifier.expose().len(), 43);
        let restored = CodeVerifier::restore(verifier.expose().to_owned());
        prop_assert_eq!(restored.map(|restored| restored.challenge()), Some(verifier.challenge()));
    }
}
