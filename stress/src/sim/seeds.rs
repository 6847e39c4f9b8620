//! Chance for one purpose.

use sostenuto_simulator::Scatter;

use crate::fnv::fnv_1a;

/// A seed for `purpose` of the listener or session `number`, in a scenario of `seed`: what is drawn for one purpose
/// moves nothing that is drawn for another.
pub(crate) fn seed_for(seed: u64, purpose: &str, number: usize) -> u64 {
    let hash = fnv_1a(purpose.bytes().chain(number.to_le_bytes()));
    Scatter::new(seed ^ hash).number()
}

/// As [`seed_for`], but what is drawn.
pub(crate) fn scatter_for(seed: u64, purpose: &str, number: usize) -> Scatter {
    Scatter::new(seed_for(seed, purpose, number))
}
