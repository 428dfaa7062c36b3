//! What happens, for who wants to know.

use alloc::string::String;

use crate::error::Error;

/// One step of the protocol as the vault took it. Never holds a token, a code, a state, a nonce or a verifier.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TraceStep {
    /// When, in milliseconds since 1970.
    pub at: f64,
    /// What was done, e.g. `token_requested`: the names of [`vault::trace::Step`](crate::vault::trace::Step).
    pub step: String,
    /// What is worth knowing of it: a host, an HTTP status, an error code.
    pub detail: Option<String>,
}

/// What has happened to the session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// `signed_in`, `user_changed`, `renewing`, `renewed`, `signed_out`, `renewal_postponed`, `restored` or `error`.
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub at: f64,
    /// Of `signed_out`: why.
    pub reason: Option<String>,
    /// Of `renewal_postponed`: why, as the code of an error.
    pub code: Option<String>,
    /// Of `restored`: how the page came by the session.
    pub by: Option<String>,
    /// Of `error`: the error.
    pub error: Option<Error>,
}
