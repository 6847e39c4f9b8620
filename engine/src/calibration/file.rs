//! `calibration.toml`.
//!
//! ```toml
//! schema = 1
//!
//! [key]                 # what it holds for: all must be as they are here
//! cpu = "AMD EPYC"      # the processor's model
//! cores = 2
//! runtime = "1.30.0"    # ONNX Runtime
//! quality = "6e74..."   # SHA-256 of the models
//! fast = "5f70..."
//!
//! [quality]             # and [fast]: left out where the model was not there
//! provider = "cpu"
//! threads = 2
//! c0_s = 0.2            # a fragment of n tokens takes c0_s + c1_s_per_token * n
//! c1_s_per_token = 0.03
//! spread_s = 0.02       # root mean square of the residuals
//!
//! [twin]
//! on = false
//! ratio = 0.97          # left out where it was not measured
//!
//! [opening]
//! tokens = 32
//! ```

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sostenuto_inference::{Models, Provider, ProviderNotBuilt, SessionKind};
use toml::{Table, Value};

use super::{Calibration, Cost, Key, SessionSettings, Twin};

/// The version of the schema that is written and read.
const SCHEMA: i64 = 1;
const NAME: &str = "calibration.toml";

/// Why a calibration is not used; the engine's defaults are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotUsed {
    /// Run `sostenuto calibrate` to have one.
    #[error("there is no {}: run `sostenuto calibrate`", .0.display())]
    Absent(PathBuf),
    /// Make the file readable, or calibrate anew.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// Correct the field, or calibrate anew.
    #[error("{}: {field}: {expected}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, with its table.
        field: String,
        /// What it should be.
        expected: String,
    },
    /// It holds for something else: calibrate here.
    #[error("{} was measured with {field} {made_for}, and here it is {here}: run `sostenuto calibrate`", path.display())]
    OtherKey {
        /// The file.
        path: PathBuf,
        /// Which part of the key differs.
        field: &'static str,
        /// What the file says.
        made_for: String,
        /// What is here.
        here: String,
    },
    /// Build with the feature, or calibrate with this build.
    #[error("{}: {source}", path.display())]
    NotBuilt {
        /// The file.
        path: PathBuf,
        /// What is missing.
        source: ProviderNotBuilt,
    },
}

impl Calibration {
    /// Where the calibration of a user lies: beside the assets.
    pub fn path(models: &Models) -> PathBuf {
        models.cache().folder().join(NAME)
    }

    /// The calibration for this machine at its usual place; `None`, and a line in the log, where there is none.
    pub fn here(models: &Models) -> Option<Self> {
        let path = Self::path(models);
        if !path.exists() {
            // Without asking the system about the processor: most starts are without a calibration.
            tracing::debug!(path = %path.display(), "not calibrated");
            return None;
        }
        let key = Key::here(models).ok()?;
        Self::load(&path, &key).map_err(|reason| tracing::warn!("calibration not used: {reason}")).ok()
    }

    /// The calibration in the file at `path`, if it was measured with `key`.
    ///
    /// # Errors
    /// Why it is not used.
    pub fn load(path: &Path, key: &Key) -> Result<Self, NotUsed> {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => NotUsed::Absent(path.into()),
            _ => NotUsed::Unreadable { path: path.into(), source },
        })?;
        let found = Reader { path, root: parse(path, &text)? }.calibration()?;
        for ((field, made_for), (_, here)) in found.key.fields().into_iter().zip(key.fields()) {
            if made_for != here {
                return Err(NotUsed::OtherKey { path: path.into(), field, made_for, here });
            }
        }
        for settings in [found.quality, found.fast].into_iter().flatten() {
            settings.provider.require().map_err(|source| NotUsed::NotBuilt { path: path.into(), source })?;
        }
        Ok(found)
    }

    /// Writes it to `path`, which is as it was or whole.
    ///
    /// # Errors
    /// Those of the system.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(self.to_toml().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    fn to_toml(&self) -> String {
        let mut text = format!(
            "# Measured by `sostenuto calibrate`. Delete this file to go back to the defaults.\nschema = {SCHEMA}\n"
        );
        // Writing into a string cannot fail.
        let mut line = |args: std::fmt::Arguments<'_>| {
            let _ = writeln!(text, "{args}");
        };
        let quoted = |text: &str| Value::String(text.to_owned()).to_string();
        line(format_args!("\n# It holds only where all of these are the same."));
        line(format_args!("[key]"));
        line(format_args!("cpu = {}", quoted(&self.key.cpu)));
        line(format_args!("cores = {}", self.key.cores));
        line(format_args!("runtime = {}", quoted(&self.key.runtime)));
        line(format_args!("quality = {}", quoted(&self.key.quality)));
        line(format_args!("fast = {}", quoted(&self.key.fast)));
        for kind in [SessionKind::Quality, SessionKind::Fast] {
            let Some(SessionSettings { provider, threads, cost }) = self.session(kind) else { continue };
            line(format_args!("\n# A fragment of n tokens takes c0_s + c1_s_per_token * n seconds."));
            line(format_args!("[{kind}]"));
            line(format_args!("provider = {}", quoted(provider.name())));
            line(format_args!("threads = {threads}"));
            line(format_args!("c0_s = {:?}", cost.c0_s));
            line(format_args!("c1_s_per_token = {:?}", cost.c1_s_per_token));
            line(format_args!("spread_s = {:?}", cost.spread_s));
        }
        line(format_args!("\n# Two sessions of one model: their total time over that of one."));
        line(format_args!("[twin]"));
        line(format_args!("on = {}", self.twin.on));
        if let Some(ratio) = self.twin.ratio {
            line(format_args!("ratio = {ratio:?}"));
        }
        line(format_args!("\n[opening]"));
        line(format_args!("tokens = {}", self.opening_tokens));
        text
    }
}

