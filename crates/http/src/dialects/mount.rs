//! Puts the dialects where they are spoken, and finds the one that a request was addressed to.

use actix_web::guard::{self, GuardContext};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, Scope};

use super::{DIALECTS, Dialect};
use crate::fault;
use crate::metrics::Worker;
use crate::settings::DialectsSettings;
use crate::state::State;

/// Mounts each enabled dialect alone at its hosts. A host that belongs to a dialect which is not enabled or not spoken
/// has none at all.
pub(crate) fn mount_at_hosts(config: &mut ServiceConfig, settings: &DialectsSettings, worker: &Worker) {
    let enabled = || DIALECTS.iter().filter(|dialect| settings.enabled.contains_key(&dialect.name));
    for dialect in enabled() {
        if settings.hosts.values().any(|owner| *owner == dialect.name) {
            let settings = settings.clone();
            let is_own =
                move |context: &GuardContext<'_>| settings.of_host(context.head()) == Some(dialect.name);
            config.service(complete(dialect, "", worker).guard(guard::fn_guard(is_own)));
        }
    }
    if !settings.hosts.is_empty() {
        let settings = settings.clone();
        let is_owned = move |context: &GuardContext<'_>| settings.of_host(context.head()).is_some();
        let nothing = web::scope("").default_service(web::to(fault::not_found));
        config.service(nothing.guard(guard::fn_guard(is_owned)));
    }
}

/// Mounts each enabled dialect complete at its base path, and with the others at the root.
pub(crate) fn mount(config: &mut ServiceConfig, settings: &DialectsSettings, worker: &Worker) {
    let enabled = || DIALECTS.iter().filter(|dialect| settings.enabled.contains_key(&dialect.name));
    for dialect in enabled() {
        config.service(complete(dialect, dialect.base_path, worker));
    }
    for dialect in enabled() {
        (dialect.routes)().mount(config, dialect.name.as_str(), worker);
    }
}

/// The dialect whose words an answer needs: the host's owner, else the base path's, else the root prefix's.
pub(crate) fn addressed(request: &HttpRequest) -> Option<&'static Dialect> {
    let settings = &request.app_data::<web::Data<State>>()?.dialects;
    let enabled = || DIALECTS.iter().filter(|dialect| settings.enabled.contains_key(&dialect.name));
    if let Some(owner) = settings.of_host(request.head()) {
        return enabled().find(|dialect| dialect.name == owner);
    }
    let path = request.path();
    let below =
        |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let owns = |dialect: &Dialect| dialect.root_prefixes.iter().any(|prefix| path.starts_with(prefix));
    enabled().find(|dialect| below(dialect.base_path)).or_else(|| enabled().find(|dialect| owns(dialect)))
}

fn complete(dialect: &Dialect, base_path: &str, worker: &Worker) -> Scope {
    let routes = (dialect.routes)();
    web::scope(base_path)
        .configure(|config| routes.mount(config, dialect.name.as_str(), worker))
        .default_service(web::to(fault::not_found))
}
