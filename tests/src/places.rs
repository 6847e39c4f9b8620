//! Where what the tests read may be: fetched assets, and data shared between checkouts.

use std::path::{Path, PathBuf};

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
            println!("skipped: {} is not there; `sostenuto assets fetch` brings it", path.display());
            None
        }
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

/// A file or folder in the folder `shared` beside the repository. Where it is not there, says what is skipped and
/// why.
pub fn shared(path: &str) -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let found = repository.parent()?.join("shared").join(path);
    if found.exists() {
        return Some(found);
    }
    println!("skipped: {} is not there", found.display());
    None
}
