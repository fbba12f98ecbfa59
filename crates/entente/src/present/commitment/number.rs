//! Amounts as JSON numbers. Their thousandths are few enough that a double says each of them exactly.

use std::fmt;
use std::str::FromStr as _;

use node::commitment::Amount;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in JSON.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Amount);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let thousandths = self.0.0;
        if thousandths % 1000 == 0 {
            return to.serialize_i64(thousandths / 1000);
        }
        let written = self.0.to_string().parse::<f64>();
        to.serialize_f64(written.map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(from)?;
        let amount = Amount::from_str(&number.to_string());
        amount.map(Number).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_survives_the_way_through_json() {
        for thousandths in [
            0,
            1,
            -1,
            12_500,
            95_000,
            66_667,
            999_999_999_999_999,
            -999_999_999_999_999,
        ] {
            let number = Number(Amount(thousandths));
            let text = serde_json::to_string(&number).unwrap();
            assert_eq!(
                serde_json::from_str::<Number>(&text).unwrap(),
                number,
                "{text}"
            );
        }
        assert_eq!(
            serde_json::to_string(&Number(Amount(95_000))).unwrap(),
            "95"
        );
        for wrong in ["\"95\"", "0.1234", "1e300", "null"] {
            assert!(serde_json::from_str::<Number>(wrong).is_err(), "{wrong}");
        }
    }
}
