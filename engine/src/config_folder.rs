//! Where the files are that a user writes for the program.

use std::ffi::OsString;
use std::path::PathBuf;

/// The user's folder of configuration: `$SOSTENUTO_HOME`, which then holds everything of the program's; else
/// `%APPDATA%\sostenuto` on Windows, `~/Library/Application Support/sostenuto` on macOS, and elsewhere
/// `$XDG_CONFIG_HOME/sostenuto` or `~/.config/sostenuto` (XDG Base Directory Specification 0.8). It need not exist;
/// `None` when no variable names one.
pub fn config_folder() -> Option<PathBuf> {
    folder_from(|name| std::env::var_os(name))
}

fn folder_from(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set("SOSTENUTO_HOME") {
        return Some(folder);
    }
    let folder = if cfg!(windows) {
        set("APPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        set("XDG_CONFIG_HOME")
            .filter(|folder| folder.is_absolute())
            .or_else(|| set("HOME").map(|home| home.join(".config")))
    };
    folder.map(|folder| folder.join("sostenuto"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: &[(&str, &str)]) -> Option<PathBuf> {
        folder_from(|name| set.iter().find(|(n, _)| *n == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_programs_own_variable_comes_first() {
        assert_eq!(with(&[("SOSTENUTO_HOME", "/s"), ("HOME", "/h")]), Some("/s".into()));
        assert_eq!(with(&[]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn elsewhere_it_is_where_the_system_keeps_configuration() {
        assert_eq!(with(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")]), Some("/x/sostenuto".into()));
        assert_eq!(with(&[("XDG_CONFIG_HOME", "x"), ("HOME", "/h")]), Some("/h/.config/sostenuto".into()));
        assert_eq!(with(&[("SOSTENUTO_HOME", ""), ("HOME", "/h")]), Some("/h/.config/sostenuto".into()));
    }
}
