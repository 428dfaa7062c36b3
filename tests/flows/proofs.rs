//! A server that takes proofs of possession: it holds each against RFC 9449 §4.3, and every request to a proof of its own.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use valetkey::protocol::{http::Aside, jose::base64url};

/// A server with a clock, and with nonces if it wants any.
#[derive(Default)]
pub struct Checker {
    seen: RefCell<BTreeSet<String>>,
    /// The nonce that proofs must have now.
    pub nonce: RefCell<Option<String>>,
    /// A new one after each proof.
    pub renews_nonce: Cell<bool>,
    /// How far its clock is ahead, in seconds.
    pub ahead: Cell<i64>,
    /// It says what time it is.
    pub tells_time: Cell<bool>,
    /// What it has taken, in order.
    pub taken: RefCell<Vec<Proved>>,
    /// How many it has refused.
    pub refused: Cell<usize>,
}

/// A proof that holds.
#[derive(Clone, Debug)]
pub struct Proved {
    pub thumbprint: String,
    pub claims: Value,
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&base64url::decode(text).unwrap()).unwrap()
}

/// The key and the claims of a proof that is well made. One that is not is the library's fault whatever the server wants.
pub fn read(proof: &str) -> Proved {
    let parts: Vec<_> = proof.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("no compact JWS: {proof}") };
    let (input, header, claims) = (format!("{header}.{claims}"), part(header), part(claims));
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&header), ["alg", "jwk", "typ"]);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    // Nothing private, and nothing but what names the key (§4.2).
    assert_eq!(names(&header["jwk"]), ["crv", "kty", "x", "y"]);
    let coordinate = |name: &str| base64url::decode(header["jwk"][name].as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_sec1_bytes(&[vec![4], coordinate("x"), coordinate("y")].concat()).unwrap();
    let signature = Signature::from_slice(&base64url::decode(signature).unwrap()).unwrap();
    key.verify(input.as_bytes(), &signature).expect("the signature is of the key in the header");
    // RFC 7638 §3: `serde_json` writes the members in the order of their names, and without white space.
    let thumbprint = base64url::encode(&Sha256::digest(header["jwk"].to_string()));
    Proved { thumbprint, claims }
}

impl Checker {
    /// Checks the proof of a request at this second. Answers the key, or an error code.
    pub fn check(
        &self,
        proof: &str,
        method: &str,
        url: &str,
        access_token: Option<&str>,
        now: u64,
    ) -> Result<Proved, &'static str> {
        let proved = read(proof);
        let claims = &proved.claims;
        let text = |name: &str| claims[name].as_str();
        let known = ["ath", "htm", "htu", "iat", "jti", "nonce"];
        assert!(claims.as_object().unwrap().keys().all(|name| known.contains(&name.as_str())), "{claims}");
        assert_eq!((text("htm"), text("htu")), (Some(method), url.split(['?', '#']).next()));
        assert_eq!(text("ath"), access_token.map(|token| base64url::encode(&Sha256::digest(token))).as_deref());
        let jti = text("jti").unwrap();
        assert_eq!(base64url::decode(jti).unwrap().len(), 32);
        assert!(self.seen.borrow_mut().insert(jti.to_owned()), "each request has a proof of its own");

        let here = now.saturating_add_signed(self.ahead.get());
        let wanted = self.nonce.borrow().clone();
        let verdict = if text("nonce") != wanted.as_deref() {
            assert!(wanted.is_some(), "a nonce that this server has not given");
            Err("use_dpop_nonce")
        } else if wanted.is_none() && claims["iat"].as_u64().unwrap().abs_diff(here) > 60 {
            Err("invalid_dpop_proof")
        } else {
            Ok(proved.clone())
        };
        match &verdict {
            Ok(proved) => self.taken.borrow_mut().push(proved.clone()),
            Err(_) => self.refused.set(self.refused.get() + 1),
        }
        if self.renews_nonce.get() {
            let next = format!("nonce-{}", self.taken.borrow().len() + self.refused.get());
            *self.nonce.borrow_mut() = Some(next);
        }
        verdict
    }

    /// What an answer of this server says beside its body.
    pub fn aside(&self, now: u64, error: Option<&str>) -> Aside {
        Aside {
            nonce: self.nonce.borrow().clone(),
            challenge: error.map(|error| format!("DPoP error=\"{error}\", algs=\"ES256\"")),
            date: self.tells_time.get().then(|| now.saturating_add_signed(self.ahead.get())),
        }
    }

    pub fn want_nonce(&self, nonce: &str) {
        *self.nonce.borrow_mut() = Some(nonce.to_owned());
    }

    /// The claim of each proof that was taken.
    pub fn claims(&self, name: &str) -> Vec<Value> {
        self.taken.borrow().iter().map(|proved| proved.claims[name].clone()).collect()
    }

    /// The keys of the proofs that were taken, each once.
    pub fn keys(&self) -> BTreeSet<String> {
        self.taken.borrow().iter().map(|proved| proved.thumbprint.clone()).collect()
    }
}
