//! Why a resource refused: `WWW-Authenticate` (RFC 9110 §11.6.1, RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3).

use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// A longer header is no server's.
const MAX_HEADER: usize = 8 * 1024;

/// Authentication as old as this, in seconds, is asked for by nobody.
const MAX_AGE: u64 = 1_000_000_000;

/// What a resource wants. Its values come from outside: they are printable ASCII, and bounded by the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `error`
    pub error: Option<String>,
    /// `scope` (RFC 6750 §3)
    pub scope: Option<String>,
    /// `acr_values` (RFC 9470 §3)
    pub acr_values: Option<String>,
    /// `max_age`, in seconds (RFC 9470 §3)
    pub max_age: Option<u64>,
}

/// The error codes that a page can do something about.
impl Challenge {
    /// The access token is of no use any more (RFC 6750 §3.1).
    pub const INVALID_TOKEN: &'static str = "invalid_token";
    /// The proof needs the nonce that came with the answer (RFC 9449 §9).
    pub const USE_DPOP_NONCE: &'static str = "use_dpop_nonce";
    /// The proof was refused (RFC 9449 §7.1).
    pub const INVALID_DPOP_PROOF: &'static str = "invalid_dpop_proof";
    /// The user has to authenticate again, or in another way (RFC 9470 §3).
    pub const INSUFFICIENT_USER_AUTHENTICATION: &'static str = "insufficient_user_authentication";
    /// The access token is for less (RFC 6750 §3.1).
    pub const INSUFFICIENT_SCOPE: &'static str = "insufficient_scope";

    /// The challenge for a token of ours among those of the header: of the scheme that was used where there are several, and
    /// the first that says what is wrong. `None` when none does, or the header is malformed (then it says nothing).
    #[must_use]
    pub fn read(header: &str, scheme: &str) -> Option<Self> {
        if header.len() > MAX_HEADER {
            return None;
        }
        let mut challenges: Vec<(String, Self)> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut rest = Reader(header);
        loop {
            let gap = rest.skip(|byte| matches!(byte, b' ' | b'\t' | b','));
            if rest.0.is_empty() {
                break;
            }
            // Commas between challenges, and between the parameters of one (RFC 9110 §11.6.1).
            let apart = gap.bytes().any(|byte| byte == b',');
            let word = rest.token()?;
            let spaced = rest.blanks();
            if rest.take(b'=') {
                rest.blanks();
                let value = rest.value()?;
                let name = word.to_ascii_lowercase();
                // A parameter of no scheme, or twice (RFC 9110 §11.2).
                if seen.contains(&name) || !(apart || seen.is_empty()) {
                    return None;
                }
                challenges.last_mut()?.1.add(&name, value);
                seen.push(name);
            } else if apart || challenges.is_empty() {
                seen.clear();
                challenges.push((word.to_ascii_lowercase(), Self::default()));
                if spaced {
                    rest.token68();
                }
            } else {
                return None;
            }
        }
        let position = |wanted: &str| {
            challenges.iter().position(|(known, said)| said.error.is_some() && known.eq_ignore_ascii_case(wanted))
        };
        let index = position(scheme).or_else(|| position("bearer"))?;
        Some(challenges.swap_remove(index).1)
    }

    /// Whether it says this.
    #[must_use]
    pub fn says(&self, error: &str) -> bool {
        self.error.as_deref() == Some(error)
    }

    /// Whether the user could do something about it.
    #[must_use]
    pub fn is_for_user(&self) -> bool {
        self.says(Self::INSUFFICIENT_USER_AUTHENTICATION) || self.says(Self::INSUFFICIENT_SCOPE)
    }

    fn add(&mut self, name: &str, value: String) {
        let printable = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let value = Some(value).filter(|value| printable && !value.is_empty());
        match name {
            "error" => self.error = value,
            "scope" => self.scope = value,
            "acr_values" => self.acr_values = value,
            // RFC 9470 §3: a non-negative integer, as token or quoted string. What is none says nothing.
            "max_age" => {
                let digits = value.filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
                self.max_age = digits.and_then(|digits| digits.parse().ok()).filter(|seconds| *seconds < MAX_AGE);
            }
            _ => {}
        }
    }
}

/// What is left to be read.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn split(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) -> &'a str {
        self.split(self.0.bytes().position(|byte| !skipped(byte)).unwrap_or(self.0.len()))
    }

    fn blanks(&mut self) -> bool {
        !self.skip(|byte| matches!(byte, b' ' | b'\t')).is_empty()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.0.as_bytes().first() == Some(&byte);
        if there {
            self.split(1);
        }
        there
    }

    /// A token (RFC 9110 §5.6.2).
    fn token(&mut self) -> Option<&'a str> {
        Some(self.skip(is_token)).filter(|token| !token.is_empty())
    }

    /// The one value that some schemes have in place of parameters; it is of no interest.
    fn token68(&mut self) {
        let mut ahead = Reader(self.0);
        ahead.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'));
        ahead.skip(|byte| byte == b'=');
        ahead.blanks();
        // Else it was the name of the first parameter.
        if ahead.0.is_empty() || ahead.0.starts_with(',') {
            self.0 = ahead.0;
        }
    }

    /// A token or a quoted string (RFC 9110 §5.6.4).
    fn value(&mut self) -> Option<String> {
        if !self.take(b'"') {
            return self.token().map(ToOwned::to_owned);
        }
        let mut value = String::new();
        let mut escaped = false;
        for (index, character) in self.0.char_indices() {
            match character {
                _ if escaped => {
                    value.push(character);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.split(index + 1);
                    return Some(value);
                }
                _ => value.push(character),
            }
        }
        None
    }
}

/// `tchar` (RFC 9110 §5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
