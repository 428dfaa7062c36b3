//! A strict JSON reader (RFC 8259) for the documents of a provider.
//!
//! General-purpose readers take the first or the last of two members with the same name, and two readers that choose
//! differently see different documents: RFC 7515 §4 and RFC 7519 §4 allow to refuse such objects, and this one does.
//! It also refuses what is nested too deeply, byte order marks, lone surrogates, invalid UTF-8, and trailing data.
//! Numbers stay text, since the only numbers that are ever used are times in seconds.

use alloc::{borrow::ToOwned, boxed::Box, string::String, vec::Vec};

use crate::{
    error::{Error, Violation},
    protocol::text::cut,
};

mod writer;

pub use writer::quoted;

/// Nesting deeper than this is refused (`_claim_sources` and `authorization_details` need four).
const MAX_DEPTH: u32 = 32;

/// Objects with more members than this are refused. Bounds the search for duplicates, which compares each with all.
const MAX_MEMBERS: usize = 512;

/// Any JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, as it is written
    Number(Number),
    /// A string, its escapes resolved
    String(String),
    /// An array
    Array(Vec<Self>),
    /// An object
    Object(Object),
}

/// A number, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(Box<str>);

impl Number {
    /// The number as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The integer part of a number that is neither negative nor 2⁵³ or more.
    ///
    /// `NumericDate` may have a fraction (RFC 7519 §2), and JSON may write an exponent.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        const MAX: u64 = 1 << 53;
        let mut value: u64 = 0;
        let (upper, exponent) = cut(&self.0, b'E');
        let (mantissa, exponent) = if exponent.is_some() { (upper, exponent) } else { cut(upper, b'e') };
        let exponent: i32 = exponent.map_or(Ok(0), str::parse).ok()?;
        let (integer, fraction) = cut(mantissa, b'.');
        if mantissa.starts_with('-') || exponent.unsigned_abs() > 32 {
            return None;
        }
        // The decimal point moves `exponent` digits to the right; what is then left of it counts.
        let wanted = i32::try_from(integer.len()).ok()?.checked_add(exponent)?;
        let mut digits = integer.bytes().chain(fraction.unwrap_or_default().bytes());
        for _ in 0..wanted.max(0) {
            let digit = digits.next().unwrap_or(b'0').wrapping_sub(b'0');
            value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
            if value >= MAX {
                return None;
            }
        }
        Some(value)
    }
}

/// An object; no two members have the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// No members.
    pub const EMPTY: Self = Self(Vec::new());

    /// Reads a document that must be one object.
    ///
    /// # Errors
    ///
    /// `JsonMalformed`, `JsonDuplicateMember`, `JsonTooComplex` or `JsonNotAnObject`, with the name of the document.
    pub fn parse(bytes: &[u8], document: &'static str) -> Result<Self, Error> {
        match parse(bytes) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Violation::JsonNotAnObject.about(document)),
            Err(violation) => Err(violation.about(document)),
        }
    }

    /// The members, in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The member of this name. `null` counts as absent (OpenID Connect Core §2).
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.0.iter().find(|(member, _)| member == name)?;
        if *value == Value::Null { None } else { Some(value) }
    }

    /// An optional string.
    ///
    /// # Errors
    ///
    /// `MemberInvalid` when it is there and no string.
    pub fn string(&self, name: &'static str) -> Result<Option<&str>, Error> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Violation::MemberInvalid.about(name)),
        }
    }

    /// A required string that is not empty.
    ///
    /// # Errors
    ///
    /// `MemberMissing` or `MemberInvalid`, with the member's name.
    pub fn required_string(&self, name: &'static str) -> Result<&str, Error> {
        match self.string(name)? {
            None => Err(Violation::MemberMissing.about(name)),
            Some("") => Err(Violation::MemberInvalid.about(name)),
            Some(text) => Ok(text),
        }
    }

    /// An optional array of strings.
    ///
    /// # Errors
    ///
    /// `MemberInvalid` when it is there and anything else.
    pub fn strings(&self, name: &'static str) -> Result<Option<Vec<&str>>, Error> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| match value {
                    Value::String(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect::<Option<_>>()
                .map(Some)
                .ok_or_else(|| Violation::MemberInvalid.about(name)),
            Some(_) => Err(Violation::MemberInvalid.about(name)),
        }
    }

    /// An optional boolean.
    ///
    /// # Errors
    ///
    /// `MemberInvalid` when it is there and no boolean.
    pub fn boolean(&self, name: &'static str) -> Result<Option<bool>, Error> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Boolean(value)) => Ok(Some(*value)),
            Some(_) => Err(Violation::MemberInvalid.about(name)),
        }
    }

    /// An optional number of seconds; see [`Number::seconds`].
    ///
    /// # Errors
    ///
    /// `MemberInvalid` when it is there and no such number. A wrong type must never skip the check that needs the value.
    pub fn seconds(&self, name: &'static str) -> Result<Option<u64>, Error> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                number.seconds().map(Some).ok_or_else(|| Violation::MemberInvalid.about(name))
            }
            Some(_) => Err(Violation::MemberInvalid.about(name)),
        }
    }
}

