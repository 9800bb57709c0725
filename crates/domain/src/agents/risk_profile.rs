//! How much an agent may risk: kept for the platform behind, which is the one to hold the agent to it.

/// How much an agent may risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskProfile {
    /// The largest part of its balance that one position may take.
    pub max_position_size: Percent,
    /// The part of its balance that it may lose in a day.
    pub daily_loss_limit: Percent,
    /// How many orders it may have open.
    pub max_open_orders: OrderLimit,
}

impl Default for RiskProfile {
    /// 25, 20 and 50, as TradeReady has them.
    fn default() -> Self {
        Self {
            max_position_size: Percent(25),
            daily_loss_limit: Percent(20),
            max_open_orders: OrderLimit(50),
        }
    }
}

/// What to change of a risk profile; `None` leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RiskProfileChanges {
    /// The largest part of its balance that one position may take.
    pub max_position_size: Option<Percent>,
    /// The part of its balance that it may lose in a day.
    pub daily_loss_limit: Option<Percent>,
    /// How many orders it may have open.
    pub max_open_orders: Option<OrderLimit>,
}

impl RiskProfileChanges {
    /// The profile with these changes.
    #[must_use]
    pub fn applied_to(self, profile: RiskProfile) -> RiskProfile {
        RiskProfile {
            max_position_size: self.max_position_size.unwrap_or(profile.max_position_size),
            daily_loss_limit: self.daily_loss_limit.unwrap_or(profile.daily_loss_limit),
            max_open_orders: self.max_open_orders.unwrap_or(profile.max_open_orders),
        }
    }
}

impl From<RiskProfile> for RiskProfileChanges {
    fn from(profile: RiskProfile) -> Self {
        Self {
            max_position_size: Some(profile.max_position_size),
            daily_loss_limit: Some(profile.daily_loss_limit),
            max_open_orders: Some(profile.max_open_orders),
        }
    }
}

/// A whole number from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(u8);

/// The number is no percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a whole number from 1 to 100")]
pub struct InvalidPercent;

impl Percent {
    /// Takes a number from 1 to 100.
    pub fn new(number: i64) -> Result<Self, InvalidPercent> {
        match u8::try_from(number) {
            Ok(percent @ 1..=100) => Ok(Self(percent)),
            Ok(_) | Err(_) => Err(InvalidPercent),
        }
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// How many orders may be open: a whole number from 1 to 2,147,483,647.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLimit(u32);

/// The number is no limit of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a whole number from 1 to {}", i32::MAX)]
pub struct InvalidOrderLimit;

impl OrderLimit {
    /// Takes a number that is at least 1 and fits into 32 bits with a sign, as the vendor's do.
    pub fn new(number: i64) -> Result<Self, InvalidOrderLimit> {
        match u32::try_from(number) {
            Ok(limit) if limit >= 1 && i32::try_from(limit).is_ok() => Ok(Self(limit)),
            Ok(_) | Err(_) => Err(InvalidOrderLimit),
        }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_their_range_are_refused() {
        for good in [1, 100] {
            assert_eq!(Percent::new(good).map(|percent| i64::from(percent.number())), Ok(good));
        }
        for bad in [0, 101, -1, 256 + 1, i64::MIN, i64::MAX] {
            assert_eq!(Percent::new(bad), Err(InvalidPercent), "{bad}");
        }
        for good in [1, i64::from(i32::MAX)] {
            assert_eq!(OrderLimit::new(good).map(|limit| i64::from(limit.number())), Ok(good));
        }
        for bad in [0, -1, i64::from(i32::MAX) + 1, (1 << 32) + 1, i64::MIN, i64::MAX] {
            assert_eq!(OrderLimit::new(bad), Err(InvalidOrderLimit), "{bad}");
        }
    }
}
