//! Both sessions with their models: what they say, and that they can be interrupted.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cache;
mod listening;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sostenuto_inference::graph::agreement::{self, Bounds, Candidate};
use sostenuto_inference::graph::{RewriteReport, instrument, rebuild_float};
use sostenuto_inference::{
    Distilled, Fragment, Kokoro, Prosody, Runtime, Synthesis, SynthesisError, Synthesizer, Trim, Twin,
    Variant, Voice,
};

const SHORT: &str = "həlˈO ðˈɛɹ.";
const CLAUSE: &str = "wˌɛn ðə sˈʌn wˈɛnt dˌWn bəhˈInd ðə hˈɪlz,";
const SENTENCE: &str = "ðˌA wˈɔkt əlˈɔŋ ðə ɹˈɪvəɹ əntˈɪl ðə lˈæmps wɜɹ lˈɪt.";

const LONG_SENTENCE: &str =
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ, ænd ðə dˈɔɡ dˈɪd nˌɑt ˈivən wˈAk ˌʌp.";

/// Kokoro's float graph, rebuilt once for all tests; the file is gone when they end.
struct Rebuilt {
    file: tempfile::NamedTempFile,
    report: RewriteReport,
}

fn rebuilt() -> Option<&'static Rebuilt> {
    static REBUILT: OnceLock<Option<Rebuilt>> = OnceLock::new();
    let rebuild = || {
        let (float, report) = rebuild_float(&std::fs::read(cache::kokoro_int8()?).unwrap()).unwrap();
        let file = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::write(file.path(), float).unwrap();
        Some(Rebuilt { file, report })
    };
    REBUILT.get_or_init(rebuild).as_ref()
}

fn runtime() -> Option<Runtime> {
    Some(Runtime::load(&cache::runtime()?).unwrap())
}

/// One quality session for all tests, because it takes a third of a gigabyte.
fn kokoro(trim: Trim) -> Option<MutexGuard<'static, Kokoro>> {
    static KOKORO: OnceLock<Option<Mutex<Kokoro>>> = OnceLock::new();
    let load = || Some(Mutex::new(Kokoro::load(&runtime()?, rebuilt()?.file.path(), 2).unwrap()));
    let mut session = KOKORO.get_or_init(load).as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
    session.set_trim(trim);
    Some(session)
}

fn distilled() -> Option<Distilled> {
    let twin = Twin::of("af_heart").unwrap();
    Some(Distilled::load(&runtime()?, twin, &cache::distilled()?, 1).unwrap())
}

fn voice(name: &str) -> Option<Arc<Voice>> {
    Some(Arc::new(Voice::load(&cache::voice(name)?).unwrap()))
}

fn fragment(phonemes: &str, voice: &Arc<Voice>) -> Fragment {
    Fragment { phonemes: phonemes.into(), voice: Arc::clone(voice), prosody: Prosody::default(), seed: 1 }
}

struct Spoken {
    samples: Vec<f32>,
    parts: usize,
    synthesis: Synthesis,
}

fn speak(session: &mut dyn Synthesizer, fragment: &Fragment) -> Spoken {
    let (mut samples, mut parts) = (Vec::new(), 0);
    let synthesis = session
        .synthesize(fragment, &mut |part: &[f32]| {
            samples.extend_from_slice(part);
            parts += 1;
        })
        .unwrap();
    Spoken { samples, parts, synthesis }
}

#[test]
fn the_published_export_is_rebuilt_completely() {
    let Some(rebuilt) = rebuilt() else { return };
    let expected =
        RewriteReport { convolutions: 87, products: 148, lstms: 6, nodes_before: 3614, nodes_after: 2370 };
    assert_eq!(rebuilt.report, expected);
}

#[test]
fn the_rebuilt_graph_agrees_with_the_export() {
    let (Some(runtime), Some(rebuilt), Some(heart)) = (runtime(), rebuilt(), voice("af_heart")) else {
        return;
    };
    let export = cache::kokoro_int8().unwrap();
    let fragment = fragment(SHORT, &heart);
    let instrumented = instrument(&std::fs::read(&export).unwrap()).unwrap();
    let source = Candidate { path: &export, graph: &instrumented };
    let float = std::fs::read(rebuilt.file.path()).unwrap();
    let built = Candidate { path: rebuilt.file.path(), graph: &float };
    let agreement = agreement::measure(&runtime, source, built, &fragment, 2).unwrap();
    println!("float against int8: {agreement:?}");
    assert!(agreement.within(&Bounds::REBUILT), "{agreement:?}");
}

