//! The rules of the protocol, one test for each: what is refused and under which name, and what is accepted beside it.
#![allow(
    clippy::default_trait_access,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod algorithm;
mod at_hash;
mod authorization;
mod authorization_response;
mod bombs;
mod challenge;
mod claims;
mod config;
mod discovery;
mod dpop;
mod es256;
mod form;
mod header;
mod http;
mod id_token;
mod id_token_renewal;
mod id_token_time;
mod issuer;
mod json;
mod json_differential;
mod jwk;
mod jwks;
mod jws;
mod logout;
mod one_byte;
mod pkce;
mod pushed;
mod revocation;
mod rfc_vectors;
mod round_trip;
mod session;
mod signed_response;
mod support;
mod time;
mod token;
mod token_error;
mod url;
mod url_differential;
mod user_info;
mod wycheproof;
