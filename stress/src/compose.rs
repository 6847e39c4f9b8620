//! Scenarios out of files that extend each other.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::check::check;
use crate::shipped::SHIPPED;
use crate::toml_table::{NoToml, table};
use crate::{Scenario, ScenarioError};

/// The key that names what a scenario is built on.
const EXTENDS: &str = "extends";

impl Scenario {
    /// Reads the scenario in the file at `path`.
    ///
    /// Its `extends = ["name-or-path", ...]` names what it is built on: shipped scenarios, or files that end in
    /// `.toml`, from its own folder. They are laid over each other in this order and the file itself last: later values
    /// win, tables are merged, faults are appended, and a table with a `kind` replaces the one before as a whole.
    ///
    /// # Errors
    /// [`ScenarioError`] tells the file, the field, and what was expected.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        Self::load(&Source::File(path.to_owned()))
    }

    /// The scenario in `text`, as [`read`](Self::read) would read it. Errors call it `origin`; files that it extends
    /// are looked for from the current folder.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_toml(text: &str, origin: &str) -> Result<Self, ScenarioError> {
        let mut chain = vec![origin.to_owned()];
        let table = extended(parse(text, origin)?, Path::new(""), origin, &mut chain)?;
        deserialize(table, origin)
    }

    /// The shipped scenario of this name, or the one in the file at this path, which ends in `.toml`.
    ///
    /// # Errors
    /// As [`read`](Self::read), or there is no such scenario.
    pub fn find(name_or_path: &str) -> Result<Self, ScenarioError> {
        Self::load(&Source::of(name_or_path, Path::new(""))?)
    }

    fn load(source: &Source) -> Result<Self, ScenarioError> {
        deserialize(source.table(&mut Vec::new())?, &source.origin())
    }
}

/// Where a scenario is from.
enum Source {
    Shipped(&'static str, &'static str),
    File(PathBuf),
}