/// Reads one JSON text.
///
/// # Errors
///
/// `JsonMalformed`, `JsonDuplicateMember` or `JsonTooComplex`.
pub fn parse(bytes: &[u8]) -> Result<Value, Violation> {
    let text = core::str::from_utf8(bytes).map_err(|_| Violation::JsonMalformed)?;
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.rest.is_empty() { Ok(value) } else { Err(Violation::JsonMalformed) }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Passes over bytes until one that stops it, which begins a character, and answers what was passed.
    fn skip(&mut self, stops: fn(u8) -> bool) -> &'a str {
        let length = self.rest.bytes().position(stops).unwrap_or(self.rest.len());
        let (skipped, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        skipped
    }

    fn skip_space(&mut self) {
        self.skip(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn peek(&self) -> Option<u8> {
        self.rest.bytes().next()
    }

    fn take(&mut self, expected: char) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: u32) -> Result<Value, Violation> {
        if depth >= MAX_DEPTH {
            return Err(Violation::JsonTooComplex);
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => [("null", Value::Null), ("true", Value::Boolean(true)), ("false", Value::Boolean(false))]
                .into_iter()
                .find_map(|(word, value)| {
                    self.rest = self.rest.strip_prefix(word)?;
                    Some(value)
                })
                .ok_or(Violation::JsonMalformed),
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Violation> {
        let mut members: Vec<(String, Value)> = Vec::new();
        self.take('{');
        self.skip_space();
        if self.take('}') {
            return Ok(Value::Object(Object(members)));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            if members.iter().any(|(member, _)| *member == name) {
                return Err(Violation::JsonDuplicateMember);
            }
            if members.len() >= MAX_MEMBERS {
                return Err(Violation::JsonTooComplex);
            }
            self.skip_space();
            if !self.take(':') {
                return Err(Violation::JsonMalformed);
            }
            members.push((name, self.value(depth + 1)?));
            if self.closes('}')? {
                return Ok(Value::Object(Object(members)));
            }
        }
    }

    fn array(&mut self, depth: u32) -> Result<Value, Violation> {
        let mut values = Vec::new();
        self.take('[');
        self.skip_space();
        if self.take(']') {
            return Ok(Value::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.closes(']')? {
                return Ok(Value::Array(values));
            }
        }
    }

    /// After an element: the bracket closes, or a comma announces another one.
    fn closes(&mut self, bracket: char) -> Result<bool, Violation> {
        self.skip_space();
        if self.take(bracket) {
            Ok(true)
        } else if self.take(',') {
            Ok(false)
        } else {
            Err(Violation::JsonMalformed)
        }
    }

    fn string(&mut self) -> Result<String, Violation> {
        if !self.take('"') {
            return Err(Violation::JsonMalformed);
        }
        let mut text = String::new();
        loop {
            text.push_str(self.skip(|byte| byte < b' ' || byte == b'"' || byte == b'\\'));
            if self.take('"') {
                return Ok(text);
            }
            // A control character must be escaped (RFC 8259 §7).
            if !self.take('\\') {
                return Err(Violation::JsonMalformed);
            }
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Violation> {
        let mut characters = self.rest.chars();
        let escaped = characters.next().ok_or(Violation::JsonMalformed)?;
        self.rest = characters.as_str();
        Ok(match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(),
            _ => return Err(Violation::JsonMalformed),
        })
    }

    /// `\uXXXX`, or two of them for a character outside the Basic Multilingual Plane. A lone surrogate is no character.
    fn unicode_escape(&mut self) -> Result<char, Violation> {
        let high = self.hex4()?;
        let code = if (0xd800..0xdc00).contains(&high) {
            if !(self.take('\\') && self.take('u')) {
                return Err(Violation::JsonMalformed);
            }
            let low = self.hex4()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(Violation::JsonMalformed);
            }
            0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
        } else {
            high
        };
        char::from_u32(code).ok_or(Violation::JsonMalformed)
    }

    fn hex4(&mut self) -> Result<u32, Violation> {
        let mut characters = self.rest.chars();
        let mut code = 0;
        for _ in 0..4 {
            let digit = characters.next().and_then(|character| character.to_digit(16));
            code = code * 16 + digit.ok_or(Violation::JsonMalformed)?;
        }
        self.rest = characters.as_str();
        Ok(code)
    }

    /// `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`
    fn number(&mut self) -> Result<Value, Violation> {
        let start = self.rest;
        self.take('-');
        // After a leading zero no digit may follow: it would be taken for what comes after the number, and refused there.
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _sign = self.take('+') || self.take('-');
            self.digits()?;
        }
        let length = start.len() - self.rest.len();
        let text = start.get(..length).unwrap_or_default();
        Ok(Value::Number(Number(text.to_owned().into_boxed_str())))
    }

    fn digits(&mut self) -> Result<(), Violation> {
        if self.skip(|byte| !byte.is_ascii_digit()).is_empty() { Err(Violation::JsonMalformed) } else { Ok(()) }
    }
}
