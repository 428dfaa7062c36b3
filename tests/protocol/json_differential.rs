//! The JSON reader against another one: they may differ only where ours is stricter on purpose.

use proptest::{collection, prelude::*};
use valetkey::{
    error::Violation,
    protocol::json::{Value, parse},
};

use crate::support::cases;

fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Boolean(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::String(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Value::Number(ours), serde_json::Value::Number(theirs)) => {
            // serde_json may be off by one in the last place.
            let (ours, theirs) = (ours.as_str().parse::<f64>().unwrap(), theirs.as_f64().unwrap());
            (ours - theirs).abs() <= ours.abs() * 4.0 * f64::EPSILON
        }
        (Value::Array(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.iter().count() == theirs.len()
                && ours.iter().all(|(name, ours)| theirs.get(name).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => false,
    }
}

/// Both verdicts on one text agree, but for duplicates, and numbers that have no place in an `f64`.
fn agree(text: &[u8]) -> Result<(), TestCaseError> {
    match (parse(text), serde_json::from_slice::<serde_json::Value>(text)) {
        (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs), "{ours:?} is not {theirs:?}"),
        (Ok(ours), Err(error)) => {
            prop_assert!(error.to_string().starts_with("number out of range"), "{ours:?}, but: {error}");
        }
        (Err(violation), Ok(theirs)) => {
            prop_assert_eq!(violation, Violation::JsonDuplicateMember, "{:?}", theirs);
        }
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

fn document() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        (-1e300..1e300).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..8).prop_map(serde_json::Value::from),
            collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Words and characters that make JSON, or nearly.
fn near_json() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{", "}", "[", "]", ":", ",", " ", "\n", "\"", "\"a\"", "\"b\":", "\"a\":1", "\\", "\\u", "\\u0061", "\\ud83d",
        "\\ude00", "\\n", "null", "true", "false", "0", "1", "9", "-", "+", ".", "e", "E", "é", "\u{0}", "\t",
    ]);
    collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn accepts_what_another_writer_writes(document in document()) {
        for text in [serde_json::to_string(&document).unwrap(), serde_json::to_string_pretty(&document).unwrap()] {
            let ours = parse(text.as_bytes());
            prop_assert!(ours.as_ref().is_ok_and(|ours| same(ours, &document)), "{text}: {ours:?}");
        }
    }

    /// What was read and written again is the same document to another reader, and to this one the same value.
    #[test]
    fn what_is_written_is_what_was_read(document in document()) {
        let ours = parse(document.to_string().as_bytes()).unwrap();
        let json = ours.to_json();
        let theirs: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert!(same(&ours, &theirs), "{json}");
        prop_assert_eq!(parse(json.as_bytes()), Ok(ours));
    }

    #[test]
    fn agrees_on_a_document_with_one_byte_changed(document in document(), position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = serde_json::to_vec(&document).unwrap();
        let position = position.index(text.len());
        text[position] = byte;
        agree(&text)?;
    }

    #[test]
    fn agrees_on_a_document_that_is_cut_off(document in document(), position in any::<prop::sample::Index>()) {
        let text = serde_json::to_vec(&document).unwrap();
        agree(&text[..position.index(text.len())])?;
    }
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn agrees_on_what_is_nearly_json(text in near_json()) {
        agree(text.as_bytes())?;
        agree(format!("\"{text}\"").as_bytes())?;
        agree(format!("{{{text}}}").as_bytes())?;
        agree(format!("[{text}]").as_bytes())?;
    }
}
