//! The numbers of limits: a setting for each, and the policy that they make.

use std::num::NonZeroU32;

use keyward_domain::accounts::Plan;
use keyward_domain::limits::{LimitName, LimitPolicy};

use super::settings::{Setting, file_only};
use super::source::Layers;
use super::{ConfigError, parse};

/// Every number that can be set: of which limit, on which plan if they differ, and the setting.
pub(super) fn all() -> impl Iterator<Item = (LimitName, Option<Plan>, Setting)> {
    LimitName::ALL.iter().flat_map(|&limit| {
        let plans: Vec<Option<Plan>> =
            if limit.is_by_plan() { Plan::ALL.iter().copied().map(Some).collect() } else { vec![None] };
        plans.into_iter().map(move |plan| (limit, plan, setting(limit, plan)))
    })
}

/// The policy that the layers make. Whether it holds is a setting of its own.
pub(super) fn policy(layers: &Layers, enabled: bool) -> Result<LimitPolicy, ConfigError> {
    let mut policy = LimitPolicy::default().enabled(enabled);
    for (limit, plan, setting) in all() {
        let number: NonZeroU32 = layers.get(&setting, parse::limit)?;
        policy = policy.with(limit, plan, number);
    }
    Ok(policy)
}

fn setting(limit: LimitName, plan: Option<Plan>) -> Setting {
    let (key, default, meaning) = match limit {
        LimitName::NewAccounts => (
            "limits.new_accounts_per_hour",
            "20",
            "New accounts of a network an hour, over all dialects. A network is an IPv4 address or a /64 of IPv6.",
        ),
        LimitName::PasswordChecks => (
            "limits.password_checks",
            "20",
            "Logins with a password that a network may try a minute, over all dialects. All limits below are per minute.",
        ),
        LimitName::FailedCredentials => (
            "limits.failed_credentials",
            "60",
            "Keys and tokens of a network that turn out to be no good. Beyond it only those get in that are remembered.",
        ),
        LimitName::FailedAdminKeys => (
            "limits.failed_admin_keys",
            "10",
            "Admin keys of a network that turn out to be no good. A right one gets in all the same.",
        ),
        LimitName::Anonymous => (
            "limits.anonymous",
            "600",
            "Requests of a network without a credential, where no other limit counts them.",
        ),
        LimitName::Operations => (
            "limits.operations",
            "6000",
            "Requests of a network to the JWKS and the like. `/health` and `/ready` are never refused.",
        ),
        LimitName::Admin => ("limits.admin", "600", "Requests of a network to the admin API."),
        LimitName::ForwardAuth => return forward_auth(plan.unwrap_or_default()),
        LimitName::TradereadyGeneral => (
            "limits.tradeready.general",
            "600",
            "Requests of an account, by all of its keys and tokens together.",
        ),
        LimitName::TradereadyRegister => {
            ("limits.tradeready.register", "3", "Registrations that a network tries.")
        }
        LimitName::TradereadyLogin => {
            ("limits.tradeready.login", "5", "Logins that a network tries, by key and by password together.")
        }
        LimitName::TradereadyMail => {
            ("limits.tradeready.mail", "5", "Requests of a network that send a mail.")
        }
        LimitName::TradereadyConfirm => {
            ("limits.tradeready.confirm", "10", "Tokens out of a mail that a network tries.")
        }
        LimitName::TrucoreGeneral => (
            "limits.trucore.general",
            "120",
            "Requests by a key and the tokens that it was exchanged for; by an account, with those of its logins.",
        ),
        LimitName::TrucoreSignup => ("limits.trucore.signup", "5", "Sign-ups that a network tries."),
        LimitName::TrucoreLogin => ("limits.trucore.login", "10", "Logins that a network tries."),
        LimitName::TrucoreMail => {
            ("limits.trucore.mail", "5", "Requests that send a mail: of a network, and of an account.")
        }
        LimitName::TrucoreConfirm => {
            ("limits.trucore.confirm", "10", "Tokens out of a mail that a network tries.")
        }
        LimitName::AgoraGeneral => {
            ("limits.agora.general", "600", "Requests of a network, whatever they show.")
        }
        LimitName::PortalPages => {
            ("limits.portal.pages", "600", "Pages of the portal that a network asks for.")
        }
        LimitName::PortalSignup => {
            ("limits.portal.signup", "5", "Accounts that a network tries to make at the portal.")
        }
        LimitName::PortalLogin => ("limits.portal.login", "10", "Logins at the portal that a network tries."),
        LimitName::PortalMail => {
            ("limits.portal.mail", "5", "Requests of a network to the portal that send a mail.")
        }
        LimitName::PortalConfirm => {
            ("limits.portal.confirm", "10", "Tokens out of a mail that a network tries at the portal.")
        }
    };
    file_only(key, default, meaning)
}

fn forward_auth(plan: Plan) -> Setting {
    let (key, default, meaning) = match plan {
        Plan::Free => {
            ("limits.forward_auth_free", "6000", "Checks at `/forward-auth` of an account on the free plan.")
        }
        Plan::Pro => ("limits.forward_auth_pro", "60000", "The same on the plan `pro`."),
        Plan::Enterprise => {
            ("limits.forward_auth_enterprise", "1000000", "The same on the plan `enterprise`.")
        }
    };
    file_only(key, default, meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_domain() {
        for (limit, plan, setting) in all() {
            let number = limit.default_number(plan.unwrap_or_default()).to_string();
            assert_eq!(setting.default, Some(number.as_str()), "{}", setting.key);
        }
    }

    #[test]
    fn the_keys_are_the_names_of_the_limits() {
        for (limit, _, setting) in all() {
            assert!(setting.key.starts_with(&format!("limits.{limit}")), "{}", setting.key);
        }
    }
}
