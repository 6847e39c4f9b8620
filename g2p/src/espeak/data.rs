//! Where espeak-ng's data is.

use std::path::{Path, PathBuf};

use super::error::EspeakError;

/// Names the folder `espeak-ng-data`, or the one it is in.
const VARIABLE: &str = "SOSTENUTO_ESPEAK_DATA";

const FOLDER: &str = "espeak-ng-data";
/// A file without which no data is complete.
const TABLE: &str = "phontab";

/// The folder to use; `None` for the place that was compiled in.
///
/// What is said decides: `given` first, then the environment; else what lies beside the program.
pub(super) fn find(given: Option<&Path>) -> Result<Option<PathBuf>, EspeakError> {
    let said = given.map(Path::to_owned).or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    if let Some(said) = said {
        return complete(&said).map(Some).ok_or(EspeakError::NoData { looked_in: said });
    }
    let program = std::env::current_exe().ok();
    Ok(program.as_deref().and_then(Path::parent).and_then(|folder| complete(&folder.join(FOLDER))))
}

/// `folder`, or the data folder in it, where that holds data.
pub(super) fn complete(folder: &Path) -> Option<PathBuf> {
    [folder.to_owned(), folder.join(FOLDER)].into_iter().find(|folder| folder.join(TABLE).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_itself_and_the_one_it_is_in_are_taken() {
        let outer = tempfile::tempdir().unwrap();
        let data = outer.path().join(FOLDER);
        std::fs::create_dir(&data).unwrap();
        assert_eq!(complete(outer.path()), None);
        std::fs::write(data.join(TABLE), b"").unwrap();
        assert_eq!(find(Some(&data)), Ok(Some(data.clone())));
        assert_eq!(find(Some(outer.path())), Ok(Some(data)));
    }

    #[test]
    fn a_folder_that_was_said_and_holds_no_data_is_an_error() {
        let empty = tempfile::tempdir().unwrap();
        let error = find(Some(empty.path())).unwrap_err();
        assert_eq!(error, EspeakError::NoData { looked_in: empty.path().to_owned() });
        assert!(error.to_string().contains(VARIABLE), "{error}");
    }
}