#[test]
fn every_variant_agrees_with_the_float_graph() {
    let (Some(runtime), Some(rebuilt), Some(heart)) = (runtime(), rebuilt(), voice("af_heart")) else {
        return;
    };
    let float = std::fs::read(rebuilt.file.path()).unwrap();
    for variant in Variant::ALL.into_iter().filter(|&variant| variant != Variant::Float) {
        let graph = variant.build(&float).unwrap();
        let source = Candidate { path: rebuilt.file.path(), graph: &float };
        let built = Candidate { path: variant.file_name().as_ref(), graph: &graph };
        let agreement = agreement::measure(&runtime, source, built, &fragment(CLAUSE, &heart), 2).unwrap();
        println!("{variant}: {} bytes, {agreement:?}", graph.len());
        assert!(agreement.within(&variant.bounds()), "{variant}: {agreement:?}");
    }
}

#[test]
fn kokoro_says_what_an_independent_implementation_says() {
    let Some((folder, references)) = listening::references() else { return };
    let Some(mut session) = kokoro(Trim::Off) else { return };
    for reference in references {
        let Some(voice) = voice(&reference.voice) else { return };
        let spoken = speak(
            &mut *session,
            &Fragment {
                prosody: Prosody::at_speed(reference.speed),
                ..fragment(&reference.phonemes, &voice)
            },
        );
        let durations: Vec<u32> = reference.durations.iter().map(|units| units * 600).collect();
        assert_eq!(spoken.synthesis.durations, durations, "{}", reference.name);
        assert_eq!(spoken.samples.len(), reference.samples, "{}", reference.name);
        let recording = listening::flac(&folder.join(format!("{}.flac", reference.name)));
        let ratio = listening::signal_to_noise(&recording, &spoken.samples);
        println!("{}: {ratio:.1} dB", reference.name);
        assert!(ratio >= 40.0, "{}: {ratio:.1} dB", reference.name);
    }
}

/// The part of the untrimmed audio that the trimmed one says it is.
fn kept(untrimmed: &Spoken, trimmed: &Spoken) -> Range<usize> {
    trimmed.synthesis.trimmed_lead..untrimmed.samples.len() - trimmed.synthesis.trimmed_tail
}

fn check_trimming(session: &mut dyn Synthesizer, untrimmed: &[Spoken], fragments: &[Fragment]) {
    for (untrimmed, fragment) in untrimmed.iter().zip(fragments) {
        let trimmed = speak(session, fragment);
        let kept = kept(untrimmed, &trimmed);
        assert_eq!(trimmed.synthesis.samples, trimmed.samples.len());
        assert_eq!(trimmed.samples, untrimmed.samples[kept.clone()]);
        assert!(trimmed.parts <= session.max_parts(fragment.phonemes.chars().count()));
        let durations = &untrimmed.synthesis.durations;
        let level = |range: Range<usize>| {
            let cut = &untrimmed.samples[range];
            20.0 * cut
                .chunks(120)
                .map(|w| (w.iter().map(|s| s * s).sum::<f32>() / w.len() as f32).sqrt())
                .fold(1e-9, f32::max)
                .log10()
        };
        println!(
            "{}: {} samples, first token from {}, kept {kept:?}, last token to {}; cut at {:.1} and {:.1} dB",
            session.name(),
            untrimmed.samples.len(),
            durations[0],
            untrimmed.samples.len() - durations[durations.len() - 1] as usize,
            level(0..kept.start),
            level(kept.end..untrimmed.samples.len()),
        );
        assert!(kept.start <= durations[0] as usize);
        assert!(kept.start > 2400 && kept.end + 2400 < untrimmed.samples.len());
    }
}

