//! Tells the code its own revision, and links what espeak-ng needs and its own build does not link: the library sonic.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `N_PATH_HOME` of espeak-ng 1.52, into which it copies the path of its data without looking at the length.
const LONGEST_PATH: usize = 160;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    revision();
    if std::env::var_os("CARGO_FEATURE_ESPEAK").is_none() {
        return;
    }
    // That path is made of the folder of espeak-ng's own build, whose name is as long as that of this one.
    let folder = std::env::var("OUT_DIR").unwrap_or_default();
    if folder.len() + "/share/espeak-ng-data".len() >= LONGEST_PATH {
        println!(
            "cargo::error=the path {folder} is too long for espeak-ng: set CARGO_TARGET_DIR to a shorter one"
        );
    }
    // The compiler knows where the libraries of its target are.
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let found = Command::new(&compiler).arg("-print-file-name=libsonic.a").output();
    let path =
        found.map(|found| String::from_utf8_lossy(&found.stdout).trim().to_owned()).unwrap_or_default();
    match Path::new(&path).parent().filter(|_| Path::new(&path).is_file()) {
        Some(folder) => {
            println!("cargo::rustc-link-search=native={}", folder.display());
            // Whole, because a linker that goes through the libraries once meets it before espeak-ng.
            println!("cargo::rustc-link-lib=static:+whole-archive=sonic");
        }
        None => println!(
            "cargo::error=the feature `espeak` needs libsonic.a, which {compiler} does not find: run `scripts/bootstrap.sh espeak`"
        ),
    }
}

/// Whatever changes the code or its data may change pronunciations: caches on disk are kept apart by this number.
fn revision() {
    let mut files = Vec::new();
    for folder in ["src", "data"] {
        println!("cargo::rerun-if-changed={folder}");
        collect(Path::new(folder), &mut files);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(&std::fs::read(file).unwrap_or_default());
    }
    println!("cargo::rustc-env=SOSTENUTO_G2P_REVISION={:016x}", hasher.finish());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
