//! The folder that holds the assets.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::stamp::Stamp;
use super::{AssetError, Digest, Entry};

/// What is known of an entry's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not there.
    Missing,
    /// There, and of the right length; its content was not compared since it last changed.
    Unverified,
    /// There, and its digest was compared.
    Present,
    /// There, but not the pinned file.
    Damaged,
}

/// The folder that holds the assets, one per user unless told otherwise.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The user's cache: `$SOSTENUTO_HOME`; else the platform's cache folder, which is `%LOCALAPPDATA%\sostenuto` on
    /// Windows, `~/Library/Caches/sostenuto` on macOS, and elsewhere `$XDG_CACHE_HOME/sostenuto` or
    /// `~/.cache/sostenuto` (XDG Base Directory Specification 0.8). The folder need not exist.
    ///
    /// # Errors
    /// [`AssetError::NoFolder`] when no variable names one.
    pub fn of_user() -> Result<Self, AssetError> {
        folder_from(|name| std::env::var_os(name)).map_or(Err(AssetError::NoFolder), Self::at)
    }

    /// The cache in `folder`, which need not exist.
    ///
    /// # Errors
    /// [`AssetError::Io`] when `folder` is relative and there is no current folder.
    pub fn at(folder: impl AsRef<Path>) -> Result<Self, AssetError> {
        let folder = folder.as_ref();
        // Registry clients run in another folder, so a relative path would not mean the same to them.
        let folder = std::path::absolute(folder).map_err(|error| AssetError::io("resolve", folder, error))?;
        Ok(Self { folder })
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where an entry's file belongs, whether it is there or not.
    pub fn path(&self, entry: &Entry) -> PathBuf {
        self.folder.join(&entry.file)
    }

    /// What is known of an entry's file without reading it.
    ///
    /// # Errors
    /// [`AssetError::Io`] when the folder cannot be looked into.
    pub fn state(&self, entry: &Entry) -> Result<State, AssetError> {
        let path = self.path(entry);
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
            Err(error) => return Err(AssetError::io("look at", &path, error)),
        };
        if !metadata.is_file() || metadata.len() != entry.bytes {
            return Ok(State::Damaged);
        }
        Ok(match Stamp::digest(&path, &metadata) {
            Some(digest) if digest == entry.sha256 => State::Present,
            Some(_) => State::Damaged,
            None => State::Unverified,
        })
    }

    /// Reads an entry's file and compares its digest; never [`State::Unverified`].
    ///
    /// # Errors
    /// [`AssetError::Io`] when the file cannot be read.
    pub fn verify(&self, entry: &Entry) -> Result<State, AssetError> {
        let state = self.state(entry)?;
        let path = self.path(entry);
        let right_length = fs::metadata(&path).is_ok_and(|metadata| metadata.len() == entry.bytes);
        if state == State::Missing || !right_length {
            return Ok(state);
        }
        let digest =
            File::open(&path).and_then(Digest::of).map_err(|error| AssetError::io("read", &path, error))?;
        remember(&path, digest);
        Ok(if digest == entry.sha256 { State::Present } else { State::Damaged })
    }

    /// What is known of an entry's file, reading it only where it was not compared before.
    ///
    /// # Errors
    /// [`AssetError::Io`] when the file cannot be read.
    pub fn settled_state(&self, entry: &Entry) -> Result<State, AssetError> {
        match self.state(entry)? {
            State::Unverified => self.verify(entry),
            state => Ok(state),
        }
    }

    /// The path of an entry's file, which is whole and the pinned one.
    ///
    /// # Errors
    /// - [`AssetError::Missing`], [`AssetError::Damaged`]: fetch it.
    /// - [`AssetError::Io`] when the file cannot be read.
    pub fn require(&self, entry: &Entry) -> Result<PathBuf, AssetError> {
        let path = self.path(entry);
        let name = entry.name.clone();
        match self.settled_state(entry)? {
            State::Present => Ok(path),
            State::Missing => Err(AssetError::Missing { name, path }),
            State::Damaged | State::Unverified => Err(AssetError::Damaged { name, path }),
        }
    }
}

