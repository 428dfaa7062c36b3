//! The session against a model of it: tens of thousands of stories of tabs that sign in and out, call, crash and sleep, at a
//! provider that rotates refresh tokens and takes revenge for reuse, over a network that does anything to a request.
//!
//! No story loses a valid session, uses a refresh token twice, or shows a user as signed in who has signed out. One that
//! does is made as short as can be and shown. `MODEL_STORIES` says how many are told, `MODEL_SEED` which: the same ones each time,
//! unless it is another number.
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

mod action;
mod counts;
mod provider;
mod story;
mod watch;
mod world;

use std::{cell::RefCell, io::Write};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use action::plot;
use counts::Counts;
use story::Story;

/// Stories of each test, unless `MODEL_STORIES` says otherwise.
const STORIES: u32 = 10_000;

/// Tells stories with so many vaults of one client.
fn tell(name: &str, vaults: usize) {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let config = Config {
        cases: number("MODEL_STORIES").unwrap_or(STORIES),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        rng_algorithm: RngAlgorithm::XorShift,
        ..Config::default()
    };
    let total = RefCell::new((0_u64, 0_u64, Counts::default()));
    let mut seed = *b"stories of tabs ";
    seed[..4].copy_from_slice(&number("MODEL_SEED").unwrap_or_default().to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::XorShift, &seed);
    let outcome = TestRunner::new_with_rng(config, random).run(&plot(), |plot| {
        let counts = Story::tell(&plot, vaults).map_err(TestCaseError::fail)?;
        let mut total = total.borrow_mut();
        total.0 += 1;
        total.1 += plot.steps.len() as u64;
        total.2.add(&counts);
        Ok(())
    });
    let (told, actions, counts) = total.into_inner();
    let events: Vec<_> = counts.named().iter().map(|(words, number)| format!("{number} {words}")).collect();
    // Past the harness, which keeps what a test prints to itself.
    let line = format!("model, {name}: {told} sequences, {actions} actions: {}\n", events.join(", "));
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    if let Err(error) = outcome {
        panic!("{error}");
    }
    for (words, number) in counts.named() {
        assert!(number > 0, "in none of {told} stories there were any {words}");
    }
}

#[test]
fn tabs_of_one_vault() {
    tell("one vault", 1);
}

#[test]
fn vaults_of_one_client() {
    tell("three vaults", 3);
}
