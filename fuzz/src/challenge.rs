//! What a resource says of a credential it refuses, held against another way to read it: element by element.

use valetkey::protocol::challenge::Challenge;

use crate::check_same;

/// Scheme, and names and values.
type Read = Vec<(String, Vec<(String, String)>)>;

/// A header.
pub fn run(data: &[u8]) {
    let Ok(header) = std::str::from_utf8(data) else {
        return;
    };
    let theirs = read(header).filter(|_| header.len() <= 8192).unwrap_or_default();
    for scheme in ["Bearer", "DPoP", "basic"] {
        let ours = check_same(|| Challenge::read(header, scheme));
        let find = |wanted: &str| {
            theirs
                .iter()
                .map(told)
                .zip(&theirs)
                .find(|(told, (known, _))| known.eq_ignore_ascii_case(wanted) && told.error.is_some())
        };
        let theirs = find(scheme).or_else(|| find("bearer")).map(|(told, _)| told);
        assert_eq!(ours, theirs, "{header:?}");
        if let Some(challenge) = ours {
            assert!(challenge.max_age.is_none_or(|seconds| seconds < 1_000_000_000));
            for text in [challenge.error, challenge.scope, challenge.acr_values].into_iter().flatten() {
                assert!(!text.is_empty() && text.len() <= 8192 && text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            }
        }
    }
}

/// What is told of a challenge.
fn told((_, parameters): &(String, Vec<(String, String)>)) -> Challenge {
    let text = |wanted: &str| {
        let value =
            parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.clone());
        value.filter(|value| !value.is_empty() && value.chars().all(|character| matches!(character, ' '..='~')))
    };
    let digits = text("max_age").filter(|value| value.chars().all(|character| character.is_ascii_digit()));
    Challenge {
        error: text("error"),
        scope: text("scope"),
        acr_values: text("acr_values"),
        max_age: digits.and_then(|digits| digits.parse().ok()).filter(|seconds| *seconds < 1_000_000_000),
    }
}

/// The challenges of a header; `None` when it is malformed.
fn read(header: &str) -> Option<Read> {
    let mut challenges = Read::new();
    for element in elements(header)? {
        let element = element.trim_matches([' ', '\t']);
        if element.is_empty() {
            continue;
        }
        if let Some((name, value)) = parameter(element)? {
            add(challenges.last_mut()?, name, value)?;
            continue;
        }
        let (scheme, rest) = element.split_once([' ', '\t']).unwrap_or((element, ""));
        let rest = rest.trim_matches([' ', '\t']);
        if !is_token(scheme) {
            return None;
        }
        challenges.push((scheme.to_owned(), Vec::new()));
        let credentials = rest.trim_end_matches('=');
        if !credentials.chars().all(|character| character.is_ascii_alphanumeric() || "-._~+/".contains(character)) {
            let (name, value) = parameter(rest)??;
            add(challenges.last_mut()?, name, value)?;
        }
    }
    Some(challenges)
}

fn add(challenge: &mut (String, Vec<(String, String)>), name: String, value: String) -> Option<()> {
    let known = challenge.1.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name));
    challenge.1.push((name, value));
    (!known).then_some(())
}

/// What stands between commas that are in no quoted string; `None` when a quoted string does not end.
fn elements(header: &str) -> Option<Vec<String>> {
    let mut elements = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in header.chars() {
        if character == ',' && !quoted {
            elements.push(String::new());
            continue;
        }
        if !escaped && character == '"' {
            quoted = !quoted;
        }
        escaped = quoted && !escaped && character == '\\';
        elements.last_mut()?.push(character);
    }
    (!quoted).then_some(elements)
}

/// `name = value`: the inner `None` when it is none, the outer when it is a malformed one.
#[allow(clippy::option_option, reason = "it is none, or it is wrong")]
fn parameter(text: &str) -> Option<Option<(String, String)>> {
    let Some((name, value)) = text.split_once('=') else {
        return Some(None);
    };
    let (name, value) = (name.trim_end_matches([' ', '\t']), value.trim_start_matches([' ', '\t']));
    if !is_token(name) {
        return Some(None);
    }
    let Some(inner) = value.strip_prefix('"') else {
        return is_token(value).then(|| Some((name.to_owned(), value.to_owned())));
    };
    let (mut unquoted, mut characters) = (String::new(), inner.chars());
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then(|| Some((name.to_owned(), unquoted))),
            '\\' => unquoted.push(characters.next()?),
            character => unquoted.push(character),
        }
    }
}

fn is_token(text: &str) -> bool {
    let valid = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    !text.is_empty() && text.chars().all(valid)
}
