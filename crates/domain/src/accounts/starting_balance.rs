//! The balance that a platform gives an account to begin with: an attribute, not money.

use std::fmt;

use rust_decimal::Decimal;

/// A decimal above 0 and up to 1,000,000,000, written as it was given: `10000.00` stays `10000.00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartingBalance(Decimal);

/// The text is no plain decimal, or lies outside the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a decimal above 0 and up to 1000000000")]
pub struct InvalidStartingBalance;

impl StartingBalance {
    const MAX: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

    /// Reads digits with at most one point, up to 28 digits in all. No sign, no exponent, no separators.
    pub fn parse(text: &str) -> Result<Self, InvalidStartingBalance> {
        let text = text.trim();
        let plain = text.starts_with(|c: char| c.is_ascii_digit())
            && text.ends_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || c == '.');
        let amount = Decimal::from_str_exact(text).map_err(|_| InvalidStartingBalance)?;
        if plain && amount > Decimal::ZERO && amount <= Self::MAX {
            Ok(Self(amount))
        } else {
            Err(InvalidStartingBalance)
        }
    }

    /// Reads a JSON number: as [`Self::parse`], or with an exponent (RFC 8259, section 6), which programs write
    /// where a number is large or small. What it stands for is taken exactly and written without the exponent.
    pub fn parse_number(text: &str) -> Result<Self, InvalidStartingBalance> {
        match text.split_once(['e', 'E']) {
            None => Self::parse(text),
            Some((digits, exponent)) => Self::parse(&without_exponent(digits, exponent)?.to_string()),
        }
    }
}

/// `digits` times ten to the power of `exponent`, to the last digit.
fn without_exponent(digits: &str, exponent: &str) -> Result<Decimal, InvalidStartingBalance> {
    let digits = Decimal::from_str_exact(digits).map_err(|_| InvalidStartingBalance)?.normalize();
    let exponent: i64 = exponent.parse().map_err(|_| InvalidStartingBalance)?;
    let scale = i64::from(digits.scale()).checked_sub(exponent).ok_or(InvalidStartingBalance)?;
    let (scale, factor) = (scale.max(0), scale.min(0).unsigned_abs());
    let scale = u32::try_from(scale).map_err(|_| InvalidStartingBalance)?;
    let factor = u32::try_from(factor).ok().and_then(|power| 10_i128.checked_pow(power));
    let factor = factor.ok_or(InvalidStartingBalance)?;
    let unscaled = digits.mantissa().checked_mul(factor).ok_or(InvalidStartingBalance)?;
    Decimal::try_from_i128_with_scale(unscaled, scale).map_err(|_| InvalidStartingBalance)
}

impl Default for StartingBalance {
    /// `10000.00` (TradeReady, "Register Account").
    fn default() -> Self {
        Self(Decimal::from_parts(1_000_000, 0, 0, false, 2))
    }
}

impl fmt::Display for StartingBalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_is_echoed_as_it_was_given() {
        for text in ["10000.00", "10000", "0.01", "1000000000", "1000000000.00", "0.000000000000000001"] {
            assert_eq!(StartingBalance::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(StartingBalance::default().to_string(), "10000.00");
    }

    #[test]
    fn a_number_with_an_exponent_is_what_it_stands_for() {
        let numbers = [
            ("1e5", "100000"),
            ("1e-05", "0.00001"),
            ("1.25E+3", "1250"),
            ("1.2345e2", "123.45"),
            ("10.0e-1", "1.0"),
            ("1e9", "1000000000"),
            ("0.1e10", "1000000000"),
            ("1.0e-28", "0.0000000000000000000000000001"),
            ("10000.00", "10000.00"),
        ];
        for (number, text) in numbers {
            assert_eq!(StartingBalance::parse_number(number).unwrap().to_string(), text, "{number}");
        }
        let refused = [
            "0e5",
            "-1e5",
            "1e10",
            "1.1e9",
            "1e-29",
            "1e308",
            "1e-308",
            "1e99999999999999999999",
            "1e",
            "e5",
        ];
        for number in refused {
            assert_eq!(StartingBalance::parse_number(number), Err(InvalidStartingBalance), "{number}");
        }
    }

    #[test]
    fn a_balance_outside_the_range_or_oddly_written_is_refused() {
        let refused = [
            "0",
            "0.00",
            "-1",
            "+1",
            "1000000000.01",
            "1e3",
            "1_000",
            "1,000",
            "",
            ".5",
            "5.",
            "1.2.3",
            "NaN",
            "٣",
            "99999999999999999999999999999999999999",
        ];
        for text in refused {
            assert_eq!(StartingBalance::parse(text), Err(InvalidStartingBalance), "{text}");
        }
    }
}
