//! ES256 (RFC 7518 §3.4) by `p256`: the same code natively and in the browser, and where there is no WebCrypto.

use p256::{
    AffinePoint, FieldBytes,
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
    elliptic_curve::point::AffineCoordinates,
};

/// Whether `signature` (R ‖ S) over `message` was made with the key at (`x`, `y`). Points off the curve, and R or S out
/// of range, zero among them, are refused.
#[must_use]
pub fn verify(x: &[u8], y: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(x), Ok(y)) = (FieldBytes::try_from(x), FieldBytes::try_from(y)) else {
        return false;
    };
    let point: Option<AffinePoint> = AffinePoint::from_coordinates(&x, &y).into();
    match (point.map(VerifyingKey::from_affine), Signature::from_slice(signature)) {
        (Some(Ok(key)), Ok(signature)) => key.verify(message, &signature).is_ok(),
        _ => false,
    }
}
