//! Chance for one purpose.

use sostenuto_simulator::Scatter;

/// A seed for `purpose` of the listener or session `number`, in a scenario of `seed`: what is drawn for one purpose
/// moves nothing that is drawn for another.
pub(crate) fn seed_for(seed: u64, purpose: &str, number: usize) -> u64 {
    // FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv).
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = purpose.bytes().chain(number.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, step);
    Scatter::new(seed ^ hash).number()
}

/// As [`seed_for`], but what is drawn.
pub(crate) fn scatter_for(seed: u64, purpose: &str, number: usize) -> Scatter {
    Scatter::new(seed_for(seed, purpose, number))
}
