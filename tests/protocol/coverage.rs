//! Every reason that the protocol or the configuration can give is expected by a test somewhere.

use std::{fmt::Debug, fs, path::Path};

use valetkey::error::{Configuration, Violation};

/// Directories and files with tests. The catalogue names every code, and tests none of them.
const PLACES: [&str; 6] =
    ["tests/protocol", "tests/flows.rs", "tests/flows", "tests/browser", "tests/e2e", "tests/package"];

fn read(path: &Path, text: &mut String) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), text);
        }
    } else if path
        .extension()
        .is_some_and(|extension| ["rs", "ts", "js", "mjs"].iter().any(|known| extension == *known))
    {
        text.push_str(&fs::read_to_string(path).unwrap());
    }
}

fn occurs(text: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.match_indices(word).any(|(start, _)| {
        !text[..start].ends_with(part_of_word) && !text[start + word.len()..].starts_with(part_of_word)
    })
}

fn missing<R: Copy + Debug>(text: &str, kind: &str, reasons: &[R], code: fn(R) -> &'static str) -> Vec<String> {
    reasons
        .iter()
        .map(|reason| (format!("{kind}::{reason:?}"), format!("\"{}\"", code(*reason))))
        .filter(|(variant, code)| !occurs(text, variant) && !text.contains(code))
        .map(|(variant, _)| variant)
        .collect()
}

#[test]
fn every_reason_is_expected_by_a_test() {
    let mut text = String::new();
    for place in PLACES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
        if path.exists() {
            read(&path, &mut text);
        }
    }
    let mut missing_reasons = missing(&text, "Violation", Violation::ALL, Violation::code);
    missing_reasons.extend(missing(&text, "Configuration", Configuration::ALL, Configuration::code));
    assert!(missing_reasons.is_empty(), "no test expects {missing_reasons:#?}");
}