fn parse(path: &Path, text: &str) -> Result<Table, NotUsed> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().map_or(0, |span| span.start);
        let line = text.get(..before).map_or(1, |text| text.matches('\n').count() + 1);
        NotUsed::Field {
            path: path.into(),
            field: format!("line {line}"),
            expected: error.message().to_owned(),
        }
    })
}

/// Takes the file apart field by field, so that whatever is wrong is told by its name.
struct Reader<'a> {
    path: &'a Path,
    root: Table,
}

impl Reader<'_> {
    fn calibration(&self) -> Result<Calibration, NotUsed> {
        if self.root.get("schema") != Some(&Value::Integer(SCHEMA)) {
            return Err(self.wrong("schema", format!("it is not {SCHEMA}; calibrate anew with this program")));
        }
        Ok(Calibration {
            key: Key {
                cpu: self.field("key", "cpu")?,
                cores: self.field("key", "cores")?,
                runtime: self.field("key", "runtime")?,
                quality: self.field("key", "quality")?,
                fast: self.field("key", "fast")?,
            },
            quality: self.session("quality")?,
            fast: self.session("fast")?,
            twin: Twin {
                on: self.field("twin", "on")?,
                ratio: self.table("twin")?.get("ratio").map(|_| self.seconds("twin", "ratio")).transpose()?,
            },
            opening_tokens: self.count("opening", "tokens")?,
        })
    }

    fn session(&self, table: &str) -> Result<Option<SessionSettings>, NotUsed> {
        if !self.root.contains_key(table) {
            return Ok(None);
        }
        let provider: String = self.field(table, "provider")?;
        Ok(Some(SessionSettings {
            provider: provider
                .parse::<Provider>()
                .map_err(|error| self.wrong(&format!("{table}.provider"), error.to_string()))?,
            threads: self.count(table, "threads")?,
            cost: Cost {
                c0_s: self.seconds(table, "c0_s")?,
                c1_s_per_token: self.seconds(table, "c1_s_per_token")?,
                spread_s: self.seconds(table, "spread_s")?,
            },
        }))
    }

    fn table(&self, table: &str) -> Result<&Table, NotUsed> {
        let found = self.root.get(table).and_then(Value::as_table);
        found.ok_or_else(|| self.wrong(table, "a table is needed".to_owned()))
    }

    fn field<T: DeserializeOwned>(&self, table: &str, field: &str) -> Result<T, NotUsed> {
        let name = format!("{table}.{field}");
        let value = self.table(table)?.get(field);
        let value = value.ok_or_else(|| self.wrong(&name, "it is missing".to_owned()))?;
        T::deserialize(value.clone()).map_err(|error| self.wrong(&name, error.message().to_owned()))
    }

    fn count(&self, table: &str, field: &str) -> Result<usize, NotUsed> {
        match self.field(table, field)? {
            0 => Err(self.wrong(&format!("{table}.{field}"), "1 or more is needed".to_owned())),
            count => Ok(count),
        }
    }

    fn seconds(&self, table: &str, field: &str) -> Result<f64, NotUsed> {
        match self.field(table, field)? {
            seconds if f64::is_finite(seconds) && seconds >= 0.0 => Ok(seconds),
            _ => Err(self.wrong(&format!("{table}.{field}"), "a number of 0 or more is needed".to_owned())),
        }
    }

    fn wrong(&self, field: &str, expected: String) -> NotUsed {
        NotUsed::Field { path: self.path.into(), field: field.to_owned(), expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> Calibration {
        let cost = Cost { c0_s: 0.123_456_789, c1_s_per_token: 1.0 / 3.0, spread_s: 1e-9 };
        let settings = SessionSettings { provider: Provider::Cpu, threads: 2, cost };
        Calibration {
            key: Key {
                cpu: "AMD \"EPYC\"\\".into(),
                cores: 2,
                runtime: "1.30.0".into(),
                quality: "aa".into(),
                fast: "bb".into(),
            },
            quality: Some(settings),
            fast: Some(SessionSettings { threads: 1, ..settings }),
            twin: Twin::by(Some(0.97)),
            opening_tokens: 32,
        }
    }

    fn saved(calibration: &Calibration) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made").join(NAME);
        calibration.save(&path).unwrap();
        (folder, path)
    }

    #[test]
    fn what_is_written_is_read_back_to_the_last_bit() {
        let without = Calibration { quality: None, twin: Twin::by(None), ..calibration() };
        for calibration in [calibration(), without] {
            let (_folder, path) = saved(&calibration);
            assert_eq!(Calibration::load(&path, &calibration.key).unwrap(), calibration);
        }
    }

    #[test]
    fn every_part_of_another_key_is_refused_by_name() {
        let calibration = calibration();
        let (_folder, path) = saved(&calibration);
        let here = &calibration.key;
        for (field, key) in [
            ("cpu", Key { cpu: "another".into(), ..here.clone() }),
            ("cores", Key { cores: 4, ..here.clone() }),
            ("runtime", Key { runtime: "1.31.0".into(), ..here.clone() }),
            ("quality", Key { quality: "cc".into(), ..here.clone() }),
            ("fast", Key { fast: "cc".into(), ..here.clone() }),
        ] {
            match Calibration::load(&path, &key) {
                Err(NotUsed::OtherKey { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn no_file_is_told_from_a_broken_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        assert!(matches!(Calibration::load(&path, &calibration().key), Err(NotUsed::Absent(_))));
    }

    #[test]
    fn a_broken_file_is_told_by_file_and_field() {
        let (_folder, path) = saved(&calibration());
        let text = std::fs::read_to_string(&path).unwrap();
        for (from, to, expected) in [
            ("schema = 1", "schema = 2", "schema: it is not 1; calibrate anew with this program"),
            ("cores = 2", "cores = \"two\"", "key.cores: invalid type: string \"two\", expected usize"),
            ("threads = 2\n", "", "quality.threads: it is missing"),
            ("threads = 1\n", "threads = 0\n", "fast.threads: 1 or more is needed"),
            ("spread_s = 1e-9", "spread_s = -1.0", "quality.spread_s: a number of 0 or more is needed"),
            ("c0_s = 0.123456789", "c0_s = nan", "quality.c0_s: a number of 0 or more is needed"),
            ("[twin]\non = false\n", "", "twin: a table is needed"),
            (
                "provider = \"cpu\"",
                "provider = \"gpu\"",
                "quality.provider: unknown provider 'gpu'; choose cpu",
            ),
        ] {
            assert!(text.contains(from), "{from} in {text}");
            let mut broken = text.replacen(from, to, 1);
            if expected.starts_with("twin") {
                broken = broken.replace("ratio = 0.97\n", "");
            }
            std::fs::write(&path, broken).unwrap();
            let error = Calibration::load(&path, &calibration().key).unwrap_err().to_string();
            let expected = format!("{}: {expected}", path.display());
            assert!(error.starts_with(&expected), "{error}\n{expected}");
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_and_never_a_panic() {
        let (_folder, path) = saved(&calibration());
        let text = std::fs::read_to_string(&path).unwrap();
        for length in (0..text.len() - "tokens = 32\n".len()).filter(|n| text.is_char_boundary(*n)) {
            std::fs::write(&path, &text[..length]).unwrap();
            let error = Calibration::load(&path, &calibration().key).unwrap_err();
            assert!(matches!(error, NotUsed::Field { .. }), "{length} bytes: {error}");
        }
    }
}
