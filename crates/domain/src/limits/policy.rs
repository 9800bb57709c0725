//! The policy: how much of each thing there is, as the operator decides it.

use std::num::NonZeroU32;
use std::time::Duration;

use super::{GuardPolicy, LimitName, Quota};
use crate::accounts::Plan;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Every limit that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitPolicy {
    /// Whether anything is counted and refused. If not, clients are still told the real limits.
    pub enabled: bool,
    /// When attempts to log in as one identity are held up.
    pub guard: GuardPolicy,
    numbers: [[Quota; PLANS]; LIMITS],
}

const PLANS: usize = Plan::ALL.len();
const LIMITS: usize = LimitName::ALL.len();

impl LimitPolicy {
    /// The quota of a limit, for whoever is on this plan. Most are the same on each.
    #[allow(clippy::indexing_slicing, reason = "the tables are as long as the enums have values")]
    pub const fn quota(&self, limit: LimitName, plan: Plan) -> Quota {
        self.numbers[limit as usize][plan as usize]
    }

    /// The quota of a limit that no plan changes.
    pub const fn of_anybody(&self, limit: LimitName) -> Quota {
        self.quota(limit, Plan::Free)
    }

    /// The policy, if it holds.
    #[must_use]
    pub fn enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }

    /// The policy with another number for a limit, on one plan or on all.
    #[must_use]
    pub fn with(mut self, limit: LimitName, plan: Option<Plan>, number: NonZeroU32) -> Self {
        for &each in Plan::ALL.iter().filter(|each| plan.is_none_or(|plan| plan == **each)) {
            if let Some(quota) =
                self.numbers.get_mut(limit as usize).and_then(|row| row.get_mut(each as usize))
            {
                *quota = Quota::new(number, limit.period());
            }
        }
        self
    }
}

impl Default for LimitPolicy {
    fn default() -> Self {
        let numbers = LimitName::ALL.iter().map(|limit| {
            let quota = |plan: &Plan| {
                let number = NonZeroU32::new(limit.default_number(*plan)).unwrap_or(NonZeroU32::MIN);
                Quota::new(number, limit.period())
            };
            Plan::ALL.iter().map(quota).collect::<Vec<_>>()
        });
        let mut policy = Self {
            enabled: true,
            guard: GuardPolicy::DEFAULT,
            numbers: [[Quota::new(NonZeroU32::MIN, MINUTE); PLANS]; LIMITS],
        };
        for (row, quotas) in policy.numbers.iter_mut().zip(numbers) {
            for (quota, given) in row.iter_mut().zip(quotas) {
                *quota = given;
            }
        }
        policy
    }
}

impl LimitName {
    /// In which time the number passes.
    pub const fn period(self) -> Duration {
        match self {
            Self::NewAccounts => HOUR,
            Self::PasswordChecks
            | Self::FailedCredentials
            | Self::FailedAdminKeys
            | Self::Anonymous
            | Self::Operations
            | Self::Admin
            | Self::ForwardAuth
            | Self::TradereadyGeneral
            | Self::TradereadyRegister
            | Self::TradereadyLogin
            | Self::TradereadyMail
            | Self::TradereadyConfirm
            | Self::TrucoreGeneral
            | Self::TrucoreSignup
            | Self::TrucoreLogin
            | Self::TrucoreMail
            | Self::TrucoreConfirm
            | Self::AgoraGeneral
            | Self::PortalPages
            | Self::PortalSignup
            | Self::PortalLogin
            | Self::PortalMail
            | Self::PortalConfirm => MINUTE,
        }
    }

    /// The number that holds where the operator says nothing.
    pub const fn default_number(self, plan: Plan) -> u32 {
        match self {
            Self::NewAccounts | Self::PasswordChecks => 20,
            Self::FailedCredentials => 60,
            Self::Anonymous
            | Self::Admin
            | Self::TradereadyGeneral
            | Self::AgoraGeneral
            | Self::PortalPages => 600,
            Self::Operations => 6_000,
            Self::ForwardAuth => match plan {
                Plan::Free => 6_000,
                Plan::Pro => 60_000,
                Plan::Enterprise => 1_000_000,
            },
            Self::TradereadyRegister => 3,
            Self::TradereadyLogin
            | Self::TradereadyMail
            | Self::TrucoreSignup
            | Self::TrucoreMail
            | Self::PortalSignup
            | Self::PortalMail => 5,
            Self::FailedAdminKeys
            | Self::TradereadyConfirm
            | Self::TrucoreLogin
            | Self::TrucoreConfirm
            | Self::PortalLogin
            | Self::PortalConfirm => 10,
            Self::TrucoreGeneral => 120,
        }
    }

    /// Whether plans have numbers of their own.
    pub const fn is_by_plan(self) -> bool {
        matches!(self, Self::ForwardAuth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_operator_says_nothing_the_rulings_hold() {
        let policy = LimitPolicy::default();
        for (limit, plan, number) in [
            (LimitName::TradereadyRegister, Plan::Free, 3),
            (LimitName::TradereadyLogin, Plan::Enterprise, 5),
            (LimitName::TradereadyGeneral, Plan::Pro, 600),
            (LimitName::ForwardAuth, Plan::Free, 6_000),
            (LimitName::ForwardAuth, Plan::Pro, 60_000),
            (LimitName::ForwardAuth, Plan::Enterprise, 1_000_000),
            (LimitName::NewAccounts, Plan::Free, 20),
            (LimitName::TrucoreGeneral, Plan::Enterprise, 120),
            (LimitName::TrucoreSignup, Plan::Free, 5),
            (LimitName::TrucoreLogin, Plan::Free, 10),
            (LimitName::TrucoreMail, Plan::Free, 5),
            (LimitName::TrucoreConfirm, Plan::Free, 10),
            (LimitName::AgoraGeneral, Plan::Free, 600),
        ] {
            assert_eq!(policy.quota(limit, plan).limit(), number, "{limit} on {plan}");
        }
        assert_eq!(policy.of_anybody(LimitName::NewAccounts).window_micros(), 3_600_000_000);
        assert_eq!(policy.of_anybody(LimitName::TradereadyLogin).window_micros(), 60_000_000);
    }

    #[test]
    fn a_number_is_replaced_on_one_plan_or_on_all() {
        let five = NonZeroU32::new(5).unwrap();
        let policy = LimitPolicy::default().with(LimitName::ForwardAuth, Some(Plan::Pro), five).with(
            LimitName::Admin,
            None,
            five,
        );
        assert_eq!(policy.quota(LimitName::ForwardAuth, Plan::Free).limit(), 6_000);
        assert_eq!(policy.quota(LimitName::ForwardAuth, Plan::Pro).limit(), 5);
        assert_eq!(policy.quota(LimitName::Admin, Plan::Enterprise).limit(), 5);
    }
}
