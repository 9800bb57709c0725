//! The surfaces over a domain on fakes, for a test that makes one port fail.

use std::sync::Arc;

use keyward_domain::tokens::{JwkSet, PublishedKeys};
use keyward_domain::{Domain, Ports};
use keyward_http::{
    AdminApi, DialectName, DialectSettings, DialectsSettings, Metrics, PortalSettings, Registration, State,
    TrustedProxies,
};
use keyward_testkit::admin::{FakeAdmins, FakeDiagnostics};
use keyward_testkit::domain::{TestDomain, one_hour};
use keyward_testkit::sealer::FakeSealer;

struct NoKeys;

impl PublishedKeys for NoKeys {
    fn jwks(&self) -> JwkSet {
        JwkSet { json: r#"{"keys":[]}"#.into(), fingerprint: "none".into() }
    }
}

/// What the surfaces share: the test's fakes, but the domain on these ports. TradeReady and TruCore are spoken.
pub(crate) fn state(test: &TestDomain, ports: Ports) -> Arc<State> {
    let settings =
        DialectSettings { registration: Registration::Open, tokens: one_hour(), reset_lifetime: None };
    let enabled = [(DialectName::Tradeready, settings), (DialectName::Trucore, settings)].into();
    Arc::new(State {
        domain: Domain::new(ports),
        health: test.store.clone(),
        published_keys: Arc::new(NoKeys),
        clock: test.clock.clone(),
        entropy: test.entropy.clone(),
        public_url: "http://127.0.0.1:8080".to_owned(),
        github_url: "https://github.com".to_owned(),
        dialects: DialectsSettings { enabled, hosts: [].into() },
        portal: PortalSettings::default(),
        proxies: TrustedProxies::default(),
        cursors: Arc::new(FakeSealer::new(1)),
        supply: Arc::default(),
        admin: AdminApi {
            authenticator: Arc::new(FakeAdmins),
            diagnostics: Arc::new(FakeDiagnostics),
            master_keys: test.own_master_keys(),
            page_size: 50,
        },
        metrics: Metrics::default(),
    })
}
