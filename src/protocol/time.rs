//! Points and spans of time. No clock: whoever has one passes what it shows.

/// A point in time, in seconds since 1970-01-01T00:00:00Z, as `NumericDate` counts them (RFC 7519 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The point this many seconds after 1970.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// The point this many seconds later.
    #[must_use]
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds between two points.
    #[must_use]
    pub const fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// The point this many seconds earlier.
    #[must_use]
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }
}

/// How far this device's clock may be from the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTolerance(u64);

impl ClockTolerance {
    /// Five minutes.
    pub const DEFAULT: Self = Self(300);

    /// The conformance suite holds that a token six minutes past its expiry must be refused, so it stays below.
    const MAX: u64 = 350;

    /// A tolerance of 0 to 350 seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Option<Self> {
        if seconds <= Self::MAX { Some(Self(seconds)) } else { None }
    }

    /// The provider's time, as far as a token that it issued for us just now tells: `iat` itself where that is within the
    /// tolerance of our clock, else our clock moved towards it as far as the tolerance allows.
    #[must_use]
    pub fn corrected(self, now: Timestamp, issued_at: Timestamp) -> Timestamp {
        issued_at.clamp(now.minus(self.0), now.plus(self.0))
    }

    /// Whether a point in time that somebody else's clock showed has passed for certain.
    #[must_use]
    pub fn has_passed(self, point: Timestamp, now: Timestamp) -> bool {
        point.plus(self.0) <= now
    }
}

/// A point in time as two clocks show it, in milliseconds. The monotonic one never jumps, but in some browsers it stands
/// still while the device sleeps; the wall clock goes on then, but anybody may set it. Time has passed if one of them says
/// so: neither a clock that was set back nor a night in a bag prolongs anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    monotonic: u64,
    wall: u64,
}

impl Instant {
    /// The point at which the clocks show this.
    #[must_use]
    pub const fn new(monotonic: u64, wall: u64) -> Self {
        Self { monotonic, wall }
    }

    /// The point at which both clocks show this.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self::new(millis, millis)
    }

    /// The point this many seconds later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// The point this many milliseconds later.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self::new(self.monotonic.saturating_add(millis), self.wall.saturating_add(millis))
    }

    /// Whether this point has come.
    #[must_use]
    pub const fn has_come(self, now: Self) -> bool {
        now.monotonic >= self.monotonic || now.wall >= self.wall
    }

    /// Milliseconds from this point until `now`, or zero: what the clock says that has moved further.
    #[must_use]
    pub fn millis_since(self, now: Self) -> u64 {
        now.monotonic.saturating_sub(self.monotonic).max(now.wall.saturating_sub(self.wall))
    }

    /// Milliseconds that are left from `now` until this point, or zero.
    #[must_use]
    pub fn millis_left(self, now: Self) -> u64 {
        self.monotonic.saturating_sub(now.monotonic).min(self.wall.saturating_sub(now.wall))
    }
}
