//! A number that stands for some bytes.

/// The 64-bit FNV-1a hash of `bytes` (Fowler, Noll, Vo; draft-eastlake-fnv). Tells things apart; it protects nothing.
pub(crate) fn fnv_1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.into_iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}
