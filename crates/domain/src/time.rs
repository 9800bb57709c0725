//! Time as data: the instant type and the clock port.
//!
//! Nothing in the domain asks the machine what time it is: use cases ask their [`Clock`], and pure code takes
//! `now` as an argument, so that a test decides.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;

/// A moment in UTC, in whole microseconds: the precision that both databases keep.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(i64);

/// The moment lies outside the years 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a moment outside the years 0001 to 9999")]
pub struct InstantOutOfRange;

impl Instant {
    const MIN: i64 = -62_135_596_800_000_000;
    const MAX: i64 = 253_402_300_799_999_999;

    /// Takes microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_unix_micros(micros: i64) -> Result<Self, InstantOutOfRange> {
        if micros < Self::MIN || micros > Self::MAX { Err(InstantOutOfRange) } else { Ok(Self(micros)) }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down: a NumericDate (RFC 7519, section 2).
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same moment without its fraction of a second.
    #[must_use]
    pub const fn truncated_to_seconds(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1_000_000))
    }

    /// `duration` later, or the last representable moment.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros).min(Self::MAX))
    }

    /// `duration` earlier, or the first representable moment.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros).max(Self::MIN))
    }

    /// The same moment for the calendar.
    pub fn to_utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH) // Unreachable: MIN and MAX are the calendar's own bounds.
    }
}

impl From<OffsetDateTime> for Instant {
    /// Rounds down to the microsecond.
    fn from(moment: OffsetDateTime) -> Self {
        let micros = moment.unix_timestamp_nanos().div_euclid(1_000);
        let clamped = micros.clamp(i128::from(Self::MIN), i128::from(Self::MAX));
        Self(i64::try_from(clamped).unwrap_or(Self::MAX))
    }
}

/// The text is no moment as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no moment such as 2026-01-31T12:00:00Z")]
pub struct InvalidInstant;

impl FromStr for Instant {
    type Err = InvalidInstant;

    /// Reads RFC 3339, in any offset from UTC, rounded down to the microsecond.
    fn from_str(text: &str) -> Result<Self, InvalidInstant> {
        OffsetDateTime::parse(text, &Rfc3339).map(Self::from).map_err(|_| InvalidInstant)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with a fraction only where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Port: what time it is.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The current moment. It may step in either direction; durations that matter are measured elsewhere.
    fn now(&self) -> Instant;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_as_rfc_3339() {
        let whole = Instant::from_unix_micros(1_773_928_800_000_000).unwrap();
        assert_eq!(whole.to_string(), "2026-03-19T14:00:00Z");
        let fraction = Instant::from_unix_micros(1_773_928_800_000_001).unwrap();
        assert_eq!(fraction.to_string(), "2026-03-19T14:00:00.000001Z");
        assert_eq!(fraction.truncated_to_seconds(), whole);
    }

    #[test]
    fn an_instant_is_read_from_rfc_3339_in_any_offset() {
        let whole = Instant::from_unix_micros(1_773_928_800_000_000).unwrap();
        for text in ["2026-03-19T14:00:00Z", "2026-03-19T15:30:00.0000009+01:30", "2026-03-19T14:00:00.000z"]
        {
            assert_eq!(text.parse(), Ok(whole), "{text}");
        }
        for text in ["", "2026-03-19", "2026-03-19 14:00", "1773928800", "2026-02-30T14:00:00Z"] {
            assert_eq!(text.parse::<Instant>(), Err(InvalidInstant), "{text}");
        }
    }

    #[test]
    fn threat_d8_arithmetic_at_the_ends_of_time_saturates() {
        let last = Instant::from_unix_micros(Instant::MAX).unwrap();
        assert_eq!(last.saturating_add(Duration::from_secs(1)), last);
        assert_eq!(last.saturating_add(Duration::MAX), last);
        let first = Instant::from_unix_micros(Instant::MIN).unwrap();
        assert_eq!(first.saturating_sub(Duration::MAX), first);
        assert_eq!(last.saturating_sub(Duration::from_secs(1)).to_string(), "9999-12-31T23:59:58.999999Z");
        assert_eq!(last.to_string(), "9999-12-31T23:59:59.999999Z");
        let first = Instant::from_unix_micros(Instant::MIN).unwrap();
        assert_eq!(first.saturating_sub(Duration::from_secs(1)), first);
        assert_eq!(last.saturating_sub(Duration::MAX), first);
        assert_eq!(
            last.saturating_sub(Duration::from_micros(1)).saturating_add(Duration::from_micros(1)),
            last
        );
        assert_eq!(Instant::from_unix_micros(Instant::MAX + 1), Err(InstantOutOfRange));
        assert_eq!(Instant::from_unix_micros(Instant::MIN - 1), Err(InstantOutOfRange));
    }
}
