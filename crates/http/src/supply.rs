//! The supply of a token, as the operator publishes it: decided outside, read by a dialect's public routes.
//!
//! It comes as JSON from a file that somebody else's program writes. What is parsed here is good; whether it is true,
//! nobody here knows.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::Deserialize;

/// How much of a token there is, on each chain and in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    pub(crate) chains: Vec<ChainSupply>,
    /// `None` while a chain is missing: part of a sum is not shown as the whole.
    pub(crate) totals: Option<Amounts>,
}

/// What there is on one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChainSupply {
    /// The chain (CAIP-2).
    pub(crate) chain_id: String,
    /// What people call it.
    pub(crate) network: String,
    pub(crate) amounts: Amounts,
}

/// How much there is, and how much of that is in circulation: decimals, digit for digit as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) total: String,
    pub(crate) circulating: String,
}

/// Why a text is no supply.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSupply {
    /// It is no JSON of this shape.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A member is no decimal.
    #[error("{0} is no decimal such as 1234567890.123456")]
    Amount(&'static str),
    /// A chain's id is none.
    #[error("{0:?} is no chain id such as eip155:1")]
    ChainId(String),
    /// A chain is there twice.
    #[error("{0} is there twice")]
    Twice(String),
    /// A network's name is empty, too long, or none to print.
    #[error("the network of {0} has no name of 1 to 64 characters")]
    Network(String),
    /// There are no totals, though no chain is missing.
    #[error("{0} is missing, and partial is not true")]
    NoTotal(&'static str),
}

impl Supply {
    /// Reads the JSON of a supply. A member that nobody knows is a mistake, most likely a misspelled one.
    pub fn parse(json: &str) -> Result<Self, InvalidSupply> {
        let written: Written = serde_json::from_str(json)?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = written.chains.iter().find(|chain| !seen.insert(chain.chain_id.clone())) {
            return Err(InvalidSupply::Twice(twice.chain_id.clone()));
        }
        let given =
            [("totalSupply", written.total_supply), ("circulatingSupply", written.circulating_supply)];
        let [total, circulating] = given.map(|(member, amount)| {
            let needed = |amount: Option<String>| amount.ok_or(InvalidSupply::NoTotal(member));
            if written.partial { Ok(None) } else { decimal(member, needed(amount)?).map(Some) }
        });
        Ok(Self {
            totals: total?.zip(circulating?).map(|(total, circulating)| Amounts { total, circulating }),
            chains: written.chains.into_iter().map(ChainSupply::read).collect::<Result<_, _>>()?,
        })
    }
}

/// Nothing, anywhere: what is published where the operator says nothing.
impl Default for Supply {
    fn default() -> Self {
        let none = || "0".to_owned();
        Self { chains: Vec::new(), totals: Some(Amounts { total: none(), circulating: none() }) }
    }
}

impl ChainSupply {
    fn read(written: WrittenChain) -> Result<Self, InvalidSupply> {
        let WrittenChain { chain_id, network, total_supply, circulating_supply } = written;
        if !is_chain_id(&chain_id) {
            return Err(InvalidSupply::ChainId(chain_id));
        }
        if !(1..=64).contains(&network.chars().count()) || network.chars().any(char::is_control) {
            return Err(InvalidSupply::Network(chain_id));
        }
        let total = decimal("totalSupply", total_supply)?;
        let circulating = decimal("circulatingSupply", circulating_supply)?;
        Ok(Self { chain_id, network, amounts: Amounts { total, circulating } })
    }
}

/// The supply that is shown now. Whoever looks at the file puts another in its place.
#[derive(Debug, Default)]
pub struct PublishedSupply(ArcSwap<Supply>);

impl PublishedSupply {
    /// One that is shown from the start.
    pub fn new(supply: Supply) -> Self {
        Self(ArcSwap::from_pointee(supply))
    }

    /// Shows another one, from the next request on.
    pub fn publish(&self, supply: Supply) {
        self.0.store(Arc::new(supply));
    }

    pub(crate) fn shown(&self) -> Arc<Supply> {
        self.0.load_full()
    }
}

/// The JSON, in the members of the vendor whose clients read it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    chains: Vec<WrittenChain>,
    #[serde(default)]
    partial: bool,
    total_supply: Option<String>,
    circulating_supply: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenChain {
    chain_id: String,
    network: String,
    total_supply: String,
    circulating_supply: String,
}

/// Digits, and perhaps a point between digits. No number of JSON: those become binary fractions on the way.
fn decimal(member: &'static str, text: String) -> Result<String, InvalidSupply> {
    const MOST_CHARS: usize = 128;
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let is_plain = whole == "0" || !whole.starts_with('0');
    if text.len() <= MOST_CHARS && is_digits(whole) && is_plain && is_digits(fraction) {
        Ok(text)
    } else {
        Err(InvalidSupply::Amount(member))
    }
}

/// CAIP-2: a namespace and a reference.
fn is_chain_id(text: &str) -> bool {
    let is_made_of = |part: &str, allowed: fn(u8) -> bool| part.bytes().all(allowed);
    text.split_once(':').is_some_and(|(namespace, reference)| {
        (3..=8).contains(&namespace.len())
            && is_made_of(namespace, |byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
            })
            && (1..=32).contains(&reference.len())
            && is_made_of(reference, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn whole() -> Value {
        json!({
            "chains": [{"chainId": "eip155:1", "network": "Ethereum", "totalSupply": "10.5", "circulatingSupply": "9"}],
            "partial": false,
            "totalSupply": "1234567890.123456",
            "circulatingSupply": "0",
        })
    }

    fn parse(supply: &Value) -> Result<Supply, String> {
        Supply::parse(&supply.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_stay_as_they_were_written() {
        let supply = parse(&whole()).unwrap();
        let amounts = |total: &str, circulating: &str| Amounts {
            total: total.to_owned(),
            circulating: circulating.to_owned(),
        };
        assert_eq!(supply.totals, Some(amounts("1234567890.123456", "0")));
        assert_eq!(supply.chains[0].amounts, amounts("10.5", "9"));
    }

    #[test]
    fn a_partial_supply_has_no_totals_whatever_it_says_of_them() {
        let mut supply = whole();
        supply["partial"] = json!(true);
        assert_eq!(parse(&supply).unwrap().totals, None);
        supply["totalSupply"] = json!(null);
        assert_eq!(parse(&supply).unwrap().totals, None);
    }

    #[test]
    fn what_is_no_decimal_is_refused_by_its_member() {
        for text in
            ["", "1.", ".5", "-1", "+1", "01", "1e3", "1,5", " 1", "1.2.3", "0x1", "١", &"1".repeat(129)]
        {
            let mut supply = whole();
            supply["totalSupply"] = json!(text);
            let expected = "totalSupply is no decimal such as 1234567890.123456";
            assert_eq!(parse(&supply).unwrap_err(), expected, "{text:?}");
            let mut supply = whole();
            supply["chains"][0]["circulatingSupply"] = json!(text);
            let expected = "circulatingSupply is no decimal such as 1234567890.123456";
            assert_eq!(parse(&supply).unwrap_err(), expected, "{text:?}");
        }
        let mut supply = whole();
        supply["totalSupply"] = json!(5);
        assert!(parse(&supply).unwrap_err().contains("expected a string"));
    }

    #[test]
    fn what_is_misspelled_missing_or_twice_is_refused() {
        let mut supply = whole();
        supply["total_supply"] = json!("1");
        assert!(parse(&supply).unwrap_err().contains("unknown field `total_supply`"));
        supply = whole();
        supply["chains"][0]["supply"] = json!("1");
        assert!(parse(&supply).unwrap_err().contains("unknown field `supply`"));
        supply = whole();
        supply.as_object_mut().unwrap().remove("circulatingSupply");
        assert_eq!(parse(&supply).unwrap_err(), "circulatingSupply is missing, and partial is not true");
        supply = whole();
        supply["chains"] = json!([whole()["chains"][0], whole()["chains"][0]]);
        assert_eq!(parse(&supply).unwrap_err(), "eip155:1 is there twice");
        for (id, network) in
            [("ethereum", "a"), ("eip155:", "a"), ("EIP155:1", "a"), ("eip155:1:2", "a"), ("eip155:1", "")]
        {
            supply = whole();
            (supply["chains"][0]["chainId"], supply["chains"][0]["network"]) = (json!(id), json!(network));
            assert!(parse(&supply).is_err(), "{id} {network}");
        }
    }
}
