//! The JSON reader, against `serde_json`: they may differ only where ours is stricter on purpose.

use valetkey::{
    error::Violation,
    protocol::json::{Object, Value, parse},
};

use crate::check_error;

/// The bytes of a document.
pub fn run(data: &[u8]) {
    match (parse(data), serde_json::from_slice::<serde_json::Value>(data)) {
        (Ok(ours), Ok(theirs)) => {
            assert!(same(&ours, &theirs), "{ours:?} is not {theirs:?}");
            assert!(depth(&ours) <= 32);
        }
        (Ok(ours), Err(error)) => {
            assert!(error.to_string().starts_with("number out of range"), "{ours:?}, but: {error}");
        }
        (Err(violation), Ok(theirs)) => match violation {
            Violation::JsonDuplicateMember => {}
            Violation::JsonTooComplex => assert!(is_complex(data), "{theirs}"),
            other => panic!("{other:?}, but: {theirs}"),
        },
        (Err(violation), Err(_)) => assert!(matches!(
            violation,
            Violation::JsonDuplicateMember | Violation::JsonTooComplex | Violation::JsonMalformed
        )),
    }
    match Object::parse(data, "document") {
        Ok(object) => members(&object),
        Err(error) => {
            assert_eq!(error.detail(), Some("document"));
            check_error(&error, &[]);
        }
    }
}

/// The limits are reached by brackets or by commas alone.
fn is_complex(data: &[u8]) -> bool {
    let count = |wanted: &[u8]| data.iter().filter(|byte| wanted.contains(byte)).count();
    count(b"[{") >= 32 || count(b",") >= 512
}

fn depth(value: &Value) -> usize {
    1 + match value {
        Value::Array(values) => values.iter().map(depth).max().unwrap_or_default(),
        Value::Object(object) => object.iter().map(|(_, value)| depth(value)).max().unwrap_or_default(),
        _ => 0,
    }
}

fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Boolean(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::String(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Value::Number(ours), serde_json::Value::Number(theirs)) => {
            let theirs = theirs.as_f64().unwrap_or_default();
            if let Some(seconds) = ours.seconds() {
                // Ours cuts the fraction off, theirs may have rounded it up.
                #[allow(clippy::cast_precision_loss, reason = "below 2⁵³")]
                let difference = theirs - seconds as f64;
                assert!((0.0..=1.0).contains(&difference), "{} is {seconds} seconds", ours.as_str());
            }
            // serde_json may be off by one in the last place.
            let ours: f64 = ours.as_str().parse().unwrap_or(f64::NAN);
            (ours - theirs).abs() <= ours.abs() * 4.0 * f64::EPSILON
        }
        (Value::Array(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.iter().count() == theirs.len()
                && theirs.len() <= 512
                && ours.iter().all(|(name, ours)| theirs.get(name).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => false,
    }
}

/// A member is of one type, or absent; of every other type it is refused.
fn members(object: &Object) {
    let name = "sub";
    let accepted = [
        object.string(name).is_ok(),
        object.strings(name).is_ok(),
        object.boolean(name).is_ok(),
        object.seconds(name).is_ok(),
    ];
    let count = accepted.iter().filter(|accepted| **accepted).count();
    assert_eq!(count == 4, object.member(name).is_none());
    assert!(count == 4 || count <= 1);
    assert_eq!(
        object.required_string(name).is_ok(),
        object.string(name).is_ok_and(|text| text.is_some_and(|text| !text.is_empty()))
    );
}
