//! Port: the figures of one part of the server, in families.

use super::Spread;

/// Names and values that tell the samples of one family apart. Security: all of them are ours, none a request's.
pub type Labels<'a> = &'a [(&'static str, &'static str)];

/// Port: a part of the server that tells its figures.
pub trait Measured: Send + Sync {
    /// Adds its figures. Always the same families; one has no samples where there is nothing to tell. It waits for
    /// nothing.
    fn measure(&self, figures: &mut Figures);
}

/// What all of them tell, each family once.
#[derive(Debug, Default)]
pub struct Figures {
    families: Vec<Family>,
}

/// What a family's numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, and begins anew with the process.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often something had about which size.
    Histogram,
}

/// Numbers of one meaning.
#[derive(Debug)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What it means, in one line.
    pub help: &'static str,
    /// What kind its numbers are of.
    pub kind: Kind,
    /// Its numbers.
    pub samples: Vec<Sample>,
}

/// One number, or one histogram.
#[derive(Debug)]
pub struct Sample {
    /// What tells it apart.
    pub labels: Vec<(&'static str, &'static str)>,
    /// What it is.
    pub value: Value,
}

/// What a sample is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A histogram.
    Spread(Spread),
}

impl Figures {
    /// The families, in the order in which they were added.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The family of this name, which only grows.
    pub fn counter(&mut self, name: &'static str, help: &'static str) -> &mut Family {
        self.family(name, help, Kind::Counter)
    }

    /// The family of this name, which goes up and down.
    pub fn gauge(&mut self, name: &'static str, help: &'static str) -> &mut Family {
        self.family(name, help, Kind::Gauge)
    }

    /// The family of this name, which is of histograms.
    pub fn histogram(&mut self, name: &'static str, help: &'static str) -> &mut Family {
        self.family(name, help, Kind::Histogram)
    }

    /// Two parts may share a family: each adds its samples.
    fn family(&mut self, name: &'static str, help: &'static str, kind: Kind) -> &mut Family {
        let known = self.families.iter().position(|family| family.name == name);
        let index = known.unwrap_or_else(|| {
            self.families.push(Family { name, help, kind, samples: Vec::new() });
            self.families.len() - 1
        });
        #[allow(clippy::indexing_slicing, reason = "it was found there or has just been put there")]
        &mut self.families[index]
    }
}

impl Family {
    /// Adds a number.
    pub fn number(&mut self, labels: Labels<'_>, number: f64) -> &mut Self {
        self.add(labels, Value::Number(number))
    }

    /// Adds a whole number. Beyond 2^53 the last digits are lost, in the format as well.
    pub fn count(&mut self, labels: Labels<'_>, count: u64) -> &mut Self {
        self.number(labels, count as f64)
    }

    /// Adds a histogram.
    pub fn spread(&mut self, labels: Labels<'_>, spread: Spread) -> &mut Self {
        self.add(labels, Value::Spread(spread))
    }

    fn add(&mut self, labels: Labels<'_>, value: Value) -> &mut Self {
        self.samples.push(Sample { labels: labels.to_vec(), value });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parts_may_share_a_family() {
        let mut figures = Figures::default();
        figures.counter("keyward_x_total", "X.").count(&[("of", "a")], 1);
        figures.gauge("keyward_y", "Y.");
        figures.counter("keyward_x_total", "X.").count(&[("of", "b")], 2);
        let found: Vec<_> =
            figures.families().iter().map(|family| (family.name, family.samples.len())).collect();
        assert_eq!(found, [("keyward_x_total", 2), ("keyward_y", 0)]);
    }
}
