//! Points in time, and how far clocks may be apart.

use valetkey::protocol::time::{ClockTolerance, Instant, Timestamp};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

#[test]
fn a_timestamp_moves_without_wrapping() {
    assert_eq!(at(10).plus(5), at(15));
    assert_eq!(at(10).minus(4), at(6));
    assert_eq!(at(10).minus(11), at(0));
    assert_eq!(at(u64::MAX).plus(1), at(u64::MAX));
    assert_eq!(at(7).as_seconds(), 7);
    assert!(at(1) < at(2));
}

/// The conformance suite expects a refusal of a token six minutes past its expiry.
#[test]
fn a_tolerance_is_at_most_350_seconds() {
    assert!(ClockTolerance::from_seconds(0).is_some());
    assert!(ClockTolerance::from_seconds(350).is_some());
    assert!(ClockTolerance::from_seconds(351).is_none());
    assert!(ClockTolerance::from_seconds(u64::MAX).is_none());
}

#[test]
fn the_default_tolerance_is_five_minutes() {
    assert_eq!(Some(ClockTolerance::DEFAULT), ClockTolerance::from_seconds(300));
}

#[test]
fn the_clock_is_corrected_as_far_as_the_tolerance_goes() {
    let tolerance = ClockTolerance::from_seconds(100).unwrap();
    for (issued, corrected) in [
        (1000, 1000),
        (950, 950),
        (1050, 1050),
        (900, 900),
        (1100, 1100),
        (899, 900),
        (1101, 1100),
        (0, 900),
        (u64::MAX, 1100),
    ] {
        assert_eq!(tolerance.corrected(at(1000), at(issued)), at(corrected), "issued at {issued}");
    }
    let none = ClockTolerance::from_seconds(0).unwrap();
    assert_eq!(none.corrected(at(1000), at(999)), at(1000));
    assert_eq!(none.corrected(at(1000), at(1001)), at(1000));
    // At the ends of the range.
    assert_eq!(tolerance.corrected(at(50), at(0)), at(0));
    assert_eq!(tolerance.corrected(at(u64::MAX), at(u64::MAX)), at(u64::MAX));
}

#[test]
fn an_instant_counts_milliseconds() {
    let start = Instant::from_millis(500);
    assert_eq!(start.plus_seconds(2), Instant::from_millis(2500));
    assert_eq!(start.millis_since(Instant::from_millis(2500)), 2000);
    assert_eq!(Instant::from_millis(2500).millis_since(start), 0);
    assert_eq!(start.millis_since(start), 0);
    assert_eq!(Instant::from_millis(2500).millis_left(start), 2000);
    assert_eq!(start.millis_left(Instant::from_millis(2500)), 0);
}

/// ATTACKS L-02, L-03: the wall clock is set, or the monotonic one stands still while the device sleeps.
#[test]
fn time_has_passed_when_either_clock_says_so() {
    let start = Instant::new(1000, 50_000);
    let end = start.plus_seconds(2);
    for (now, come, since, left) in [
        (Instant::new(2999, 51_999), false, 1999, 1),
        (Instant::new(3000, 51_000), true, 2000, 0),
        (Instant::new(3000, 0), true, 2000, 0),
        (Instant::new(1001, 52_000), true, 2000, 0),
        (Instant::new(1000, 90_000), true, 40_000, 0),
        (Instant::new(1500, 0), false, 500, 1500),
    ] {
        assert_eq!((end.has_come(now), start.millis_since(now), end.millis_left(now)), (come, since, left), "{now:?}");
    }
}

/// A lifetime that a provider makes up must not wrap into the past.
#[test]
fn an_instant_moves_without_wrapping() {
    assert_eq!(Instant::from_millis(5).plus_seconds(u64::MAX), Instant::from_millis(u64::MAX));
    assert_eq!(Instant::from_millis(u64::MAX).plus_seconds(1), Instant::from_millis(u64::MAX));
}
