//! Decimals, from text, integers and floats.

use super::{primitive::Parse, value_error::ValueError};
use crate::msgpack::Value;

/// Decimals of `precision` digits, `scale` of them after the decimal point, as integers in units of 10^-`scale`.
#[derive(Debug)]
pub struct Decimal {
    /// Total number of digits, at most 38.
    pub precision: u8,
    /// Digits after the decimal point.
    pub scale: u8,
}

impl Parse<i128> for Decimal {
    fn parse(&self, value: Value<'_>) -> Result<i128, Box<ValueError>> {
        let number = match value {
            Value::Str(text) => Number::parse(text),
            Value::Int(int) => Number::parse(int.to_string().as_bytes()),
            Value::BigInt(int) => Number::parse(int.to_string().as_bytes()),
            // The shortest decimal that parses to the same float.
            Value::F32(float) => Number::parse(float.to_string().as_bytes()),
            Value::F64(float) => Number::parse(float.to_string().as_bytes()),
            _ => None,
        };
        let number = number.ok_or_else(|| ValueError::type_mismatch(&value, &self.name()))?;
        self.scaled(&number)
            .ok_or_else(|| ValueError::out_of_range(&value, &self.name()))
    }
}

impl Decimal {
    fn name(&self) -> String {
        format!("decimal({},{})", self.precision, self.scale)
    }

    fn scaled(&self, number: &Number) -> Option<i128> {
        let mut unscaled = 0_i128;
        for &digit in &number.digits {
            unscaled = unscaled
                .checked_mul(10)?
                .checked_add(i128::from(digit - b'0'))?;
        }
        if unscaled == 0 {
            return Some(0);
        }
        let zeros = number.exponent.checked_add(i64::from(self.scale))?;
        let factor = 10_i128.checked_pow(u32::try_from(zeros).ok()?)?;
        let scaled = unscaled.checked_mul(factor)?;
        let limit = 10_i128.checked_pow(u32::from(self.precision))?;
        let signed = if number.negative { -scaled } else { scaled };
        (scaled < limit).then_some(signed)
    }
}

/// `digits` × 10^`exponent`, where `digits` has no trailing zeros.
struct Number {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Number {
    /// Parses decimals such as `-12.50` and `1.25E+3`.
    fn parse(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (text.get(..at)?, parse_exponent(text.get(at + 1..)?)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.iter().position(|&byte| byte == b'.') {
            Some(at) => (mantissa.get(..at)?, mantissa.get(at + 1..)?),
            None => (mantissa, [].as_slice()),
        };
        let mut digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut exponent = exponent - i64::try_from(fraction.len()).ok()?;
        while digits.last() == Some(&b'0') {
            digits.pop();
            exponent += 1;
        }
        Some(Self {
            negative,
            digits,
            exponent,
        })
    }
}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let exponent: i32 = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(exponent.into())
}