#[test]
fn trimming_takes_away_the_pads_and_nothing_else() {
    let Some(heart) = voice("af_heart") else { return };
    let fragments = [SHORT, CLAUSE, SENTENCE].map(|phonemes| fragment(phonemes, &heart));
    if let Some(mut session) = kokoro(Trim::Off) {
        let untrimmed = fragments.each_ref().map(|fragment| speak(&mut *session, fragment));
        session.set_trim(Trim::Silence);
        check_trimming(&mut *session, &untrimmed, &fragments);
    }
    if let Some(mut session) = distilled() {
        session.set_trim(Trim::Off);
        let untrimmed = fragments.each_ref().map(|fragment| speak(&mut session, fragment));
        session.set_trim(Trim::Silence);
        check_trimming(&mut session, &untrimmed, &fragments);
    }
}

#[test]
fn the_distilled_model_says_the_same_for_the_same_seed_only() {
    let Some(mut session) = distilled() else { return };
    let heart = Arc::new(Voice::named("af_heart"));
    let first = speak(&mut session, &fragment(SENTENCE, &heart));
    speak(&mut session, &fragment(SHORT, &heart));
    let again = speak(&mut session, &fragment(SENTENCE, &heart));
    assert_eq!(first.samples, again.samples);
    assert!(first.parts > 1);
    let other = speak(&mut session, &Fragment { seed: 2, ..fragment(SENTENCE, &heart) });
    assert_ne!(first.samples, other.samples);
}

#[test]
fn the_twins_speak_at_the_same_pitch_and_level() {
    let Some(heart) = voice("af_heart") else { return };
    let (Some(mut quality), Some(mut fast)) = (kokoro(Trim::Silence), distilled()) else { return };
    let mut levels = 0.0;
    for phonemes in [CLAUSE, SENTENCE, LONG_SENTENCE] {
        let fragment = fragment(phonemes, &heart);
        let (kokoro, distilled) = (speak(&mut *quality, &fragment), speak(&mut fast, &fragment));
        let pitches = [&kokoro, &distilled].map(|spoken| listening::median_pitch(&spoken.samples));
        let level = listening::active_level(&distilled.samples) - listening::active_level(&kokoro.samples);
        println!(
            "median pitch {:.1} and {:.1} Hz; fast is {level:+.2} dB against quality",
            pitches[0], pitches[1]
        );
        assert!((pitches[1] / pitches[0] - 1.0).abs() < 0.03, "{pitches:?}");
        levels += level / 3.0;
    }
    assert!(levels.abs() < 1.0, "{levels:.2} dB apart");
}

#[test]
fn a_longest_fragment_comes_in_no_more_parts_than_promised() {
    let Some(mut session) = distilled() else { return };
    let heart = Arc::new(Voice::named("af_heart"));
    let phonemes: String = SENTENCE.trim_end_matches('.').chars().cycle().take(510).collect();
    let spoken =
        speak(&mut session, &Fragment { prosody: Prosody::at_speed(0.5), ..fragment(&phonemes, &heart) });
    println!("{} samples in {} parts", spoken.samples.len(), spoken.parts);
    assert!(spoken.parts <= session.max_parts(510));
}

fn with(prosody: Prosody, phonemes: &str, voice: &Arc<Voice>) -> Fragment {
    Fragment { prosody, ..fragment(phonemes, voice) }
}

/// Sees that `session` obeys each of the three controls, and that pitch and energy leave the durations alone.
fn check_prosody(session: &mut dyn Synthesizer, voice: &Arc<Voice>) {
    let plain = speak(session, &fragment(SENTENCE, voice));
    let (pitch, level) = (listening::median_pitch(&plain.samples), listening::active_level(&plain.samples));
    for cents in [-500.0, -300.0, 300.0, 500.0] {
        let prosody = Prosody { pitch_cents: cents, ..Prosody::default() };
        let shifted = speak(session, &with(prosody, SENTENCE, voice));
        let factor = listening::median_pitch(&shifted.samples) / pitch;
        let expected = f64::from(prosody.pitch_factor());
        println!("{}: {cents} cents, expected x{expected:.3}, found x{factor:.3}", session.name());
        assert!((factor / expected - 1.0).abs() < 0.04, "{cents} cents: x{factor:.3}");
        assert_eq!(shifted.synthesis.durations, plain.synthesis.durations);
    }
    for (energy, louder) in [(0.7, false), (1.3, true)] {
        let spoken = speak(session, &with(Prosody { energy, ..Prosody::default() }, SENTENCE, voice));
        let change = listening::active_level(&spoken.samples) - level;
        println!("{}: energy {energy}, {change:+.2} dB", session.name());
        assert!(if louder { change > 0.3 } else { change < -0.3 }, "energy {energy}: {change:+.2} dB");
        assert_eq!(spoken.synthesis.durations, plain.synthesis.durations);
    }
    let mut length = |speed| speak(session, &with(Prosody::at_speed(speed), SENTENCE, voice)).samples.len();
    let (slow, normal, fast) = (length(0.7), length(1.0), length(1.5));
    assert!(slow > normal && normal > fast, "{slow} {normal} {fast}");
}

