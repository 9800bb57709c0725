//! The contract of [`StoreHealth`](keyward_domain::store::StoreHealth).

use super::Stores;
use crate::builders::Samples;

/// A database that answers and is up to date is ready, empty or not.
pub async fn a_database_that_is_up_to_date_is_ready(stores: &Stores) {
    assert_eq!(stores.health.ready().await, Ok(()));
    let samples = Samples::new();
    stores.register(&samples, &samples.registration()).await;
    assert_eq!(stores.health.ready().await, Ok(()));
}
