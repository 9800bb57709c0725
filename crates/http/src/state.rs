//! What every handler shares.

use std::sync::Arc;

use keyward_domain::Domain;
use keyward_domain::entropy::Entropy;
use keyward_domain::secret::Sealer;
use keyward_domain::store::StoreHealth;
use keyward_domain::time::Clock;
use keyward_domain::tokens::PublishedKeys;

use crate::admin::AdminApi;
use crate::limits::TrustedProxies;
use crate::metrics::Metrics;
use crate::settings::{DialectsSettings, PortalSettings};
use crate::supply::PublishedSupply;

/// What every handler shares.
pub struct State {
    /// All use cases.
    pub domain: Domain,
    /// Whether the database can be used.
    pub health: Arc<dyn StoreHealth>,
    /// The public halves of the signing keys.
    pub published_keys: Arc<dyn PublishedKeys>,
    /// For request ids.
    pub clock: Arc<dyn Clock>,
    /// For request ids.
    pub entropy: Arc<dyn Entropy>,
    /// Where clients reach the server, without a slash at its end: the only source of addresses in answers.
    pub public_url: String,
    /// Where GitHub's pages are: a form of the portal may lead there.
    pub github_url: String,
    /// Which dialects are spoken, where and how.
    pub dialects: DialectsSettings,
    /// How the portal is.
    pub portal: PortalSettings,
    /// Whose word counts for where a client is.
    pub proxies: TrustedProxies,
    /// Seals the places in lists that a client carries from page to page.
    pub cursors: Arc<dyn Sealer>,
    /// What the operator publishes of the supply of a token.
    pub supply: Arc<PublishedSupply>,
    /// What the admin API stands on.
    pub admin: AdminApi,
    /// What the server tells of itself in figures.
    pub metrics: Metrics,
}
