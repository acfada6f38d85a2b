//! From a reason to a refusal in the cloud's own words.

use tradewind_core::time::Millis;

use super::traits::{Reason, Traits};
use crate::refusal::{Class, Refusal};

/// After a capacity error a pool is left alone for so long: what schedulers came to after 45 s and 60 s were
/// too short (karpenter; collected 2026-11-22).
const CAPACITY_PAUSE: Millis = Millis::from_secs(180);

impl Traits {
    /// The refusal for a reason.
    pub fn refuse(&self, reason: Reason, message: impl Into<String>) -> Refusal {
        let (code, class, help) = meaning(reason);
        let refusal = Refusal::new(code, class, message, help);
        let refusal = match reason {
            Reason::NoCapacity => refusal.retryable_after(CAPACITY_PAUSE.get() as u64),
            Reason::Outage | Reason::Throttled => refusal.retryable(),
            _ => refusal,
        };
        match self.says.get(&reason) {
            Some((word, _)) => refusal.in_cloud_word(word),
            None => refusal,
        }
    }

    /// Too many calls: there is room again after `wait`.
    pub fn refuse_for_now(&self, wait: Millis) -> Refusal {
        let message = format!("too many calls: there is room again in {wait}");
        self.refuse(Reason::Throttled, message).retryable_after(wait.get().max(0) as u64)
    }
}

/// Code, class and help.
fn meaning(reason: Reason) -> (&'static str, Class, &'static str) {
    use Reason as R;
    match reason {
        R::Throttled => ("TW5010", Class::Throttled, "wait; launch many nodes in one call"),
        R::NoCapacity => ("TW5011", Class::Capacity, "another zone, machine or time; this is not your quota"),
        R::QuotaOnDemand | R::QuotaSpot => {
            ("TW5012", Class::Quota, "release something or ask the cloud for more; waiting does not help")
        }
        R::Outage => ("TW5013", Class::Unavailable, "another place; get_health tells when it is over"),
        R::NoSuchType | R::NotOffered => ("TW5014", Class::Invalid, "get_cost_estimate tells what is sold where"),
        R::NoSuchNode | R::NoSuchThing => ("TW5014", Class::Invalid, "get_health lists what is there"),
        R::BadName => ("TW5014", Class::Invalid, "take a name that the cloud admits"),
        R::AboveMaximum => ("TW5014", Class::Invalid, "raise max, or wish fewer"),
        R::BadWeight => ("TW5014", Class::Invalid, "take weights that the cloud admits, one of them above 0"),
        R::WrongZone => ("TW5015", Class::Conflict, "a volume and its node must be in one zone"),
        R::AttachedElsewhere => ("TW5015", Class::Conflict, "detach it first"),
        R::OtherArguments => ("TW5015", Class::Conflict, "another call needs another key"),
        R::NameTaken | R::JobExists => ("TW5015", Class::Conflict, "take another name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_one_class_on_every_cloud_and_the_clouds_own_word() {
        let told = |reason| {
            let of = |cloud| Traits::of(cloud).expect("simulated").refuse(reason, "");
            let clouds = Traits::clouds().map(of);
            let words: Vec<String> = clouds.map(|r| r.cloud_code.unwrap_or_default()).collect();
            let refusal = of("aws");
            let retry = if refusal.retryable { "retry" } else { "final" };
            format!("{} {:?} {retry} {}\n", refusal.code, refusal.class, words.join(" "))
        };
        let reasons = Traits::of("aws").expect("simulated").says.keys();
        let table: String = reasons.map(|r| told(*r)).collect();
        insta::assert_snapshot!(table, @r"
        TW5010 Throttled retry RequestLimitExceeded TooManyRequests rateLimitExceeded
        TW5011 Capacity retry InsufficientInstanceCapacity SkuNotAvailable ZONE_RESOURCE_POOL_EXHAUSTED
        TW5012 Quota final VcpuLimitExceeded QuotaExceeded QUOTA_EXCEEDED
        TW5012 Quota final MaxSpotInstanceCountExceeded LowPriorityCoresQuota QUOTA_EXCEEDED
        TW5015 Conflict final IdempotentParameterMismatch PropertyChangeNotAllowed invalid
        TW5014 Invalid final InvalidParameterValue InvalidParameter invalid
        TW5014 Invalid final InvalidInstanceID.NotFound ResourceNotFound notFound
        TW5014 Invalid final InvalidParameterValue ResourceNotFound notFound
        TW5014 Invalid final InvalidBucketName AccountNameInvalid invalid
        TW5015 Conflict final BucketAlreadyOwnedByYou StorageAccountAlreadyTaken conflict
        TW5015 Conflict final ResourceInUse UserError alreadyExists
        TW5015 Conflict final InvalidVolume.ZoneMismatch BadRequest invalid
        TW5015 Conflict final VolumeInUse Conflict RESOURCE_IN_USE_BY_ANOTHER_RESOURCE
        TW5014 Invalid final ValidationError InvalidParameter invalid
        TW5014 Invalid final InvalidParameterCombination OperationNotAllowed invalid
        TW5014 Invalid final InvalidInput BadRequest invalid
        TW5013 Unavailable retry ServiceUnavailable ServiceUnavailable backendError
        ");
    }
}
