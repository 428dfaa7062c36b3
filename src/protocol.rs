//! The rules, and nothing else.
//!
//! Everything here is sans-IO: no async, no clock, no randomness, no web API. A request is built as plain data, a
//! response is processed as plain data, and time and random bytes are arguments. So it runs natively, where most of the
//! tests are, and can be fuzzed. A function that checks something cites the rule it follows.

pub mod authorization;
pub mod challenge;
pub mod claims;
pub mod discovery;
pub mod dpop;
pub mod http;
pub mod id_token;
pub mod issuer;
pub mod jose;
pub mod json;
pub mod logout;
pub mod pkce;
pub mod pushed;
pub mod revocation;
pub mod session;
pub mod signed_response;
pub(crate) mod text;
pub mod time;
pub mod token;
pub mod token_error;
pub mod url;
pub mod user_info;
