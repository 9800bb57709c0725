//! The single-use token: what is stored of it, and whether it is good.

use crate::accounts::{Account, AccountStatus, EmailAddress, Epoch};
use crate::ids::AccountId;
use crate::secret::Digest;
use crate::text_enum;
use crate::time::Instant;

text_enum! {
    /// What a token is good for.
    pub enum SingleUsePurpose {
        /// Showing that an address is one's own.
        VerifyAddress = "verify_address",
        /// Choosing another password.
        ResetPassword = "reset_password",
    }
}

/// What a token is good for, and what besides account and address must be as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SingleUseBinding {
    /// Showing that an address is one's own.
    VerifyAddress,
    /// Choosing another password. On an account whose address is verified only while no other way has been taken to end
    /// what the old one began.
    ResetPassword {
        /// The account's epoch.
        epoch: Epoch,
    },
}

impl SingleUseBinding {
    /// What the token is good for.
    pub const fn purpose(self) -> SingleUsePurpose {
        match self {
            Self::VerifyAddress => SingleUsePurpose::VerifyAddress,
            Self::ResetPassword { .. } => SingleUsePurpose::ResetPassword,
        }
    }
}

/// What is stored of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleUseToken {
    /// What is stored in the place of its text.
    pub digest: Digest,
    /// What it is good for.
    pub binding: SingleUseBinding,
    /// Whose it is.
    pub account: AccountId,
    /// Where it was mailed to.
    pub address: EmailAddress,
    /// When it was made.
    pub created_at: Instant,
    /// From when on it is good no longer.
    pub expires_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SingleUseTokenRefused {
    /// There is none, not for this, or no longer: a newer one was mailed, the account has another address, its tokens
    /// were ended, or it is gone.
    #[error("the token is unknown")]
    Unknown,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// It was used.
    #[error("the token was used")]
    Used,
}

impl SingleUseToken {
    /// Whether what it is bound to is as it was. `account` is its account.
    ///
    /// Security: an unverified account may be a stranger's, who could end its tokens faster than the owner of the address
    /// can follow a link. Its epoch ends no link.
    pub fn is_bound_to(&self, account: &Account) -> bool {
        let is_epoch = match self.binding {
            SingleUseBinding::VerifyAddress => true,
            SingleUseBinding::ResetPassword { epoch } => !account.is_verified() || account.epoch == epoch,
        };
        let is_archived = matches!(account.status, AccountStatus::Archived { .. });
        let address = account.email.as_ref().map(|email| &email.address);
        is_epoch && !is_archived && address == Some(&self.address) && account.id == self.account
    }

    /// Whether it can be used for this, now. That it was used or has expired is told first, so that whoever follows a
    /// link twice hears the true reason.
    pub fn check(
        &self,
        purpose: SingleUsePurpose,
        account: &Account,
        now: Instant,
    ) -> Result<(), SingleUseTokenRefused> {
        if self.binding.purpose() != purpose {
            Err(SingleUseTokenRefused::Unknown)
        } else if self.used_at.is_some() {
            Err(SingleUseTokenRefused::Used)
        } else if self.expires_at <= now {
            Err(SingleUseTokenRefused::Expired)
        } else if self.is_bound_to(account) {
            Ok(())
        } else {
            Err(SingleUseTokenRefused::Unknown)
        }
    }
}
