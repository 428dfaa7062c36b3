//! The times of an ID token (OpenID Connect Core §2, §3.1.3.7 9., 10. and 13.), to the second.

use valetkey::error::Violation;

use crate::{
    id_token::{NOW, SignIn, claims},
    support::{Members, assert_refused, assert_refused_about},
};

fn with(times: &[(&str, u64)]) -> Members {
    times.iter().fold(claims(), |claims, (name, seconds)| claims.with(name, &seconds.to_string()))
}

#[track_caller]
fn assert_accepted(sign_in: SignIn, times: &[(&str, u64)]) {
    let outcome = sign_in.validate(&with(times));
    assert!(outcome.is_ok(), "{times:?}: {}", outcome.unwrap_err());
}

#[track_caller]
fn assert_violated(sign_in: SignIn, times: &[(&str, u64)], violation: Violation) {
    assert_refused(sign_in.validate(&with(times)), violation);
}

fn exact() -> SignIn {
    SignIn { tolerance: 0, ..SignIn::default() }
}

const TOLERANT: fn() -> SignIn = SignIn::default;

/// RFC 7519 §4.1.4: on or after `exp` it must not be accepted.
#[test]
fn refuses_an_expired_id_token() {
    assert_accepted(exact(), &[("exp", NOW + 1)]);
    assert_violated(exact(), &[("exp", NOW)], Violation::IdTokenExpired);
    assert_violated(exact(), &[("exp", NOW - 1)], Violation::IdTokenExpired);
    assert_violated(exact(), &[("exp", 0)], Violation::IdTokenExpired);
    assert_accepted(exact(), &[("iat", NOW - 100), ("exp", NOW + 1)]);
    assert_violated(exact(), &[("iat", NOW - 100), ("exp", NOW)], Violation::IdTokenExpired);
}

#[test]
fn an_id_token_expires_by_the_clock_it_was_issued_by() {
    // The provider's clock is behind, as far as the tolerance goes.
    assert_accepted(TOLERANT(), &[("iat", NOW - 300), ("exp", NOW - 299)]);
    assert_violated(TOLERANT(), &[("iat", NOW - 300), ("exp", NOW - 300)], Violation::IdTokenExpired);
    assert_accepted(TOLERANT(), &[("iat", NOW - 500), ("exp", NOW - 299)]);
    assert_violated(TOLERANT(), &[("iat", NOW - 500), ("exp", NOW - 300)], Violation::IdTokenExpired);
    // It is ahead: what has expired there has expired.
    assert_accepted(TOLERANT(), &[("iat", NOW + 200), ("exp", NOW + 201)]);
    assert_violated(TOLERANT(), &[("iat", NOW + 200), ("exp", NOW + 200)], Violation::IdTokenExpired);
    assert_violated(TOLERANT(), &[("iat", NOW + 200), ("exp", NOW + 1)], Violation::IdTokenExpired);
}

/// What the conformance suite sends: six minutes past its end, with any tolerance there is.
#[test]
fn refuses_an_id_token_six_minutes_after_its_end() {
    let widest = SignIn { tolerance: 350, ..SignIn::default() };
    assert_violated(widest, &[("iat", NOW - 600), ("exp", NOW - 360)], Violation::IdTokenExpired);
    assert_violated(widest, &[("iat", NOW), ("exp", NOW - 360)], Violation::IdTokenExpired);
}

#[test]
fn refuses_an_id_token_from_the_future() {
    assert_accepted(exact(), &[("iat", NOW)]);
    assert_violated(exact(), &[("iat", NOW + 1)], Violation::IssuedInFuture);
    assert_accepted(TOLERANT(), &[("iat", NOW + 300)]);
    assert_violated(TOLERANT(), &[("iat", NOW + 301)], Violation::IssuedInFuture);
    assert_violated(TOLERANT(), &[("iat", NOW + 100_000), ("exp", NOW + 200_000)], Violation::IssuedInFuture);
}

#[test]
fn refuses_an_id_token_that_was_issued_more_than_ten_minutes_ago() {
    assert_accepted(exact(), &[("iat", NOW - 600)]);
    assert_violated(exact(), &[("iat", NOW - 601)], Violation::IssuedTooLongAgo);
    assert_accepted(TOLERANT(), &[("iat", NOW - 900)]);
    assert_violated(TOLERANT(), &[("iat", NOW - 901)], Violation::IssuedTooLongAgo);
    assert_violated(TOLERANT(), &[("iat", 0)], Violation::IssuedTooLongAgo);
}

