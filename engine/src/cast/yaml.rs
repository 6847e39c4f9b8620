//! Entries by name, out of a YAML file.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

/// Reads a mapping from names to entries. What is wrong is told with its entry, field and line.
pub(super) fn entries<T: DeserializeOwned>(text: &str) -> Result<BTreeMap<String, T>, String> {
    // A file of nothing but comments is one without entries.
    let entries: BTreeMap<String, T> = read(text)?;
    match entries.keys().find(|name| !is_name(name)) {
        Some(name) => Err(format!("'{name}' is no name: expected letters, digits, '_' and '-'")),
        None => Ok(entries),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|symbol| symbol.is_alphanumeric() || matches!(symbol, '_' | '-'))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let mut place = String::new();
    serde_saphyr::with_deserializer_from_str(text, |yaml| {
        serde_path_to_error::deserialize(yaml).map_err(|error| {
            place = error.path().to_string();
            error.into_inner()
        })
    })
    .map_err(|error| {
        let reason = error.without_snippet().to_string();
        let reason = reason.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        if place.is_empty() || place == "." { reason } else { format!("{place}: {reason}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        entries::<BTreeMap<String, f32>>(text).unwrap_err()
    }

    #[test]
    fn an_error_names_entry_field_and_line() {
        let error = refused("ann:\n  speed: 1\nbob:\n  speed: brisk\n");
        assert!(error.starts_with("bob.speed: ") && error.contains("line 4"), "{error}");
        assert!(refused("ann: [1\n").contains("line 1"));
        assert!(refused("- ann\n").contains("line 1"));
        assert!(refused("ann: {}\nann: {}\n").contains("line 2"));
    }

    #[test]
    fn a_name_that_a_blend_could_not_be_told_from_is_refused() {
        assert_eq!(refused("a+b: {}"), "'a+b' is no name: expected letters, digits, '_' and '-'");
    }

    #[test]
    fn a_file_without_entries_is_no_error() {
        for text in ["", "# nothing yet\n"] {
            assert_eq!(entries::<f32>(text), Ok(BTreeMap::new()));
        }
    }
}
