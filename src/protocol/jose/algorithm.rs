//! Signature algorithms (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864).

use alloc::vec::Vec;

use sha2::{Digest, Sha256, Sha384, Sha512};

use super::jwk::{Curve, PublicKey};

/// An algorithm that an ID token may be signed with. `none` and every HMAC are missing on purpose: a public client has
/// no secret that they could be made with (OpenID Connect Core §10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512
    Rs512,
    /// RSASSA-PSS with SHA-256
    Ps256,
    /// RSASSA-PSS with SHA-384
    Ps384,
    /// RSASSA-PSS with SHA-512
    Ps512,
    /// ECDSA with P-256 and SHA-256
    Es256,
    /// ECDSA with P-384 and SHA-384
    Es384,
    /// ECDSA with P-521 and SHA-512
    Es512,
    /// Ed25519, under its old name `EdDSA` or its exact one `Ed25519`
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name; the case counts (RFC 7515 §4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        // RFC 9864
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// Whether a key of this type can be meant. A key is used with one algorithm only (RFC 8725 §3.1).
    #[must_use]
    pub const fn fits(self, key: &PublicKey) -> bool {
        match key {
            PublicKey::Rsa { .. } => {
                matches!(self, Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512)
            }
            PublicKey::Ec { curve: Curve::P256, .. } => matches!(self, Self::Es256),
            PublicKey::Ec { curve: Curve::P384, .. } => matches!(self, Self::Es384),
            PublicKey::Ec { curve: Curve::P521, .. } => matches!(self, Self::Es512),
            PublicKey::Ed25519 { .. } => matches!(self, Self::EdDsa),
        }
    }

    /// How long a signature is, in bytes, where the algorithm alone says so (RFC 7518 §3.4, RFC 8037 §3.1).
    #[must_use]
    pub const fn signature_length(self) -> Option<usize> {
        match self {
            Self::Es256 | Self::EdDsa => Some(64),
            Self::Es384 => Some(96),
            Self::Es512 => Some(132),
            _ => None,
        }
    }

    /// The size of its hash, in bits. Ed25519 hashes with SHA-512.
    #[must_use]
    pub const fn hash_bits(self) -> u32 {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => 256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => 384,
            Self::Rs512 | Self::Ps512 | Self::Es512 | Self::EdDsa => 512,
        }
    }

    /// The hash of `at_hash` for this algorithm (OpenID Connect Core §3.1.3.6).
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self.hash_bits() {
            256 => Sha256::digest(bytes).to_vec(),
            384 => Sha384::digest(bytes).to_vec(),
            _ => Sha512::digest(bytes).to_vec(),
        }
    }
}
