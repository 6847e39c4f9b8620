//! Where the assets that the tests read are.

use std::io::Write;
use std::path::PathBuf;

use sostenuto_inference::assets::{Cache, Manifest, State};

/// The file of the asset called `name` in the user's cache. Where it is not there, says what is skipped and why.
pub fn fetched(name: &str) -> Option<PathBuf> {
    let path = Cache::of_user().and_then(|cache| {
        let manifest = Manifest::shipped()?;
        let entry = manifest.entry(name)?;
        let here = matches!(cache.state(entry)?, State::Present | State::Unverified);
        Ok((cache.path(entry), here))
    });
    match path {
        Ok((path, true)) => Some(path),
        Ok((path, false)) => {
            // Not through `println`, which the harness keeps to itself.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: {} is not there; `sostenuto assets fetch` brings it",
                path.display()
            );
            None
        }
        Err(error) => {
            // Not through `println`, which the harness keeps to itself.
            let _ = writeln!(std::io::stderr(), "skipped: {error}");
            None
        }
    }
}
