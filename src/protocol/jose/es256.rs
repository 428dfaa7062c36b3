//! ES256 (RFC 7518 §3.4) by `p256`: the same code natively and in the browser, and where there is no WebCrypto.

use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};

/// Whether `signature` (R ‖ S) over `message` was made with the key at (`x`, `y`). Points off the curve, and R or S out
/// of range, zero among them, are refused.
#[must_use]
pub fn verify(x: &[u8], y: &[u8], message: &[u8], signature: &[u8]) -> bool {
    if x.len() != 32 || y.len() != 32 {
        return false;
    }
    // The uncompressed point of SEC 1 §2.3.3: 04 ‖ x ‖ y.
    let mut point = [4; 65];
    for (target, source) in point.iter_mut().skip(1).zip(x.iter().chain(y)) {
        *target = *source;
    }
    match (VerifyingKey::from_sec1_bytes(&point), Signature::from_slice(signature)) {
        (Ok(key), Ok(signature)) => key.verify(message, &signature).is_ok(),
        _ => false,
    }
}
