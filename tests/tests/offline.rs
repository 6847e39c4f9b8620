//! Speech into memory with the real models: the same from any number of threads, cut at words, with marks inside.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sostenuto_engine::{
    EventOptions, Input, MarkKind, Offline, Readers, ReadingOptions, Synthesis, Utterance,
};
use sostenuto_g2p::Language;
use sostenuto_inference::assets::Cache;
use sostenuto_inference::{DEFAULT_VOICE, Models, Prosody, SessionKind, Voice};
use sostenuto_tests::fetched;

const TEXT: &str = "We came, we saw it all. And then, after a while, we went home.";

struct Studio {
    offline: Offline,
    voice: Arc<Voice>,
}

/// The studio of a session, one for all tests; `None` where it is not fetched.
fn studio(kind: SessionKind) -> Option<&'static Studio> {
    static STUDIOS: [OnceLock<Option<Studio>>; 2] = [const { OnceLock::new() }; 2];
    STUDIOS[usize::from(kind == SessionKind::Quality)].get_or_init(|| Studio::open(kind)).as_ref()
}

impl Studio {
    fn open(kind: SessionKind) -> Option<Self> {
        let needed: &[&str] = if kind == SessionKind::Quality {
            &["onnxruntime", "kokoro", "voice/af_heart"]
        } else {
            &["onnxruntime", "kokoro-distilled-heart"]
        };
        if needed.iter().any(|name| fetched(name).is_none()) {
            return None;
        }
        let models = || Models::new(Cache::of_user().unwrap()).unwrap();
        let voice = models().voice(DEFAULT_VOICE, kind).unwrap();
        let session = models().session(kind, DEFAULT_VOICE, 2).unwrap();
        let readers = Arc::new(Readers::new(models(), ReadingOptions::default()));
        Some(Self { offline: Offline::new(session, readers.loader()), voice })
    }

    fn utterance(&self, text: &str, seed: u64) -> Utterance {
        Utterance {
            input: Input::Text(text.into()),
            language: Language::EnUs,
            voice: Arc::clone(&self.voice),
            prosody: Prosody::default(),
            seed,
            marks: true,
            events: EventOptions::default(),
        }
    }

    fn speak(&self, text: &str, seed: u64) -> (Vec<f32>, Synthesis) {
        self.offline.synthesize(&self.utterance(text, seed), None).unwrap()
    }
}

const KINDS: [SessionKind; 2] = [SessionKind::Fast, SessionKind::Quality];

#[test]
fn sixteen_threads_at_once_get_what_each_would_get_alone() {
    for kind in KINDS {
        let Some(studio) = studio(kind) else { continue };
        let texts = ["Yes.", "We came, we saw.", "So it is."];
        let alone: Vec<_> = (0..texts.len()).map(|n| studio.speak(texts[n], n as u64)).collect();
        let together: Vec<_> = std::thread::scope(|scope| {
            let speak = |n: usize| scope.spawn(move || studio.speak(texts[n % 3], n as u64 % 3));
            let threads: Vec<_> = (0..16).map(speak).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (n, spoken) in together.iter().enumerate() {
            assert!(*spoken == alone[n % 3], "the {kind} session, thread {n}");
        }
    }
}

#[test]
fn marks_follow_one_another_inside_the_audio() {
    for kind in KINDS {
        let Some(studio) = studio(kind) else { continue };
        let (samples, synthesis) = studio.speak(TEXT, 0);
        assert_eq!((synthesis.samples, synthesis.truncated), (samples.len(), false));
        let starts: Vec<_> = synthesis.marks.iter().map(|mark| mark.samples.start).collect();
        assert!(starts.is_sorted());
        assert!(synthesis.marks.iter().all(|mark| mark.samples.end <= samples.len() as u64));
        let words: Vec<_> = synthesis.marks.iter().filter(|mark| mark.kind == MarkKind::Word).collect();
        assert_eq!(words.len(), 14);
        assert!(words.windows(2).all(|pair| pair[0].samples.end <= pair[1].samples.start));
        for word in words {
            let range = word.samples.start as usize..word.samples.end as usize;
            let energy: f32 = samples[range.clone()].iter().map(|s| s * s).sum();
            let rms = (energy / range.len() as f32).sqrt();
            assert!(rms > 0.003, "{kind}: {:?} is silent: {rms}", &TEXT[word.text.clone()]);
        }
    }
}

#[test]
fn what_does_not_fit_ends_at_the_end_of_a_word() {
    for kind in KINDS {
        let Some(studio) = studio(kind) else { continue };
        let (whole, all) = studio.speak(TEXT, 0);
        let utterance = studio.utterance(TEXT, 0);
        let mut buffer = vec![0.0; whole.len()];
        assert_eq!(studio.offline.synthesize_into(&utterance, &mut buffer).unwrap(), all);
        assert!(buffer == whole, "what just fits is not cut");

        for seconds in [0.0, 0.05, 1.2, 2.9] {
            let most = (seconds * 24_000.0) as usize;
            let (samples, synthesis) =
                studio.offline.synthesize(&utterance, Some(Duration::from_secs_f64(seconds))).unwrap();
            assert!(synthesis.truncated && samples.len() <= most, "{} of {most}", samples.len());
            let fits = all.marks.iter().filter(|m| m.kind == MarkKind::Word && m.samples.end <= most as u64);
            let mut words = synthesis.marks.iter().filter(|mark| mark.kind == MarkKind::Word);
            assert_eq!(words.clone().count(), fits.count());
            let last = words.next_back().map_or(0, |word| word.samples.end as usize);
            assert!(samples.len() >= last && samples.len() < last + 24_000 / 2);
            assert!(samples.last().is_none_or(|sample| sample.abs() < 0.01));
            let unfaded = samples.len().saturating_sub(120);
            assert!(samples[..unfaded] == whole[..unfaded]);
        }
    }
}
