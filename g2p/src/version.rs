//! A number that changes whenever a pronunciation may.

use sha2::{Digest, Sha256};

/// Changes with this crate's code and data.
const REVISION: &str = env!("SOSTENUTO_G2P_REVISION");

/// The version of what is made of `parts` by this revision of the code; the same in every process.
pub(crate) fn version(parts: &[&str]) -> u64 {
    let mut hasher = Sha256::new();
    for part in [REVISION].iter().chain(parts) {
        hasher.update(part);
        hasher.update([0]);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    digest.iter().take(8).fold(0, |version, &byte| version << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_parts_give_another_version() {
        assert_eq!(version(&["en-US", "net"]), version(&["en-US", "net"]));
        assert_ne!(version(&["en-US", "net"]), version(&["en-USn", "et"]));
    }
}
