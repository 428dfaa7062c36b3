//! URLs and `application/x-www-form-urlencoded`, as narrow as OpenID Connect needs them.
//!
//! [`Url`] reads only URLs that every parser reads alike: absolute, http(s), no user information, no backslash, no
//! dot segments, no white space. So what is checked here is what the browser will contact, and a comparison of origins
//! or path prefixes cannot be tricked. The original text is kept: OpenID Connect compares text, not normal forms.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::text::{cut, parts};

/// Which schemes are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `https`; `http` for loopback hosts alone.
    Secure,
    /// `http` for any host: the option `dangerAllowInsecureHttp`.
    DangerInsecure,
}

/// Why a text is not taken as a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// It is not an absolute http(s) URL in the narrow form of this module.
    Malformed,
    /// It is `http` on a host that is not loopback.
    Insecure,
}

/// An absolute http(s) URL, kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    text: String,
    /// Where the authority ends and the path begins.
    path: usize,
    /// Where the path ends: at the `?` of the query, if there is one.
    query: usize,
    /// Where the query ends: at the `#` of the fragment, if there is one.
    fragment: usize,
}

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`UrlError`].
    pub fn parse(text: &str, transport: Transport) -> Result<Self, UrlError> {
        let secure = text.strip_prefix("https://");
        let rest = secure.or_else(|| text.strip_prefix("http://")).ok_or(UrlError::Malformed)?;
        let authority_length = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(authority_length).ok_or(UrlError::Malformed)?;
        let path_start = text.len() - rest.len();
        let (before_fragment, _) = cut(rest, b'#');
        let (path, _) = cut(before_fragment, b'?');

        let host = valid_authority(authority).ok_or(UrlError::Malformed)?;
        let visible = |text: &str, refused: &str| {
            text.bytes().all(|byte| byte.is_ascii_graphic() && !refused.as_bytes().contains(&byte))
        };
        // A browser would encode these. What follows a `#` may hold anything that an address bar shows, and is never sent.
        let query = before_fragment.get(path.len()..).unwrap_or_default();
        if !visible(path, "\"<>\\^`{}") || !visible(query, "\"<>'") || parts(path, b'/').any(is_dot_segment) {
            return Err(UrlError::Malformed);
        }
        if secure.is_none() && transport == Transport::Secure && !is_loopback(host) {
            return Err(UrlError::Insecure);
        }
        Ok(Self {
            text: text.to_owned(),
            path: path_start,
            query: path_start + path.len(),
            fragment: path_start + before_fragment.len(),
        })
    }

    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, normalised as browsers write an origin: lower case, default port left out.
    #[must_use]
    pub fn origin(&self) -> String {
        let mut origin = self.part(0, self.path).to_ascii_lowercase();
        let default_port = if origin.starts_with("https:") { ":443" } else { ":80" };
        if origin.ends_with(default_port) {
            origin.truncate(origin.len() - default_port.len());
        }
        origin
    }

    /// The path; `/` when it is empty.
    #[must_use]
    pub fn path(&self) -> &str {
        let path = self.part(self.path, self.query);
        if path.is_empty() { "/" } else { path }
    }

    /// Origin and path: the URL as a browser writes it, without query and fragment.
    #[must_use]
    pub fn location(&self) -> String {
        let mut location = self.origin();
        location.push_str(self.path());
        location
    }

    /// What follows the `?`, if there is one.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.part(self.query, self.fragment).strip_prefix('?')
    }

    /// What follows the `#`, if there is one.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        self.part(self.fragment, self.text.len()).strip_prefix('#')
    }

    /// Whether this URL has the origin of `other` and lies under its path. `/v1` covers `/v1` and `/v1/x`, not `/v10`.
    #[must_use]
    pub fn is_under(&self, other: &Self) -> bool {
        let mut prefix = other.path();
        while let Some(shorter) = prefix.strip_suffix('/') {
            prefix = shorter;
        }
        self.origin() == other.origin()
            && self.path().strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What separates a further query parameter from the URL: `?`, `&`, or nothing after a bare `?`.
    #[must_use]
    pub fn parameter_separator(&self) -> Option<char> {
        match self.query() {
            None => Some('?'),
            Some("") => None,
            Some(_) => Some('&'),
        }
    }

    fn part(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

/// The host of `host[:port]`, when a browser would write both as they are written here, but for upper case. User
/// information (`user@`) is not taken, nor an IPv6 address other than the loopback one: it has too many spellings.
fn valid_authority(authority: &str) -> Option<&str> {
    let (host, port) = match authority.bytes().rposition(|byte| byte == b':') {
        // The last colon of a bracketed IPv6 address separates no port.
        Some(colon) if !authority.ends_with(']') => (authority.get(..colon)?, authority.get(colon + 1..)),
        _ => (authority, None),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let valid_host = host == "[::1]" || (!host.is_empty() && host.bytes().all(plain) && is_unambiguous(host));
    let valid_port = port.is_none_or(|port| is_decimal(port, 65535));
    (valid_host && valid_port).then_some(host)
}

/// A host whose last label is a number is an IPv4 address to a browser, in whatever base and however short: taken only in
/// the one form that stays as it is.
fn is_unambiguous(host: &str) -> bool {
    let label = host.strip_suffix('.').unwrap_or(host);
    let label = parts(label, b'.').last().unwrap_or_default();
    if !label.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let is_hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X")).is_some();
    let is_number = is_hex || label.bytes().all(|byte| byte.is_ascii_digit());
    !is_number || (parts(host, b'.').count() == 4 && parts(host, b'.').all(|label| is_decimal(label, 255)))
}

/// Decimal digits without a leading zero, of a number up to `most`.
fn is_decimal(text: &str, most: u64) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    digits && text.parse().is_ok_and(|number: u64| number <= most)
}

/// The hosts of RFC 8252 §7.3 and §8.3, and `localhost` names, which browsers resolve to the loopback interface.
fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

/// `.` and `..`, also percent-encoded: a browser removes them, and would contact another path than was checked.
fn is_dot_segment(segment: &str) -> bool {
    let dot = |text: &str| match text.as_bytes() {
        [b'.', ..] => Some(1),
        [b'%', b'2', b'e' | b'E', ..] => Some(3),
        _ => None,
    };
    let Some(first) = dot(segment) else {
        return false;
    };
    let rest = segment.get(first..).unwrap_or_default();
    rest.is_empty() || dot(rest) == Some(rest.len())
}

/// Whether `target` is a path of this origin that a browser cannot read as a URL of another origin: it begins with one
/// slash, and has no backslash and no control character (`//host`, `/\host` and `/\t/host` name hosts).
#[must_use]
pub fn is_local_path(target: &str) -> bool {
    let mut bytes = target.bytes();
    bytes.next() == Some(b'/')
        && bytes.next() != Some(b'/')
        && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !parts(cut(cut(target, b'#').0, b'?').0, b'/').any(is_dot_segment)
}

/// Appends `name=value`, form-encoded, after a `separator` if there is one.
pub fn append_parameter(target: &mut String, separator: Option<char>, name: &str, value: &str) {
    target.extend(separator);
    append_encoded(target, name);
    target.push('=');
    append_encoded(target, value);
}

/// The parameters in form encoding, in this order.
#[must_use]
pub fn encode_form<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut form = String::new();
    for (name, value) in parameters {
        let separator = (!form.is_empty()).then_some('&');
        append_parameter(&mut form, separator, name, value);
    }
    form
}

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3, which every decoder reads back alike.
fn append_encoded(target: &mut String, text: &str) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            target.push(char::from(byte));
        } else {
            target.push('%');
            target.extend([byte >> 4, byte & 15].map(|nibble| HEX.get(usize::from(nibble)).copied().unwrap_or('0')));
        }
    }
}

/// The parameters of a query or form, decoded once. `None` when a name or value is not UTF-8.
#[must_use]
pub fn decode_form(form: &str) -> Option<Vec<(String, String)>> {
    parts(form, b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = cut(pair, b'=');
            Some((decode(name)?, decode(value.unwrap_or_default())?))
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => decoded.push(b' '),
            b'%' => {
                let mut ahead = bytes.clone();
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                match (digit(ahead.next()), digit(ahead.next())) {
                    (Some(high), Some(low)) => {
                        decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
                        bytes = ahead;
                    }
                    // As the URL standard has it: a lone `%` stands for itself.
                    _ => decoded.push(byte),
                }
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok()
}

/// A number in decimal digits. (Formatting machinery is the largest hidden cost of a small wasm.)
#[must_use]
pub fn decimal(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(b'0' + u8::try_from(number % 10).unwrap_or_default()));
        number /= 10;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}
