//! Texts taken apart at ASCII characters. Each pattern that a method of `str` takes brings a searcher of its own into the
//! module; this one is there once.

/// What stands before the first `mark`, and what follows it, if there is one. The mark is ASCII.
#[must_use]
#[inline(never)]
pub(crate) fn cut(text: &str, mark: u8) -> (&str, Option<&str>) {
    let length = text.bytes().position(|byte| byte == mark).unwrap_or(text.len());
    let (before, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    (before, rest.get(1..))
}

/// What stands between the marks, as `str::split` has it.
#[must_use]
pub(crate) const fn parts(text: &str, mark: u8) -> Parts<'_> {
    Parts { rest: Some(text), mark }
}

#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    rest: Option<&'a str>,
    mark: u8,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (part, rest) = cut(self.rest?, self.mark);
        self.rest = rest;
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn takes_apart_as_split_does() {
        for text in ["", "a", ".", "a.b", ".a..b.", "ü.ö", "ü"] {
            assert_eq!(parts(text, b'.').collect::<Vec<_>>(), text.split('.').collect::<Vec<_>>(), "{text}");
            assert_eq!(cut(text, b'.').1.map(|rest| (cut(text, b'.').0, rest)), text.split_once('.'), "{text}");
        }
    }
}