/// Records a digest; a cache that cannot be written is hashed again the next time.
pub(super) fn remember(path: &Path, digest: Digest) {
    if let Err(error) = Stamp::write(path, digest) {
        tracing::debug!(path = %path.display(), %error, "digest not recorded");
    }
}

fn folder_from(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set("SOSTENUTO_HOME") {
        return Some(folder);
    }
    let caches = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library/Caches"))
    } else {
        set("XDG_CACHE_HOME")
            .filter(|folder| folder.is_absolute())
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
    };
    caches.map(|folder| folder.join("sostenuto"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Manifest;

    fn abc() -> Entry {
        let text = "[[entry]]\nname = \"abc\"\nversion = \"1\"\nset = \"minimal\"\nfile = \"models/abc\"\nbytes = 3\n\
             sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\nlicence = \"MIT\"\n\
             source = [{ kind = \"https\", url = \"https://example.org/abc\" }]\n";
        Manifest::parse(text).unwrap().entries()[0].clone()
    }

    fn cache_with(content: &[u8]) -> (tempfile::TempDir, Cache, Entry) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let entry = abc();
        fs::create_dir(folder.path().join("models")).unwrap();
        fs::write(cache.path(&entry), content).unwrap();
        (folder, cache, entry)
    }

    #[test]
    fn a_file_that_is_not_there_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("never made")).unwrap();
        assert_eq!(cache.state(&abc()).unwrap(), State::Missing);
        assert!(matches!(cache.require(&abc()), Err(AssetError::Missing { .. })));
    }

    #[test]
    fn a_file_of_the_right_length_is_unverified_until_it_was_read() {
        let (_folder, cache, entry) = cache_with(b"abc");
        assert_eq!(cache.state(&entry).unwrap(), State::Unverified);
        assert_eq!(cache.verify(&entry).unwrap(), State::Present);
        assert_eq!(cache.state(&entry).unwrap(), State::Present);
    }

    #[test]
    fn a_file_of_another_length_is_damaged() {
        let (_folder, cache, entry) = cache_with(b"ab");
        assert_eq!(cache.state(&entry).unwrap(), State::Damaged);
        assert_eq!(cache.verify(&entry).unwrap(), State::Damaged);
    }

    #[test]
    fn other_content_of_the_right_length_is_never_handed_out() {
        let (_folder, cache, entry) = cache_with(b"abd");
        assert!(matches!(cache.require(&entry), Err(AssetError::Damaged { .. })));
        assert_eq!(cache.state(&entry).unwrap(), State::Damaged, "remembered without reading again");
    }

    #[test]
    fn a_damaged_file_that_was_mended_is_present_again() {
        let (_folder, cache, entry) = cache_with(b"abd");
        assert_eq!(cache.verify(&entry).unwrap(), State::Damaged);
        fs::write(cache.path(&entry), b"abc").unwrap();
        assert_eq!(cache.verify(&entry).unwrap(), State::Present);
    }

    #[test]
    fn require_reads_a_file_once() {
        let (_folder, cache, entry) = cache_with(b"abc");
        let path = cache.require(&entry).unwrap();
        let changed = fs::metadata(&path).unwrap().modified().unwrap();
        // Other content under the old time of change: only a second reading would notice.
        fs::write(&path, b"abd").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(changed).unwrap();
        assert!(cache.require(&entry).is_ok());
        assert_eq!(cache.verify(&entry).unwrap(), State::Damaged);
        assert!(cache.require(&entry).is_err());
    }

    #[test]
    fn the_users_folder_follows_the_environment() {
        let with = |pairs: &'static [(&str, &str)]| {
            folder_from(|name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.into()))
        };
        assert_eq!(with(&[("SOSTENUTO_HOME", "/s"), ("HOME", "/h")]), Some("/s".into()));
        assert_eq!(with(&[]), None);
        #[cfg(all(unix, not(target_os = "macos")))]
        {
            assert_eq!(with(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]), Some("/x/sostenuto".into()));
            assert_eq!(with(&[("XDG_CACHE_HOME", "x"), ("HOME", "/h")]), Some("/h/.cache/sostenuto".into()));
            assert_eq!(with(&[("SOSTENUTO_HOME", ""), ("HOME", "/h")]), Some("/h/.cache/sostenuto".into()));
        }
    }
}
