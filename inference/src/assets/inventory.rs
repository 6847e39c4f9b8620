//! What is in the cache.

use std::path::PathBuf;

use super::{AssetError, Cache, Manifest, Set, State};

/// An entry as `assets list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The entry's name.
    pub name: String,
    /// The publisher's version.
    pub version: String,
    /// The smallest set that holds it.
    pub set: Set,
    /// Length of its file.
    pub bytes: u64,
    /// SPDX licence expression.
    pub licence: String,
    /// What is known of the file, without reading it.
    pub state: State,
}

/// All entries of the manifest and their state, without reading any file.
///
/// # Errors
/// [`AssetError::Io`] when the cache cannot be looked into.
pub fn list(manifest: &Manifest, cache: &Cache) -> Result<Vec<Row>, AssetError> {
    manifest
        .entries()
        .iter()
        .map(|entry| {
            Ok(Row {
                name: entry.name.clone(),
                version: entry.version.clone(),
                set: entry.set,
                bytes: entry.bytes,
                licence: entry.licence.clone(),
                state: cache.state(entry)?,
            })
        })
        .collect()
}

/// What a full check of one entry found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The entry's name.
    pub name: String,
    /// Where its file is or belongs.
    pub path: PathBuf,
    /// [`State::Present`], [`State::Missing`] or [`State::Damaged`].
    pub state: State,
}

/// Reads every file of `set` that is there and compares its digest.
///
/// # Errors
/// [`AssetError::Io`] when a file cannot be read.
pub fn verify(manifest: &Manifest, cache: &Cache, set: Set) -> Result<Vec<Checked>, AssetError> {
    manifest
        .select(set)
        .map(|entry| {
            Ok(Checked { name: entry.name.clone(), path: cache.path(entry), state: cache.verify(entry)? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const TWO: &str = "[[entry]]\nname = \"abc\"\nversion = \"1\"\nset = \"minimal\"\nfile = \"abc\"\nbytes = 3\n\
         sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\nlicence = \"MIT\"\n\
         source = [{ kind = \"https\", url = \"https://example.org/abc\" }]\n\
         [[entry]]\nname = \"other\"\nversion = \"1\"\nset = \"full\"\nfile = \"other\"\nbytes = 3\n\
         sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\nlicence = \"MIT\"\n\
         source = [{ kind = \"https\", url = \"https://example.org/abc\" }]\n";

    #[test]
    fn lists_every_entry_without_reading_it() {
        let folder = tempfile::tempdir().unwrap();
        let (manifest, cache) = (Manifest::parse(TWO).unwrap(), Cache::at(folder.path()).unwrap());
        fs::write(folder.path().join("abc"), b"xyz").unwrap();
        let states: Vec<_> =
            list(&manifest, &cache).unwrap().into_iter().map(|row| (row.name, row.state)).collect();
        assert_eq!(states, [("abc".to_owned(), State::Unverified), ("other".to_owned(), State::Missing)]);
    }

    #[test]
    fn verify_reads_what_is_there_in_the_set() {
        let folder = tempfile::tempdir().unwrap();
        let (manifest, cache) = (Manifest::parse(TWO).unwrap(), Cache::at(folder.path()).unwrap());
        fs::write(folder.path().join("abc"), b"xyz").unwrap();
        fs::write(folder.path().join("other"), b"abc").unwrap();
        let states = |set| -> Vec<_> {
            verify(&manifest, &cache, set).unwrap().into_iter().map(|checked| checked.state).collect()
        };
        assert_eq!(states(Set::Minimal), [State::Damaged]);
        assert_eq!(states(Set::Full), [State::Damaged, State::Present]);
    }
}