#[test]
fn the_distilled_model_obeys_tempo_pitch_and_energy() {
    let Some(mut session) = distilled() else { return };
    check_prosody(&mut session, &Arc::new(Voice::named("af_heart")));
}

#[test]
fn kokoro_obeys_tempo_pitch_and_energy() {
    let (Some(mut session), Some(heart)) = (kokoro(Trim::Silence), voice("af_heart")) else { return };
    check_prosody(&mut *session, &heart);
}

#[test]
fn a_voice_that_a_session_does_not_speak_is_refused() {
    let bella = Arc::new(Voice::named("af_bella"));
    if let Some(mut session) = distilled() {
        let refused = session.synthesize(&fragment(SHORT, &bella), &mut |_: &[f32]| {});
        assert!(matches!(refused, Err(SynthesisError::VoiceNotSpoken { .. })));
        assert!(!session.voices().include(&bella));
    }
    if let Some(mut session) = kokoro(Trim::Silence) {
        let refused = session.synthesize(&fragment(SHORT, &bella), &mut |_: &[f32]| {});
        assert!(matches!(refused, Err(SynthesisError::VoiceWithoutPack { .. })));
        assert!(!session.voices().include(&bella));
    }
}

/// Interrupts `session` twenty times somewhere within the time that a run takes, and sees that it speaks afterwards.
fn interrupt_at_random(session: &mut dyn Synthesizer, fragment: &Fragment) {
    let start = Instant::now();
    let before = speak(session, fragment);
    let run = start.elapsed();
    let interrupt = session.interrupt();
    let mut random = ChaCha8Rng::seed_from_u64(20);
    let (mut interrupted, mut longest) = (0, Duration::ZERO);
    for _ in 0..20 {
        let delay = run.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
        let (result, after) = std::thread::scope(|scope| {
            let raising = scope.spawn(|| {
                std::thread::sleep(delay);
                interrupt.raise();
                Instant::now()
            });
            let result = session.synthesize(fragment, &mut |_: &[f32]| {});
            let ended = Instant::now();
            (result, ended.saturating_duration_since(raising.join().unwrap()))
        });
        match result {
            Err(SynthesisError::Interrupted) => {
                interrupted += 1;
                longest = longest.max(after);
            }
            Ok(_) => {}
            Err(other) => panic!("{other}"),
        }
        let still_raised = session.synthesize(fragment, &mut |_: &[f32]| {});
        assert!(matches!(still_raised, Err(SynthesisError::Interrupted)));
        interrupt.clear();
    }
    println!("{}: {interrupted} of 20 interrupted, released within {longest:.1?}", session.name());
    assert!(interrupted > 0);
    assert_eq!(speak(session, fragment).samples, before.samples);
}

#[cfg(target_os = "linux")]
#[test]
fn worker_threads_carry_their_sessions_name() {
    let (Some(runtime), Some(model)) = (runtime(), cache::distilled()) else { return };
    let _session = Distilled::load(&runtime, Twin::of("af_heart").unwrap(), &model, 2).unwrap();
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    assert!(names.into_iter().any(|name| name.trim() == "session-fast-1"));
}

#[test]
fn interrupts_at_any_moment_leave_the_sessions_usable() {
    let Some(heart) = voice("af_heart") else { return };
    if let Some(mut session) = distilled() {
        interrupt_at_random(&mut session, &fragment(SENTENCE, &heart));
    }
    if let Some(mut session) = kokoro(Trim::Silence) {
        interrupt_at_random(&mut *session, &fragment(SHORT, &heart));
    }
}
