//! What the admin API stands on besides the use cases.

use std::sync::Arc;

use keyward_domain::admin::AdminAuthenticator;
use keyward_domain::deployment::MasterKeyService;
use keyward_domain::diagnostics::Diagnostics;

/// What the admin API stands on besides the use cases.
#[derive(Clone)]
pub struct AdminApi {
    /// Knows the admin keys.
    pub authenticator: Arc<dyn AdminAuthenticator>,
    /// Looks at everything that the server depends on.
    pub diagnostics: Arc<dyn Diagnostics>,
    /// Exchanges the master key, which is this server's own affair.
    pub master_keys: MasterKeyService,
    /// How many rows a page has where the request does not say; 1 to 200.
    pub page_size: u16,
}
