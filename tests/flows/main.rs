//! Whole flows: the vault against a scripted provider, in a world in memory with a clock of its own.
#![allow(
    clippy::default_trait_access,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    unreachable_pub,
    reason = "a test that cannot go on has failed, and says where"
)]

mod callback;
mod calls;
mod challenges;
mod dpop;
mod keeping;
mod kept;
mod keys;
mod proofs;
mod provider;
mod pushed;
mod reasons;
mod renewal;
mod resources;
mod response_modes;
mod rows;
mod secrecy;
mod sign_in;
mod sign_out;
mod trace;
mod windows;
