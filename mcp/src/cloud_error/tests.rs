use std::collections::BTreeMap;

use super::*;
use crate::simulated::Traits;

/// A row of what must come out.
#[derive(Deserialize)]
struct Row {
    cloud: String,
    code: String,
    http_status: Option<u16>,
    message: String,
    class: Class,
    retryable: bool,
    source: String,
}

fn table() -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(include_str!("../../data/cloud_errors.csv").as_bytes());
    reader.deserialize().collect::<Result<_, _>>().expect("a sound table")
}

#[test]
fn every_code_of_the_table_is_understood_as_it_says() {
    let mut counts = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in table() {
        assert!(!row.source.is_empty() && Traits::of(&row.cloud).is_some(), "{}", row.code);
        *counts.entry(row.cloud.clone()).or_insert(0) += 1;
        let got = CloudError { code: &row.code, http_status: row.http_status, message: &row.message }.verdict();
        if got != (row.class, row.retryable) {
            wrong.push(format!("{} {}: {got:?}", row.cloud, row.code));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    insta::assert_debug_snapshot!(counts, @r#"
    {
        "aws": 191,
        "azure": 119,
        "gcp": 87,
    }
    "#);
}

/// Where a row comes from can be looked up: a package of a version, which `make test-interop` holds it against, or a document
/// with the day on which it was read. No code stands there twice.
#[test]
fn every_row_names_a_package_of_a_version_or_a_document_that_was_read() {
    let packages = ["botocore ", "azure-storage-blob ", "azure-ai-ml ", "googleapis-common-protos "];
    let packages = packages.into_iter().chain(["google-api-python-client ", "google-cloud-bigquery "]);
    let packages: Vec<&str> = packages.collect();
    let mut seen = std::collections::BTreeSet::new();
    for row in table() {
        let is_package = packages.iter().any(|package| row.source.starts_with(package));
        assert!(is_package || row.source.ends_with(", read 2026-11-23"), "{}: {}", row.code, row.source);
        assert!(seen.insert((row.cloud, row.code.clone(), row.message)), "{} twice", row.code);
    }
}

#[test]
fn capacity_quota_and_throttle_are_three_things_whatever_the_status_says() {
    let verdict = |code, http_status, message| CloudError { code, http_status: Some(http_status), message }.verdict().0;
    assert_eq!(verdict("ZONE_RESOURCE_POOL_EXHAUSTED", 503, ""), Class::Capacity);
    assert_eq!(verdict("RESOURCE_EXHAUSTED", 429, ""), Class::Throttled);
    assert_eq!(verdict("rateLimitExceeded", 403, ""), Class::Throttled, "not denied");
    assert_eq!(verdict("OperationNotAllowed", 409, "exceeding approved cores Quota"), Class::Quota, "not a conflict");
}

#[test]
fn a_code_of_tomorrow_is_read_by_its_words_and_else_by_its_status() {
    let verdict = |code, http_status| CloudError { code, http_status, message: "" }.verdict();
    assert_eq!(verdict("QuantumCoreLimitExceeded", Some(400)), (Class::Quota, false));
    assert_eq!(verdict("Teapot", Some(418)), (Class::Invalid, false));
    assert_eq!(verdict("Teapot", Some(520)), (Class::Unavailable, true));
    assert_eq!(verdict("", None), (Class::Unavailable, true), "nobody answered");
}

#[test]
fn what_is_repeated_from_a_cloud_is_cut_and_cleaned() {
    let message = format!("no\u{7} {}", "x".repeat(1000));
    let refusal = CloudError { code: "UnauthorizedOperation", http_status: Some(403), message: &message }.refusal();
    assert_eq!((refusal.code.as_ref(), refusal.class, refusal.retryable), ("TW5021", Class::Denied, false));
    assert_eq!((refusal.message.len(), refusal.cloud_code.as_deref()), (500, Some("UnauthorizedOperation")));
    assert!(refusal.message.starts_with("no xxx"), "{}", refusal.message);
}
