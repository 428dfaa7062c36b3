//! Values that must not be shown.

use alloc::string::String;
use core::{fmt, hint::black_box};

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A secret: erased when dropped, compared in constant time, shown by nothing.
///
/// There is no `Display`, no `PartialEq` and no serialisation. [`Secret::expose`] is the one way to the value, so a
/// search for it finds every place where a secret leaves its wrapper.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<String> {
    /// Whether the two are the same, in a time that depends on their lengths alone.
    #[must_use]
    pub fn equals(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        erase(&mut self.0);
    }
}

/// Computes something of a secret, and erases what the computation left on the stack: a hash copies what it is given into a
/// buffer, which holds the whole of a short token.
pub fn leaving_no_trace<T>(compute: impl FnOnce() -> T) -> T {
    let result = apart(compute);
    overwrite_stack();
    result
}

/// In a frame of its own, below the caller's.
#[inline(never)]
fn apart<T>(compute: impl FnOnce() -> T) -> T {
    compute()
}

/// Deeper than a hash and its message schedule, in bytes.
const DEPTH: usize = 4096;

#[inline(never)]
fn overwrite_stack() {
    // In the place of the frame that has just been left.
    black_box(&mut [0_u8; DEPTH]);
}

/// Not repeated at each of the many places where a secret ends.
#[inline(never)]
fn erase<T: Zeroize>(value: &mut T) {
    value.zeroize();
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".to_string())), "[redacted]");
    }

    #[test]
    fn a_computation_that_leaves_no_trace_has_its_result() {
        let secret = Secret::new("abc".to_string());
        assert_eq!(leaving_no_trace(|| secret.expose().len()), 3);
    }

    #[test]
    fn compares_by_value() {
        let secret = Secret::new("abc".to_string());
        assert!(secret.equals("abc"));
        assert!(!secret.equals("abd"));
        assert!(!secret.equals("ab"));
        assert!(!secret.equals(""));
    }
}
