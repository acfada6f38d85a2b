//! What a node is billed: the price of each time, summed.

use serde::{Deserialize, Serialize};
use tradewind_core::market::CloudFacts;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::{Millis, Time};

/// The meter of one node. Every stretch at one price is rounded once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// When it was started.
    started: Time,
    /// Since when the present price holds.
    since: Time,
    /// The present price.
    price: UsdPerHour,
    /// The stretches before.
    before: Usd,
}

impl Meter {
    /// Starts at a price.
    pub fn start(at: Time, price: UsdPerHour) -> Self {
        Self { started: at, since: at, price, before: Usd::ZERO }
    }

    /// From now on at another price.
    pub fn reprice(&mut self, at: Time, price: UsdPerHour) {
        self.before += self.price.times(at - self.since);
        (self.since, self.price) = (at, price);
    }

    /// The whole bill of a node that ends now: nothing within the cloud's free time if it was interrupted
    /// (`is_free`), at least the minimum, and the public address.
    pub fn bill(&self, at: Time, cloud: &CloudFacts, is_free: bool) -> Usd {
        let span = at - self.started;
        let address = cloud.address.times(span);
        if is_free && cloud.free_if_interrupted_within > Millis::ZERO && span <= cloud.free_if_interrupted_within {
            return address;
        }
        let short = (cloud.billing_minimum - span).max(Millis::ZERO);
        self.before + self.price.times(at - self.since + short) + address
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::market::Delay;
    use tradewind_core::money::UsdPerGbMonth;

    fn cloud(minimum_s: i64, free_h: i64) -> CloudFacts {
        CloudFacts {
            name: "c".to_owned(),
            boot: Delay::default(),
            billing_minimum: Millis::from_secs(minimum_s),
            free_if_interrupted_within: Millis::from_hours(free_h),
            notice: Millis::ZERO,
            address: "0.005".parse().unwrap(),
            disk: UsdPerGbMonth::ZERO,
            storage: UsdPerGbMonth::ZERO,
            staging_bytes_per_second: 1,
        }
    }

    #[test]
    fn minimum_free_hour_and_price_changes() {
        let hour = |h: i64| Time::from_ms(0) + Millis::from_hours(h);
        let mut meter = Meter::start(hour(0), "1.2".parse().unwrap());
        let bill = |m: &Meter, at, free_h, is_free| m.bill(at, &cloud(60, free_h), is_free).to_string();
        // One second is billed as a minute, and one second of address.
        assert_eq!(bill(&meter, Time::from_ms(1000), 0, false), "0.020001389");
        assert_eq!(bill(&meter, hour(1), 1, true), "0.005", "the first hour is free if interrupted");
        assert_eq!(bill(&meter, hour(1), 1, false), "1.205", "not if ended by its owner");
        assert_eq!(bill(&meter, hour(2), 1, true), "2.41");
        meter.reprice(hour(1), "0.6".parse().unwrap());
        assert_eq!(bill(&meter, hour(2), 1, false), "1.81");
    }
}
