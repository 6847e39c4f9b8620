//! The quality session with our own generator: that it says what the stock graph says, in every voice, and gives way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests of the sessions use the rest")]
mod cache;
#[expect(dead_code, reason = "the tests of the sessions use the rest")]
mod listening;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sostenuto_inference::assets::Cache;
use sostenuto_inference::{
    Form, Fragment, Kokoro, Models, Prosody, SessionKind, SessionOptions, Synthesis, SynthesisError,
    Synthesizer, Trim, Variant, Voice,
};

const CLAUSE: &str = "wˌɛn ðə sˈʌn wˈɛnt dˌWn bəhˈInd ðə hˈɪlz,";

/// The models of the cache, where what the sessions are made from is there.
fn models() -> Option<Models> {
    cache::runtime()?;
    cache::kokoro_int8()?;
    Some(Models::new(Cache::of_user().unwrap()).unwrap())
}

fn native(models: &Models) -> Box<dyn Synthesizer> {
    let options = SessionOptions { form: Some(Form::Native), ..SessionOptions::on_cpu(2) };
    let ready = models.load(SessionKind::Quality, "af_heart", &options).unwrap();
    assert_eq!(ready.form, Form::Native);
    ready.session
}

fn stock(models: &Models) -> Kokoro {
    let float = models.graph(Variant::Float).unwrap();
    Kokoro::load(&models.runtime().unwrap(), &float, 2).unwrap()
}

/// The voice called `name`, or `None`, with the reason printed, where it is not fetched.
fn voice(models: &Models, name: &str) -> Option<Arc<Voice>> {
    let voice = models.voice(name, SessionKind::Quality).inspect_err(|error| {
        // Not through `println`, which the harness keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: {error}");
    });
    voice.ok()
}

fn fragment(phonemes: &str, voice: Arc<Voice>) -> Fragment {
    Fragment { phonemes: phonemes.into(), voice, prosody: Prosody::default(), seed: 0 }
}

fn speak(session: &mut dyn Synthesizer, fragment: &Fragment) -> (Vec<f32>, Synthesis) {
    let mut samples = Vec::new();
    let synthesis =
        session.synthesize(fragment, &mut |part: &[f32]| samples.extend_from_slice(part)).unwrap();
    (samples, synthesis)
}

/// How far the two sessions are apart on a fragment, in dB; both cut the same silence away.
fn ratio(native: &mut dyn Synthesizer, stock: &mut Kokoro, fragment: &Fragment) -> f64 {
    let (found, told) = speak(native, fragment);
    let (expected, stock_told) = speak(stock, fragment);
    assert_eq!(told, stock_told);
    listening::signal_to_noise(&expected, &found)
}

#[test]
fn the_reference_sentences_sound_as_from_the_stock_graph() {
    let (Some(models), Some((_, references))) = (models(), listening::references()) else { return };
    let (mut native, mut stock) = (native(&models), stock(&models));
    for reference in references {
        let Some(voice) = voice(&models, &reference.voice) else { return };
        let fragment =
            Fragment { prosody: Prosody::at_speed(reference.speed), ..fragment(&reference.phonemes, voice) };
        let ratio = ratio(native.as_mut(), &mut stock, &fragment);
        println!("{}: {ratio:.1} dB", reference.name);
        assert!(ratio >= 60.0, "{}: {ratio:.1} dB", reference.name);
    }
}

#[test]
fn every_voice_and_prosody_sounds_as_from_the_stock_graph() {
    let Some(models) = models() else { return };
    let (mut native, mut stock) = (native(&models), stock(&models));
    let plain = Prosody::default();
    let others = Prosody { speed: 1.2, pitch_cents: -200.0, energy: 1.2 };
    for (name, prosody) in [
        ("am_michael", plain),
        ("bf_emma", plain),
        ("bm_george", plain),
        ("af_nicole", plain),
        ("af_sarah(0.3)+af_jessica(0.7)", plain),
        ("af_heart", others),
    ] {
        let Some(voice) = voice(&models, name) else { return };
        let ratio = ratio(native.as_mut(), &mut stock, &Fragment { prosody, ..fragment(CLAUSE, voice) });
        println!("{name}: {ratio:.1} dB");
        assert!(ratio >= 50.0, "{name}: {ratio:.1} dB");
    }
}

