//! Rows of `single_use_tokens`.

use diesel::prelude::*;
use keyward_domain::accounts::{EmailAddress, Epoch};
use keyward_domain::single_use::{SingleUseBinding, SingleUsePurpose, SingleUseToken};

use super::{counted, digest, parsed, unreadable};
use crate::error::Corrupt;
use crate::schema::single_use_tokens;
use crate::types::{StoredId, StoredInstant};

/// What is stored of a single-use token.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = single_use_tokens, treat_none_as_default_value = false)]
pub(crate) struct SingleUseTokenRow {
    digest: Vec<u8>,
    purpose: String,
    pub(crate) account_id: StoredId,
    address: String,
    epoch: Option<i64>,
    created_at: StoredInstant,
    expires_at: StoredInstant,
    used_at: Option<StoredInstant>,
}

impl From<&SingleUseToken> for SingleUseTokenRow {
    fn from(token: &SingleUseToken) -> Self {
        Self {
            digest: token.digest.as_bytes().to_vec(),
            purpose: token.binding.purpose().as_str().to_owned(),
            account_id: token.account.into(),
            address: token.address.canonical().to_owned(),
            epoch: match token.binding {
                SingleUseBinding::VerifyAddress => None,
                SingleUseBinding::ResetPassword { epoch } => Some(epoch.number().into()),
            },
            created_at: token.created_at.into(),
            expires_at: token.expires_at.into(),
            used_at: token.used_at.map(Into::into),
        }
    }
}

impl TryFrom<SingleUseTokenRow> for SingleUseToken {
    type Error = Corrupt;

    fn try_from(row: SingleUseTokenRow) -> Result<Self, Corrupt> {
        let purpose: SingleUsePurpose = parsed("single_use_tokens.purpose", &row.purpose)?;
        let binding = match (purpose, row.epoch) {
            (SingleUsePurpose::VerifyAddress, None) => SingleUseBinding::VerifyAddress,
            (SingleUsePurpose::ResetPassword, Some(epoch)) => SingleUseBinding::ResetPassword {
                epoch: Epoch::new(counted("single_use_tokens.epoch", epoch)?),
            },
            (SingleUsePurpose::VerifyAddress, Some(_)) | (SingleUsePurpose::ResetPassword, None) => {
                return Err(unreadable("single_use_tokens.epoch"));
            }
        };
        Ok(Self {
            digest: digest("single_use_tokens.digest", &row.digest)?,
            binding,
            account: row.account_id.into(),
            address: EmailAddress::from_stored(row.address.clone(), row.address),
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
            used_at: row.used_at.map(Into::into),
        })
    }
}
