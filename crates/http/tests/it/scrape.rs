//! A strict reader of Prometheus's text format (version 0.0.4): what it accepts, Prometheus accepts.

use std::collections::{BTreeMap, BTreeSet};

/// A scrape, by family.
#[derive(Debug, Default)]
pub(crate) struct Scrape {
    pub(crate) families: BTreeMap<String, Family>,
}

#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

impl Scrape {
    /// Reads it. Panics where it is not as the format and its conventions have it.
    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has no end");
        let mut scrape = Self::default();
        let (mut help, mut current) = (None, None);
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, words) = rest.split_once(' ').expect("a name and its help");
                assert!(words.ends_with('.') && !words.contains('\\'), "{line}");
                help = Some(name.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a name and its kind");
                assert_eq!(help.take().as_deref(), Some(name), "help comes before each kind");
                assert!(is_name(name) && matches!(kind, "counter" | "gauge" | "histogram"), "{line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                let family = Family { kind: kind.to_owned(), samples: Vec::new() };
                assert!(
                    scrape.families.insert(name.to_owned(), family).is_none(),
                    "{name} stands there twice"
                );
                current = Some(name.to_owned());
            } else {
                let sample = sample(line);
                let name = current.as_deref().expect("a family before its samples");
                let family = scrape.families.get_mut(name).expect("the current one");
                let part = sample.name.strip_prefix(name).expect("a sample of its family");
                match family.kind.as_str() {
                    "histogram" => assert!(matches!(part, "_bucket" | "_sum" | "_count"), "{line}"),
                    _ => assert_eq!(part, "", "{line}"),
                }
                family.samples.push(sample);
            }
        }
        scrape.families.iter().for_each(|(name, family)| check(name, family));
        scrape
    }

    /// All samples of this name that have these labels.
    pub(crate) fn samples(&self, name: &str, labels: &[(&str, &str)]) -> Vec<Sample> {
        let has = |sample: &Sample| {
            labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|found| found == value))
        };
        let all = self.families.values().flat_map(|family| &family.samples);
        all.filter(|sample| sample.name == name && has(sample)).cloned().collect()
    }

    /// The sum of them.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.samples(name, labels).iter().map(|sample| sample.value).sum()
    }
}

fn is_name(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_word)
}

fn sample(line: &str) -> Sample {
    let (place, value) = line.rsplit_once(' ').expect("a value");
    let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
    let Some((name, rest)) = place.split_once('{') else {
        assert!(is_name(place), "{line}");
        return Sample { name: place.to_owned(), labels: BTreeMap::new(), value };
    };
    let mut labels = BTreeMap::new();
    let mut rest = rest.strip_suffix('}').expect("an end of the labels");
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").expect("a label");
        let (text, after) = after.split_once('"').expect("a value in quotes");
        assert!(is_name(label) && !text.contains('\\'), "{line}");
        assert!(labels.insert(label.to_owned(), text.to_owned()).is_none(), "{label} twice: {line}");
        rest = after.strip_prefix(',').unwrap_or(after);
        assert!(after.is_empty() || after.starts_with(','), "{line}");
    }
    assert!(is_name(name), "{line}");
    Sample { name: name.to_owned(), labels, value }
}

fn check(name: &str, family: &Family) {
    let mut seen = BTreeSet::new();
    for sample in &family.samples {
        assert!(seen.insert((&sample.name, &sample.labels)), "twice: {sample:?}");
        assert!(sample.value.is_finite(), "{sample:?}");
        assert!(family.kind == "gauge" || sample.value >= 0.0, "{sample:?}");
        assert_eq!(sample.labels.contains_key("le"), sample.name.ends_with("_bucket"), "{sample:?}");
    }
    if family.kind != "histogram" {
        return;
    }
    let mut series: BTreeMap<BTreeMap<String, String>, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in family.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let mut labels = sample.labels.clone();
        let bound = labels.remove("le").expect("a bound");
        let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().expect("a number") };
        series.entry(labels).or_default().push((bound, sample.value));
    }
    for (labels, buckets) in series {
        assert!(buckets.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 <= two[1].1), "{buckets:?}");
        let of = |part: &str| {
            let full = format!("{name}{part}");
            let found = family.samples.iter().find(|sample| sample.name == full && sample.labels == labels);
            found.unwrap_or_else(|| panic!("no {full} {labels:?}")).value
        };
        assert_eq!(buckets.last(), Some(&(f64::INFINITY, of("_count"))), "{labels:?}");
        assert!(of("_sum") >= 0.0);
    }
}