/// RFC 7519 §4.1.5.
#[test]
fn refuses_an_id_token_that_is_not_valid_yet() {
    assert_accepted(exact(), &[("nbf", NOW)]);
    assert_violated(exact(), &[("nbf", NOW + 1)], Violation::NotYetValid);
    assert_accepted(TOLERANT(), &[("iat", NOW + 100), ("nbf", NOW + 100)]);
    assert_violated(TOLERANT(), &[("iat", NOW + 100), ("nbf", NOW + 101)], Violation::NotYetValid);
    assert_accepted(TOLERANT(), &[("iat", NOW - 100), ("nbf", NOW - 100)]);
    assert_violated(TOLERANT(), &[("iat", NOW - 100), ("nbf", NOW - 99)], Violation::NotYetValid);
}

#[test]
fn refuses_an_id_token_without_its_times() {
    for name in ["exp", "iat"] {
        assert_refused_about(TOLERANT().validate(&claims().without(name)), Violation::MemberMissing, name);
        assert_refused_about(TOLERANT().validate(&claims().with(name, "null")), Violation::MemberMissing, name);
    }
}

/// CVE-2026-25537: a time of the wrong type never skips its check.
#[test]
fn refuses_times_of_the_wrong_type() {
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for json in [
            "\"1700000000\"",
            "\"\"",
            "[]",
            "{}",
            "true",
            "-1",
            "-1700000000",
            "1e400",
            "1e20",
            "9007199254740992",
            "[1700000000]",
        ] {
            assert_refused_about(TOLERANT().validate(&claims().with(name, json)), Violation::MemberInvalid, name);
        }
    }
}

#[test]
fn accepts_times_with_a_fraction_or_an_exponent() {
    let claims = claims().with("iat", "1700000000.75").with("exp", "1.7000036e9").with("nbf", "17e8");
    assert!(exact().validate(&claims).is_ok());
}

fn max_age(max_age: u64) -> SignIn {
    SignIn { max_age: Some(max_age), ..SignIn::default() }
}

const STARTED: u64 = NOW - 10;

/// Counted from the request, with 30 seconds for rounding and the way.
#[test]
fn refuses_an_authentication_that_is_older_than_asked_for() {
    assert_accepted(max_age(60), &[("auth_time", STARTED - 90)]);
    assert_violated(max_age(60), &[("auth_time", STARTED - 91)], Violation::AuthTimeTooOld);
    assert_violated(max_age(60), &[("auth_time", 0)], Violation::AuthTimeTooOld);
    assert_accepted(SignIn { max_age: None, ..SignIn::default() }, &[("auth_time", 0)]);
}

/// §3.1.2.1: zero asks for a new authentication; it is not nothing.
#[test]
fn a_max_age_of_zero_asks_for_an_authentication_now() {
    assert_accepted(max_age(0), &[("auth_time", NOW)]);
    assert_accepted(max_age(0), &[("auth_time", STARTED - 30)]);
    assert_violated(max_age(0), &[("auth_time", STARTED - 31)], Violation::AuthTimeTooOld);
    assert_violated(max_age(0), &[], Violation::AuthTimeMissing);
}

#[test]
fn refuses_a_missing_authentication_time_that_was_asked_for() {
    assert_violated(max_age(3600), &[], Violation::AuthTimeMissing);
    assert_refused(max_age(3600).validate(&claims().with("auth_time", "null")), Violation::AuthTimeMissing);
    assert_accepted(TOLERANT(), &[]);
}

#[test]
fn the_authentication_is_judged_by_the_providers_clock() {
    for (issued, started) in [(NOW + 100, STARTED + 100), (NOW - 100, STARTED - 100), (NOW - 800, STARTED - 300)] {
        assert_accepted(max_age(60), &[("iat", issued), ("auth_time", started - 90)]);
        assert_violated(max_age(60), &[("iat", issued), ("auth_time", started - 91)], Violation::AuthTimeTooOld);
    }
}

#[test]
fn refuses_an_authentication_in_the_future() {
    assert_accepted(max_age(60), &[("auth_time", NOW + 30)]);
    assert_refused_about(
        max_age(60).validate(&with(&[("auth_time", NOW + 31)])),
        Violation::MemberInvalid,
        "auth_time",
    );
    assert_accepted(max_age(60), &[("iat", NOW + 100), ("auth_time", NOW + 130)]);
    let ahead = max_age(60).validate(&with(&[("iat", NOW + 100), ("auth_time", NOW + 131)]));
    assert_refused_about(ahead, Violation::MemberInvalid, "auth_time");
}

#[test]
fn the_largest_max_age_does_not_wrap() {
    assert_accepted(max_age(u64::MAX), &[("auth_time", 0)]);
    assert_accepted(max_age(u64::MAX), &[("auth_time", NOW)]);
}
