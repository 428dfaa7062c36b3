//! Values that must not be shown.

use alloc::string::String;
use core::fmt;

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
    fn compares_by_value() {
        let secret = Secret::new("abc".to_string());
        assert!(secret.equals("abc"));
        assert!(!secret.equals("abd"));
        assert!(!secret.equals("ab"));
        assert!(!secret.equals(""));
    }
}
