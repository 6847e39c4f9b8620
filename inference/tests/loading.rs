//! How sessions come from the cache: from optimised graphs that are made once, and on the provider that runs them.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests of the sessions use the rest")]
mod cache;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sostenuto_inference::assets::Cache;
use sostenuto_inference::{
    DEFAULT_VOICE, Distilled, Fragment, Models, ModelsError, Prosody, Provider, Ready, SessionError,
    SessionKind, SessionOptions, Synthesizer, Twin, Voice,
};

/// A cache of its own that holds the runtime and the distilled model, by links.
struct Home {
    folder: tempfile::TempDir,
    models: Models,
}

fn home() -> Option<Home> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (kind, file) in [("runtime", cache::runtime()?), ("models", cache::distilled()?)] {
        let there = folder.path().join(kind).join(file.file_name().unwrap());
        fs::create_dir(there.parent().unwrap()).unwrap();
        // A link that resolves to the one library that this process may load.
        std::os::unix::fs::symlink(&file, &there).unwrap();
    }
    let models = Models::new(Cache::at(folder.path()).unwrap()).unwrap();
    Some(Home { folder, models })
}

impl Home {
    fn load(&self) -> Ready {
        self.models.load(SessionKind::Fast, DEFAULT_VOICE, &SessionOptions::on_cpu(1)).unwrap()
    }

    /// The optimised graphs that are kept.
    fn kept(&self) -> Vec<PathBuf> {
        let items =
            |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|item| item.path());
        let sources = items(&self.folder.path().join("derived")).collect::<Vec<_>>();
        let files = sources.iter().flat_map(|folder| items(folder));
        files.filter(|path| path.extension().is_some_and(|e| e == "ort")).collect()
    }
}

fn samples(session: &mut dyn Synthesizer) -> Vec<f32> {
    let fragment = Fragment {
        phonemes: "həlˈO ðˈɛɹ.".into(),
        voice: Arc::new(Voice::named(DEFAULT_VOICE)),
        prosody: Prosody::default(),
        seed: 1,
    };
    let mut samples = Vec::new();
    session.synthesize(&fragment, &mut |part: &[f32]| samples.extend_from_slice(part)).unwrap();
    samples
}

#[test]
fn a_session_speaks_alike_from_the_optimised_graph_and_from_the_model() {
    let Some(home) = home() else { return };
    let runtime = home.models.runtime().unwrap();
    let twin = Twin::of(DEFAULT_VOICE).unwrap();
    let plain = samples(&mut Distilled::load(&runtime, twin, &cache::distilled().unwrap(), 1).unwrap());
    assert_eq!(home.kept(), [] as [PathBuf; 0]);
    let first = samples(home.load().session.as_mut());
    assert_eq!(home.kept().len(), 1);
    let second = samples(home.load().session.as_mut());
    assert_eq!(home.kept().len(), 1);
    for spoken in [first, second] {
        assert_eq!(spoken.len(), plain.len());
        assert!(spoken.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}

#[test]
fn an_optimised_graph_that_was_changed_is_made_anew() {
    let Some(home) = home() else { return };
    home.load();
    let path = home.kept().remove(0);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(!samples(home.load().session.as_mut()).is_empty());
    // The runtime does not write the same number of bytes each time.
    assert!(fs::metadata(&path).unwrap().len() > whole.len() as u64 * 3 / 4);
}

#[test]
fn an_optimised_graph_that_the_runtime_refuses_is_done_without_and_deleted() {
    let Some(home) = home() else { return };
    home.load();
    let path = home.kept().remove(0);
    let metadata = fs::metadata(&path).unwrap();
    // As long and as old as before: only the runtime can notice.
    fs::write(&path, vec![0xA5; metadata.len() as usize]).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(metadata.modified().unwrap()).unwrap();
    assert!(!samples(home.load().session.as_mut()).is_empty());
    assert_eq!(home.kept(), [] as [PathBuf; 0]);
    home.load();
    assert_eq!(home.kept(), [path]);
}

#[test]
fn the_graph_that_another_runtime_optimised_goes_when_a_new_one_is_made() {
    let Some(home) = home() else { return };
    home.load();
    let path = home.kept().remove(0);
    let name = path.file_name().unwrap().to_str().unwrap();
    let (graph, _) = name.split_once("-onnxruntime-").unwrap();
    let older = path.with_file_name(format!("{graph}-onnxruntime-0.1.0.ort"));
    fs::rename(&path, &older).unwrap();
    home.load();
    assert_eq!(home.kept(), [path]);
}

#[test]
fn a_provider_that_is_not_built_is_an_error_and_one_that_is_not_in_the_library_falls_back() {
    let Some(home) = home() else { return };
    // Those that are never in the library of the assets on this platform.
    for provider in [Provider::TensorRt, Provider::Cuda, Provider::OpenVino] {
        let options = SessionOptions { provider, ..SessionOptions::on_cpu(1) };
        match home.models.load(SessionKind::Fast, DEFAULT_VOICE, &options) {
            Ok(mut ready) => {
                assert!(provider.require().is_ok());
                assert_eq!(ready.report.used, Provider::Cpu);
                assert_eq!(ready.report.refused[0].0, provider);
                assert!(!samples(ready.session.as_mut()).is_empty());
            }
            Err(ModelsError::Session(SessionError::NotBuilt(error))) => {
                assert_eq!(provider.require(), Err(error));
            }
            Err(error) => panic!("{error}"),
        }
    }
}
