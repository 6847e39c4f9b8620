//! A fragment cache that survives the process.
//!
//! The file is text: a line with the format's version, a line of JSON per entry, and a last line with the SHA-256 of
//! all before it. A file of another version, or one that is damaged anywhere, counts as empty: it is only a cache.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fragment_cache::FragmentCache;
use crate::phonemizer::Pronunciation;
use crate::vocabulary;

const HEADER: &str = "sostenuto fragment cache 1";

/// Larger files are not read: no cache that was saved by this code comes near it.
const LARGEST_FILE: u64 = 256 << 20;

#[derive(Deserialize, Serialize)]
struct Line<'a> {
    version: u64,
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
    pronunciation: Pronunciation,
}

/// Why no entry was read from a file.
#[derive(Debug, thiserror::Error)]
pub enum FragmentFileError {
    /// There is no such file yet: it will be there once the cache is saved.
    #[error("{} is not there yet", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file was not written by this version, or is damaged: it is replaced when the cache is saved.
    #[error("{} is of another version or damaged, and ignored", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read or written: check the path and its permissions.
    #[error("cannot {verb} {}: {error}", path.display())]
    Io {
        /// "read" or "write".
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Fills `cache` from the file that [`save`] wrote; returns how many entries it read.
///
/// # Errors
///
/// [`FragmentFileError`] when nothing was read; the cache is as it was.
pub fn load(cache: &FragmentCache, path: &Path) -> Result<usize, FragmentFileError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FragmentFileError::Missing { path: path.to_owned() },
        io::ErrorKind::InvalidData => FragmentFileError::Unusable { path: path.to_owned() },
        _ => FragmentFileError::Io { verb: "read", path: path.to_owned(), error },
    };
    if std::fs::metadata(path).map_err(failed)?.len() > LARGEST_FILE {
        return Err(FragmentFileError::Unusable { path: path.to_owned() });
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let entries = parse(&text).ok_or_else(|| FragmentFileError::Unusable { path: path.to_owned() })?;
    let count = entries.len();
    for Line { version, text, pronunciation } in entries {
        cache.insert(version, &text, Arc::new(pronunciation));
    }
    Ok(count)
}

/// Writes all entries of `cache` to a file that [`load`] reads; what was there before stays until all is written.
///
/// # Errors
///
/// [`FragmentFileError::Io`] when the file cannot be written.
pub fn save(cache: &FragmentCache, path: &Path) -> Result<(), FragmentFileError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = PathBuf::from(partial);
    let written = write(cache, &partial).and_then(|()| std::fs::rename(&partial, path));
    written.map_err(|error| {
        // Nothing more can be done about a file that cannot be removed either.
        let _ = std::fs::remove_file(&partial);
        FragmentFileError::Io { verb: "write", path: path.to_owned(), error }
    })
}

fn write(cache: &FragmentCache, path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut hasher = Sha256::new();
    let mut line = |line: &str| {
        hasher.update(line);
        hasher.update("\n");
        writeln!(out, "{line}")
    };
    line(HEADER)?;
    for (key, pronunciation) in cache.entries() {
        let pronunciation = (*pronunciation).clone();
        let entry = Line { version: key.version, text: (&*key.text).into(), pronunciation };
        line(&serde_json::to_string(&entry)?)?;
    }
    writeln!(out, "{}", hex(&hasher.finalize()))?;
    out.into_inner()?.sync_all()
}

/// The entries of a file that is whole and of this version.
fn parse(text: &str) -> Option<Vec<Line<'_>>> {
    let (lines, digest) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let body = &text[..=lines.len()];
    if hex(&Sha256::digest(body)) != digest {
        return None;
    }
    let entries = lines.strip_prefix(HEADER)?.lines().filter(|line| !line.is_empty());
    entries.map(|line| serde_json::from_str(line).ok().filter(is_sound)).collect()
}

/// Whether an entry could have come from a pronouncer: a digest keeps out accidents, not other programs.
fn is_sound(line: &Line) -> bool {
    let Pronunciation { phonemes, words, .. } = &line.pronunciation;
    phonemes.chars().all(|symbol| vocabulary::token_id(symbol).is_some())
        && words.iter().all(|word| {
            line.text.get(word.source.clone()).is_some() && phonemes.get(word.phonemes.clone()).is_some()
        })
        && words.is_sorted_by(|a, b| a.source.start <= b.source.start && a.phonemes.end <= b.phonemes.start)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause::Word;
    use crate::reason::Reason;

    fn filled() -> FragmentCache {
        let cache = FragmentCache::new(FragmentCache::DEFAULT_BYTES);
        for n in 0..50 {
            let word = Word { source: 0..4, phonemes: 0..5, reason: Reason::Net };
            let pronunciation =
                Pronunciation { phonemes: "sˈɛnt.".to_owned(), words: vec![word], ..Default::default() };
            cache.insert(n, &format!("Sent {n}."), Arc::new(pronunciation));
        }
        cache
    }

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fragments");
        (folder, path)
    }

    #[test]
    fn a_cache_comes_back_as_it_was_saved() {
        let (_folder, path) = file();
        save(&filled(), &path).unwrap();
        let cache = FragmentCache::new(FragmentCache::DEFAULT_BYTES);
        assert_eq!(load(&cache, &path).unwrap(), 50);
        assert_eq!(cache.get(7, "Sent 7."), filled().get(7, "Sent 7."));
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn a_missing_file_is_told_from_a_damaged_one() {
        let (_folder, path) = file();
        let cache = FragmentCache::new(1_000);
        assert!(matches!(load(&cache, &path), Err(FragmentFileError::Missing { .. })));
        std::fs::write(&path, [0xff, 0xfe, 0]).unwrap();
        assert!(matches!(load(&cache, &path), Err(FragmentFileError::Unusable { .. })));
    }

    #[test]
    fn damage_anywhere_makes_it_empty() {
        let (_folder, path) = file();
        save(&filled(), &path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(97).chain([whole.len() - 2]) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, &damaged).unwrap();
            let cache = FragmentCache::new(FragmentCache::DEFAULT_BYTES);
            assert!(matches!(load(&cache, &path), Err(FragmentFileError::Unusable { .. })), "byte {at}");
            assert_eq!(cache.stats().entries, 0);
        }
        for end in [0, 10, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert!(load(&FragmentCache::new(1_000), &path).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_file_of_another_version_is_ignored() {
        let (_folder, path) = file();
        let body = "sostenuto fragment cache 0\n";
        std::fs::write(&path, format!("{body}{}\n", hex(&Sha256::digest(body)))).unwrap();
        assert!(matches!(load(&FragmentCache::new(1_000), &path), Err(FragmentFileError::Unusable { .. })));
    }

    #[test]
    fn spans_that_lie_outside_the_text_are_refused() {
        let (_folder, path) = file();
        let cache = filled();
        let word = Word { source: 3..400, phonemes: 0..1, reason: Reason::Lexicon };
        let wrong = Pronunciation { phonemes: "a".to_owned(), words: vec![word], ..Default::default() };
        cache.insert(99, "a", Arc::new(wrong));
        save(&cache, &path).unwrap();
        assert!(matches!(load(&FragmentCache::new(1_000), &path), Err(FragmentFileError::Unusable { .. })));
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let (_folder, path) = file();
        let error = save(&filled(), &path.join("deeper")).unwrap_err();
        assert!(matches!(error, FragmentFileError::Io { verb: "write", .. }), "{error}");
    }
}
