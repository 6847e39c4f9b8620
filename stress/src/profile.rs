//! What a run is judged by.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Value;

use crate::toml_table::{NoToml, table};
use crate::{Figure, Figures};

/// What is to be reached at most. Four are shipped; others are files of the user's.
///
/// ```toml
/// name = "kiosk"
/// about = "A ticket machine."
/// [limits]
/// ttfa-p95-ms = 800
/// interruptions = 0
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Whom it is for, in a sentence.
    pub about: String,
    /// The most that is allowed of each figure. What has no limit is not judged.
    pub limits: Figures,
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Choose one that exists, or give the path of a file.
    #[error("there is no profile '{name}': choose {}, or give the path of a file that ends in .toml", Profile::shipped_names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// Make the file readable.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// Correct the field.
    #[error("{}: {field}: {expected}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, with its table; a line where the file is no TOML.
        field: String,
        /// What it should be.
        expected: String,
    },
}

/// The profiles that come with the program, with their names.
const SHIPPED: [(&str, &str); 4] = [
    ("stable", include_str!("../profiles/stable.toml")),
    ("low-latency", include_str!("../profiles/low-latency.toml")),
    ("battery", include_str!("../profiles/battery.toml")),
    ("invariants", include_str!("../profiles/invariants.toml")),
];

impl Profile {
    /// The names of those that come with the program.
    pub fn shipped_names() -> [&'static str; 4] {
        SHIPPED.map(|(name, _)| name)
    }

    /// The file of a profile that comes with the program.
    pub fn shipped(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, file)| *file)
    }

    /// A shipped profile by its name, or the one in the file at that path.
    ///
    /// # Errors
    /// There is neither, or the file is no profile.
    pub fn find(name_or_path: &str) -> Result<Self, ProfileError> {
        if let Some(text) = Self::shipped(name_or_path) {
            return Self::parse(Path::new(&format!("{name_or_path}.toml")), text);
        }
        let path = Path::new(name_or_path);
        let is_path = path.extension().is_some_and(|end| end == "toml") || path.components().count() > 1;
        if !is_path && !path.exists() {
            return Err(ProfileError::Unknown { name: name_or_path.to_owned() });
        }
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProfileError::Unreadable { path: path.into(), source })?;
        Self::parse(path, &text)
    }

    /// The profile in `text`, which stood in the file at `path`.
    ///
    /// # Errors
    /// The field that is wrong, by its name.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ProfileError> {
        let wrong = |field: &str, expected: String| ProfileError::Field {
            path: path.into(),
            field: field.to_owned(),
            expected,
        };
        let root = table(text).map_err(|NoToml { line, reason }| wrong(&format!("line {line}"), reason))?;
        if let Some(field) = root.keys().find(|key| !["name", "about", "limits"].contains(&key.as_str())) {
            return Err(wrong(field, "no such field: a profile has name, about and [limits]".to_owned()));
        }
        let sentence = |field: &str| match root.get(field) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            Some(_) => Err(wrong(field, "some words in quotes are expected".to_owned())),
            None => Err(wrong(field, "it is missing; some words in quotes are expected".to_owned())),
        };
        let limits = match root.get("limits") {
            Some(Value::Table(limits)) if !limits.is_empty() => limits,
            Some(Value::Table(_)) | None => {
                return Err(wrong("limits", "a table with at least one figure is expected".to_owned()));
            }
            Some(_) => return Err(wrong("limits", "a table of figures is expected".to_owned())),
        };
        let limits = limits.iter().map(|(name, value)| limit(name, value)).collect::<Result<_, _>>();
        Ok(Self {
            name: sentence("name")?,
            about: root.get("about").map_or(Ok(String::new()), |_| sentence("about"))?,
            limits: limits.map_err(|(name, expected)| wrong(&format!("limits.{name}"), expected))?,
        })
    }
}

/// One line of `[limits]`, or what it should be, with its name.
fn limit(name: &str, value: &Value) -> Result<(Figure, f64), (String, String)> {
    let Some(figure) = Figure::ALL.into_iter().find(|figure| figure.name() == name) else {
        return Err((
            name.to_owned(),
            format!("no such figure; the nearest are {}", nearest(name).join(", ")),
        ));
    };
    let number = match value {
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        _ => f64::NAN,
    };
    if number.is_finite() && number >= 0.0 {
        return Ok((figure, number));
    }
    Err((name.to_owned(), "a number of 0 or more is expected".to_owned()))
}

/// The three figures whose names are most like `name`, the likest first.
fn nearest(name: &str) -> Vec<String> {
    let mut names = Figure::ALL.map(Figure::name);
    names.sort_by(|a, b| {
        let like = |figure: &str| strsim::normalized_damerau_levenshtein(figure, name);
        like(b).total_cmp(&like(a))
    });
    names.into_iter().take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Profile, ProfileError> {
        Profile::parse(Path::new("mine.toml"), text)
    }

    #[test]
    fn every_shipped_profile_is_read_and_has_its_own_name() {
        for name in Profile::shipped_names() {
            let profile = Profile::find(name).unwrap();
            assert_eq!(profile.name, name);
            assert!(!profile.about.is_empty());
            assert_eq!(profile.limits[&Figure::StaleSamples], 0.0);
            let stop = profile.limits.get(&Figure::StopP99Ms);
            assert_eq!(stop, (name != "invariants").then_some(&20.0));
        }
    }

    #[test]
    fn whole_numbers_are_numbers() {
        let profile = parse("name = 'a'\n[limits]\nrtf = 1\nttfa-p50-ms = 12.5").unwrap();
        assert_eq!(profile.limits[&Figure::Rtf], 1.0);
        assert_eq!(profile.about, "");
    }

    #[test]
    fn what_is_wrong_is_told_by_file_field_and_expectation() {
        for (text, told) in [
            (
                "name = 'a'\n[limits]\nttfa-p59-ms = 1",
                "limits.ttfa-p59-ms: no such figure; the nearest are ttfa-p5",
            ),
            ("name = 'a'\n[limits]\nrtf = 'fast'", "limits.rtf: a number of 0 or more is expected"),
            ("name = 'a'\n[limits]\nrtf = -1", "limits.rtf: a number of 0 or more is expected"),
            ("name = 'a'\n[limits]\nrtf = nan", "limits.rtf: a number of 0 or more is expected"),
            ("name = 'a'\n[limits]", "limits: a table with at least one figure is expected"),
            ("name = 'a'\nlimits = 3", "limits: a table of figures is expected"),
            ("name = 3\n[limits]\nrtf = 1", "name: some words in quotes are expected"),
            ("[limits]\nrtf = 1", "name: it is missing"),
            ("name = 'a'\nlimit = 3", "limit: no such field: a profile has name, about and [limits]"),
            ("name = 'a'\n[limits]\nrtf = ", "line 3: "),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("mine.toml: {told}")), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_name_that_is_not_shipped_is_no_path() {
        let error = Profile::find("stabel").unwrap_err().to_string();
        assert!(error.contains("choose stable, low-latency, battery"), "{error}");
        assert!(matches!(Profile::find("no/such.toml"), Err(ProfileError::Unreadable { .. })));
    }
}
