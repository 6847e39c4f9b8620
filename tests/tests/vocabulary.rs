//! The vocabulary that is compiled in is the one that the models were published with.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use sostenuto_g2p::vocabulary::{TokenId, symbols};
use sostenuto_tests::fetched;

#[test]
fn the_compiled_table_is_the_published_one() {
    let Some(path) = fetched("vocabulary") else { return };
    let published: BTreeMap<char, TokenId> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let compiled: BTreeMap<_, _> = symbols().collect();
    assert_eq!(compiled, published);
}
