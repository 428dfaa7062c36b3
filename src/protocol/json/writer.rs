//! Values written as JSON (RFC 8259).

use alloc::string::String;

use super::Value;

impl Value {
    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        let separated = |json: &mut String, mark: char, index: usize| json.push(if index == 0 { mark } else { ',' });
        match self {
            Self::Null => json.push_str("null"),
            Self::Boolean(value) => json.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => json.push_str(number.as_str()),
            Self::String(text) => json.push_str(&quoted(text)),
            Self::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    separated(json, '[', index);
                    value.write(json);
                }
                json.push_str(if values.is_empty() { "[]" } else { "]" });
            }
            Self::Object(object) => {
                for (index, (name, value)) in object.iter().enumerate() {
                    separated(json, '{', index);
                    json.push_str(&quoted(name));
                    json.push(':');
                    value.write(json);
                }
                json.push_str(if object.iter().next().is_none() { "{}" } else { "}" });
            }
        }
    }
}

/// A string as JSON (RFC 8259 §7).
#[must_use]
pub fn quoted(value: &str) -> String {
    let mut json = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            // Two hexadecimal digits, of which the first is 0 or 1.
            '\0'..' ' => {
                json.push_str(if character < '\u{10}' { "\\u000" } else { "\\u001" });
                json.extend(char::from_digit(u32::from(character) & 15, 16));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}
