//! What admins do with keys.

use std::sync::Arc;

use super::{KeyCursor, KeyState, KeyStore, KeySummary, RevocationReason, RevokeKeyError};
use crate::audit::{Action, Actor, AuditTrail, Deed, Target};
use crate::credentials::Credentials;
use crate::ids::{AccountId, KeyId};
use crate::request::RequestContext;
use crate::revocations::Subject;
use crate::store::StoreError;
use crate::time::Clock;

/// What admins do with keys of any account.
#[derive(Clone)]
pub struct KeyAdministration {
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trail: AuditTrail,
}

impl KeyAdministration {
    /// At most `limit` keys, newest first, of one account or of all, beginning behind `after`.
    pub async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError> {
        self.keys.page(account, after, limit).await
    }

    /// Revokes a key, whoever owns it. Revoking it again changes nothing and is no error.
    pub async fn revoke(
        &self,
        id: KeyId,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<(), RevokeKeyError> {
        let key = self.keys.find(id).await?.ok_or(RevokeKeyError::UnknownKey)?;
        if let KeyState::Revoked { .. } = key.state {
            self.credentials.forget(Subject::Key(id));
            return Ok(());
        }
        let now = self.clock.now();
        let target = Target::Key(id);
        let deed = Deed::to_account(actor, Action::KeyRevoked, &target, key.account);
        let event = self.trail.event(now, deed, Some(context));
        // One that is not active any more was revoked in between, or erased with its account: it opens nothing.
        if !self.keys.revoke(id, now, RevocationReason::ByAdmin, event).await? {
            self.credentials.forget(Subject::Key(id));
        }
        Ok(())
    }
}