#[test]
fn a_second_time_and_after_another_fragment_the_samples_are_the_same() {
    let Some(models) = models() else { return };
    let mut native = native(&models);
    let Some(voice) = voice(&models, "af_heart") else { return };
    let (clause, word) = (fragment(CLAUSE, Arc::clone(&voice)), fragment("hə", voice));
    let first = speak(native.as_mut(), &clause);
    speak(native.as_mut(), &word);
    assert!(first == speak(native.as_mut(), &clause));
}

#[test]
fn it_ends_early_when_it_is_interrupted_and_speaks_on_afterwards() {
    let Some(models) = models() else { return };
    let mut native = native(&models);
    let Some(voice) = voice(&models, "af_heart") else { return };
    let clause = fragment(CLAUSE, voice);
    let interrupt = native.interrupt();
    for wait in [0, 30, 150] {
        let raise = interrupt.clone();
        let stop = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(wait));
            raise.raise();
        });
        let ended = native.synthesize(&clause, &mut |_: &[f32]| {});
        stop.join().unwrap();
        assert!(matches!(ended, Err(SynthesisError::Interrupted) | Ok(_)), "{ended:?}");
        assert!(matches!(native.synthesize(&clause, &mut |_: &[f32]| {}), Err(SynthesisError::Interrupted)));
        interrupt.clear();
    }
    assert!(!speak(native.as_mut(), &clause).0.is_empty());
}

#[test]
fn no_trim_is_the_whole_fragment() {
    let Some(models) = models() else { return };
    let Some(voice) = voice(&models, "af_heart") else { return };
    let mut stock = stock(&models);
    stock.set_trim(Trim::Off);
    let (_, whole) = speak(&mut stock, &fragment(CLAUSE, Arc::clone(&voice)));
    let (_, trimmed) = speak(native(&models).as_mut(), &fragment(CLAUSE, voice));
    assert_eq!(trimmed.trimmed_lead + trimmed.samples + trimmed.trimmed_tail, whole.samples);
}

/// A cache of its own that holds what the user's does, by links, but for the generator's weights: those are as long and
/// as old as there, and say of the last layer that it takes a style that there is not.
#[cfg(unix)]
fn home_with_spoilt_weights(home: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let link = |from: &Path| {
        let to = folder.path().join(from.strip_prefix(home).unwrap());
        std::os::unix::fs::symlink(from, to).unwrap();
    };
    for name in ["runtime", "models", "voices"] {
        link(&home.join(name));
    }
    fs::create_dir(folder.path().join("derived")).unwrap();
    for source in fs::read_dir(home.join("derived")).unwrap().map(|source| source.unwrap().path()) {
        fs::create_dir(folder.path().join(source.strip_prefix(home).unwrap())).unwrap();
        for file in fs::read_dir(&source).unwrap().map(|file| file.unwrap().path()) {
            let name = file.file_name().unwrap().to_string_lossy();
            let there = folder.path().join(file.strip_prefix(home).unwrap());
            if name.ends_with(".weights") {
                let metadata = fs::metadata(&file).unwrap();
                let mut bytes = fs::read(&file).unwrap();
                *bytes.last_chunk_mut().unwrap() = u32::MAX.to_le_bytes();
                fs::write(&there, bytes).unwrap();
                let spoilt = fs::File::options().write(true).open(&there).unwrap();
                spoilt.set_modified(metadata.modified().unwrap()).unwrap();
            } else if name != ".lock" {
                link(&file);
            }
        }
    }
    folder
}

#[cfg(unix)]
#[test]
fn weights_that_are_damaged_leave_the_stock_form_and_are_made_anew_the_next_time() {
    let Some(models) = models() else { return };
    drop(native(&models));
    let folder = home_with_spoilt_weights(models.cache().folder());
    let models = Models::new(Cache::at(folder.path()).unwrap()).unwrap();
    let load = || {
        let options = SessionOptions { form: Some(Form::Native), ..SessionOptions::on_cpu(2) };
        models.load(SessionKind::Quality, "af_heart", &options).unwrap().form
    };
    assert_eq!(load(), Form::Stock);
    assert_eq!(load(), Form::Native);
}
