//! Rounds in which everything has its turn: what the machine does to one it does to its neighbours as well.

use anyhow::Result;

use super::numbers::Outcome;

/// Something that can be measured for some seconds.
pub(super) struct Contender<'a> {
    pub(super) name: &'a str,
    pub(super) measure: Box<dyn Fn(f64) -> Result<Outcome> + 'a>,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) rounds: usize,
    pub(super) seconds: f64,
}

/// What one contender did, round by round.
pub(super) struct Series {
    pub(super) outcomes: Vec<Outcome>,
    /// Against the yardstick of the same round.
    pub(super) ratios: Vec<f64>,
}

/// The yardstick, all the others, the yardstick again; the next round the other way round. One turn of each comes
/// before and does not count. Answers the yardstick's series, and the others'.
pub(super) fn interleave(
    yardstick: &Contender<'_>,
    contenders: &[Contender<'_>],
    effort: Effort,
) -> Result<(Series, Vec<Series>)> {
    let measure = |contender: &Contender<'_>, seconds: f64| -> Result<Outcome> {
        let outcome = (contender.measure)(seconds)?;
        println!("  {:12} {:>10.0}/s", contender.name, outcome.per_second);
        Ok(outcome)
    };
    println!("against {}: warming up", yardstick.name);
    for contender in std::iter::once(yardstick).chain(contenders) {
        measure(contender, 1.0)?;
    }
    let mut own = Series { outcomes: Vec::new(), ratios: Vec::new() };
    let mut others: Vec<Series> =
        contenders.iter().map(|_| Series { outcomes: Vec::new(), ratios: Vec::new() }).collect();
    for round in 0..effort.rounds {
        println!("against {}: round {} of {}", yardstick.name, round + 1, effort.rounds);
        let before = measure(yardstick, effort.seconds)?;
        let mut turns: Vec<_> = contenders.iter().zip(&mut others).collect();
        if round % 2 == 1 {
            turns.reverse();
        }
        let mut measured = Vec::new();
        for (contender, series) in turns {
            measured.push((measure(contender, effort.seconds)?, series));
        }
        let after = measure(yardstick, effort.seconds)?;
        let level = f64::midpoint(before.per_second, after.per_second);
        for (outcome, series) in measured {
            series.outcomes.push(outcome);
            series.ratios.push(outcome.per_second / level);
        }
        own.outcomes.extend([before, after]);
        own.ratios.extend([before.per_second / level, after.per_second / level]);
    }
    Ok((own, others))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_yardstick_stands_on_both_sides_and_every_other_round_is_turned_round() {
        let order = RefCell::new(String::new());
        let contender = |name: &'static str| {
            let order = &order;
            let measure = move |_| {
                order.borrow_mut().push_str(name);
                Ok(Outcome::bare(if name == "y" { 4.0 } else { 2.0 }))
            };
            Contender { name, measure: Box::new(measure) }
        };
        let effort = Effort { rounds: 2, seconds: 1.0 };
        let others = [contender("a"), contender("b")];
        let (own, others) = interleave(&contender("y"), &others, effort).unwrap();
        assert_eq!(*order.borrow(), "yabyabyybay");
        assert_eq!(own.outcomes.len(), 4);
        assert_eq!(others.first().unwrap().ratios, [0.5, 0.5]);
    }
}
