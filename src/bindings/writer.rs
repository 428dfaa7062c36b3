//! JSON that is being written.

use alloc::{borrow::ToOwned, string::String};

pub(super) use crate::protocol::json::quoted as text;

/// The members of an object.
#[derive(Default)]
pub(super) struct Members(String);

impl Members {
    /// A member with a value in JSON.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&text(name));
        self.0.push(':');
        self.0.push_str(value);
        self
    }

    /// A member that is a string, if there is one.
    pub(super) fn text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, &text(value)),
            None => self,
        }
    }

    pub(super) fn end(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "{}" } else { "}" });
        self.0
    }
}

pub(super) fn array(values: impl Iterator<Item = String>) -> String {
    let mut json = "[".to_owned();
    for value in values {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&value);
    }
    json.push(']');
    json
}
