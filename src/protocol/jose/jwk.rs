//! Public keys (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};

use crate::protocol::{
    jose::{algorithm::Algorithm, base64url},
    json::Object,
};

/// A curve of ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256
    P256,
    /// NIST P-384
    P384,
    /// NIST P-521
    P521,
}

impl Curve {
    const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// Its name in a JWK (RFC 7518 §6.2.1.1) and in WebCrypto.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// How long a coordinate is, in bytes.
    const fn coordinate_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// A key that a signature is verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA
    Rsa {
        /// The modulus, big-endian
        modulus: Vec<u8>,
        /// The exponent, big-endian
        exponent: Vec<u8>,
    },
    /// Elliptic curve
    Ec {
        /// The curve
        curve: Curve,
        /// The x coordinate, of full length
        x: Vec<u8>,
        /// The y coordinate, of full length
        y: Vec<u8>,
    },
    /// Ed25519
    Ed25519 {
        /// The public key
        x: Vec<u8>,
    },
}

impl PublicKey {
    /// The members of the key's JWK, for WebCrypto.
    #[must_use]
    pub fn jwk_members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rsa { modulus, exponent } => {
                vec![("kty", "RSA".to_owned()), ("n", base64url::encode(modulus)), ("e", base64url::encode(exponent))]
            }
            Self::Ec { curve, x, y } => vec![
                ("kty", "EC".to_owned()),
                ("crv", curve.name().to_owned()),
                ("x", base64url::encode(x)),
                ("y", base64url::encode(y)),
            ],
            Self::Ed25519 { x } => {
                vec![("kty", "OKP".to_owned()), ("crv", "Ed25519".to_owned()), ("x", base64url::encode(x))]
            }
        }
    }
}

/// A key of a JWK Set that may verify signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    /// `kid`
    pub key_id: Option<String>,
    /// `alg`
    algorithm: Option<String>,
    /// The key itself
    pub key: PublicKey,
}

impl Jwk {
    /// Reads a key. `None` when it is none that this library verifies with: another type or use, private, weak, or
    /// broken. RFC 7517 §5: such keys are passed over, the rest of the set is used.
    #[must_use]
    pub fn from_object(object: &Object) -> Option<Self> {
        // A set of public keys must not have private or symmetric ones (Discovery §3); those are not relied upon.
        if ["d", "k", "p"].into_iter().any(|private| object.member(private).is_some()) {
            return None;
        }
        // RFC 7517 §4.2, §4.3
        let usage = object.string("use").ok()?;
        if usage.is_some_and(|usage| usage != "sig") {
            return None;
        }
        if object.strings("key_ops").ok()?.is_some_and(|operations| !may_verify(&operations, usage.is_some())) {
            return None;
        }
        let octets = |name| object.string(name).ok().flatten().and_then(base64url::decode);
        let curve = object.string("crv").ok()?;
        let key = match object.string("kty").ok()?? {
            "RSA" => rsa(&octets("n")?, &octets("e")?)?,
            "EC" => {
                let curve = Curve::ALL.into_iter().find(|known| curve == Some(known.name()))?;
                let (x, y) = (octets("x")?, octets("y")?);
                // RFC 7518 §6.2.1.2: full length, leading zeros kept.
                if x.len() != curve.coordinate_length() || y.len() != curve.coordinate_length() {
                    return None;
                }
                PublicKey::Ec { curve, x, y }
            }
            "OKP" if curve == Some("Ed25519") => {
                PublicKey::Ed25519 { x: octets("x").filter(|octets| octets.len() == 32)? }
            }
            _ => return None,
        };
        Some(Self {
            key_id: object.string("kid").ok()?.map(ToOwned::to_owned),
            algorithm: object.string("alg").ok()?.map(ToOwned::to_owned),
            key,
        })
    }

    /// Whether this key may verify a signature of this algorithm. The key's own `alg` is binding where it is given.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        algorithm.fits(&self.key)
            && self.algorithm.as_deref().is_none_or(|name| Algorithm::from_name(name) == Some(algorithm))
    }
}

/// RFC 7517 §4.3 knows eight operations. Bounds the search for repeated ones, which compares each with all.
const MAX_OPERATIONS: usize = 16;

/// Whether `key_ops` allows to verify: it names each operation once, and beside `use: sig` nothing but signatures.
fn may_verify(operations: &[&str], for_signatures: bool) -> bool {
    let repeated = |(index, operation)| operations.iter().skip(index + 1).any(|other| other == operation);
    operations.len() <= MAX_OPERATIONS
        && operations.contains(&"verify")
        && !operations.iter().enumerate().any(repeated)
        && (!for_signatures || operations.iter().all(|operation| matches!(*operation, "sign" | "verify")))
}

/// RSA keys of 2048 (RFC 7518 §3.3) to 8192 bits with an odd exponent of at least 3 and at most 32 bits: larger ones
/// only cost time.
fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<PublicKey> {
    let significant = |octets: &[u8]| octets.iter().copied().skip_while(|octet| *octet == 0).collect::<Vec<_>>();
    let (modulus, exponent) = (significant(modulus), significant(exponent));
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |octet| octet.leading_zeros() as usize);
    let odd_exponent = exponent.last().is_some_and(|octet| octet % 2 == 1);
    let sane_exponent = odd_exponent && exponent.len() <= 4 && exponent != [1];
    ((2048..=8192).contains(&bits) && sane_exponent).then_some(PublicKey::Rsa { modulus, exponent })
}