impl Source {
    fn of(name: &str, folder: &Path) -> Result<Self, ScenarioError> {
        if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
            return Ok(Self::File(folder.join(name)));
        }
        let shipped = SHIPPED.iter().find(|shipped| shipped.name == name);
        shipped.map(|shipped| Self::Shipped(shipped.name, shipped.toml)).ok_or_else(|| {
            ScenarioError::Unknown {
                name: name.to_owned(),
                shipped: SHIPPED.iter().map(|shipped| shipped.name).collect(),
            }
        })
    }

    fn origin(&self) -> String {
        match self {
            Self::Shipped(name, _) => (*name).to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// What tells it from others, however it is written.
    fn identity(&self) -> String {
        match self {
            Self::Shipped(..) => self.origin(),
            Self::File(path) => {
                path.canonicalize().map_or_else(|_| self.origin(), |path| path.display().to_string())
            }
        }
    }

    /// Its table, laid over those that it extends. `chain` is what led to it.
    fn table(&self, chain: &mut Vec<String>) -> Result<Table, ScenarioError> {
        let identity = self.identity();
        let is_link = chain.contains(&identity);
        chain.push(identity);
        if is_link {
            return Err(ScenarioError::Cycle { chain: chain.clone() });
        }
        let read;
        let (text, folder) = match self {
            Self::Shipped(_, text) => (*text, Path::new("")),
            Self::File(path) => {
                read = std::fs::read_to_string(path)
                    .map_err(|error| ScenarioError::Read { path: path.clone(), error })?;
                (read.as_str(), path.parent().unwrap_or(Path::new("")))
            }
        };
        let origin = self.origin();
        let table = extended(parse(text, &origin)?, folder, &origin, chain)?;
        chain.pop();
        Ok(table)
    }
}

fn parse(text: &str, origin: &str) -> Result<Table, ScenarioError> {
    table(text).map_err(|NoToml { line, reason }| {
        let reason = reason.replace('\n', ", ");
        ScenarioError::Syntax { origin: origin.to_owned(), line, reason }
    })
}

/// Lays `table` over what it extends.
fn extended(
    mut table: Table,
    folder: &Path,
    origin: &str,
    chain: &mut Vec<String>,
) -> Result<Table, ScenarioError> {
    let Some(extends) = table.remove(EXTENDS) else { return Ok(table) };
    let field = |field: &str, reason: &str| ScenarioError::Field {
        origin: origin.to_owned(),
        field: field.to_owned(),
        reason: reason.to_owned(),
    };
    if !table.contains_key("name") {
        return Err(field("name", "is missing; what extends another needs a name of its own"));
    }
    let names =
        extends.as_array().and_then(|names| names.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    let names =
        names.ok_or_else(|| field(EXTENDS, "must be a list of names of scenarios or paths of files"))?;
    let mut base = Table::new();
    for name in names {
        lay_over(&mut base, Source::of(name, folder)?.table(chain)?);
    }
    lay_over(&mut base, table);
    Ok(base)
}

/// Lays `over` over `base`.
fn lay_over(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) if !above.contains_key("kind") => {
                lay_over(below, above);
            }
            (Some(Value::Array(below)), Value::Array(above)) if key == "faults" => below.extend(above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn deserialize(table: Table, origin: &str) -> Result<Scenario, ScenarioError> {
    let scenario: Scenario = serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let field = match error.path().to_string().as_str() {
            "." => "scenario".to_owned(),
            path => path.to_owned(),
        };
        let reason = error.inner().message().trim().replace('\n', ", ");
        ScenarioError::Field { origin: origin.to_owned(), field, reason }
    })?;
    check(&scenario).map_err(|wrong| wrong.in_file(origin))?;
    Ok(scenario)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, FaultKind, TextSource};

    const PLAIN: &str = "name = \"plain\"\nsim-seconds = 60\nreal-seconds = 10\ntext = { kind = \"book\" }\n";

    fn message(text: &str) -> String {
        Scenario::from_toml(text, "mine.toml").unwrap_err().to_string()
    }

    #[test]
    fn a_scenario_is_what_its_file_says_and_usual_where_that_says_nothing() {
        let scenario = Scenario::from_toml(PLAIN, "mine.toml").unwrap();
        assert_eq!((scenario.name.as_str(), &scenario.text), ("plain", &TextSource::Book));
        assert_eq!((scenario.speech.streams, scenario.faults.len()), (1, 0));
        let written = toml::to_string(&scenario).unwrap();
        assert_eq!(Scenario::from_toml(&written, "again").unwrap(), scenario);
    }

    #[test]
    fn an_error_tells_the_file_the_field_and_what_was_expected() {
        assert_eq!(message("name = \"a\"\nsim-seconds = \n").split(':').next(), Some("mine.toml, line 2"));
        let unknown = message(&format!("{PLAIN}loud = true\n"));
        assert!(unknown.starts_with("mine.toml: loud: unknown field `loud`, expected"), "{unknown}");
        let missing = message("name = \"a\"");
        assert_eq!(missing, "mine.toml: scenario: missing field `sim-seconds`");
        let policy = message(&format!("{PLAIN}[speech]\npolicy = \"best\"\n"));
        let expected =
            "mine.toml: speech.policy: unknown session policy 'best'; choose quality, fast, hybrid or twin";
        assert_eq!(policy, expected);
        let share = message(&format!("{PLAIN}[[faults]]\nkind = \"failed-fragments\"\nshare = 1.5\n"));
        assert_eq!(share, "mine.toml: faults[0].share is 1.5; it must be from above 0 to 1");
        let kind = message(&format!("{PLAIN}[[faults]]\nkind = \"fire\"\n"));
        assert!(kind.starts_with("mine.toml: faults[0].kind: unknown variant `fire`"), "{kind}");
    }

    #[test]
    fn what_extends_others_takes_their_values_replaces_some_and_appends_its_faults() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        write(
            "base.toml",
            &format!("{PLAIN}faults = [{{ kind = \"clock-drift\", ppm = 80 }}]\n[machine]\ncores = 4\n"),
        );
        write(
            "typed.toml",
            "name = \"typed\"\n[text]\nkind = \"typing\"\ntokens-per-s = 5\n[machine]\nspread = 0.3\n",
        );
        let mine = write(
            "mine.toml",
            "name = \"mine\"\nextends = [\"base.toml\", \"typed.toml\"]\n\
             faults = [{ kind = \"stop-storm\", every-s = 2 }]\n[machine]\ncores = 8\n",
        );
        let scenario = Scenario::read(&mine).unwrap();
        assert_eq!((scenario.machine.cores, scenario.machine.spread, scenario.sim_seconds), (8, 0.3, 60.0));
        assert_eq!(scenario.text, TextSource::Typing { tokens_per_s: 5.0 });
        let kinds: Vec<_> = scenario.faults.iter().map(Fault::kind).collect();
        assert_eq!(kinds, [FaultKind::ClockDrift, FaultKind::StopStorm]);
        let other = write(
            "other.toml",
            "name = \"other\"\nextends = [\"mine.toml\"]\ntext = { kind = \"article\" }\n",
        );
        assert_eq!(Scenario::read(&other).unwrap().text, TextSource::Article);
    }

    #[test]
    fn what_extends_itself_or_nothing_that_there_is_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a.toml"), "name = \"a\"\nextends = [\"b.toml\"]").unwrap();
        std::fs::write(path("b.toml"), "name = \"b\"\nextends = [\"./a.toml\"]").unwrap();
        let Err(ScenarioError::Cycle { chain }) = Scenario::read(&path("a.toml")) else { panic!("no cycle") };
        assert_eq!((chain.len(), &chain[0]), (3, &chain[2]));
        let unknown = message("name = \"a\"\nextends = [\"no-such\"]");
        assert!(unknown.starts_with("there is no scenario 'no-such'; a file ends in .toml"), "{unknown}");
        let nameless = message("extends = [\"steady-article\"]");
        assert!(nameless.starts_with("mine.toml: name: is missing"), "{nameless}");
        let listless = message("name = \"a\"\nextends = \"steady-article\"");
        assert!(listless.starts_with("mine.toml: extends: must be a list"), "{listless}");
        assert!(matches!(Scenario::find("gone.toml"), Err(ScenarioError::Read { .. })));
        assert_eq!(Scenario::find("steady-book").unwrap().text, TextSource::Book);
    }
}
