//! The languages that stage 1 speaks, each loaded when it is first asked for, away from the stage's thread.

use std::collections::HashMap;
use std::sync::Arc;

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use sostenuto_g2p::{Language, Phonemizer};

use super::spawn;
use crate::waker::Waker;

/// Why a language cannot be spoken, for people.
pub type LoadError = Box<dyn std::error::Error + Send + Sync>;

/// Makes the phonemizer of a language; called once per language, on a thread of its own.
pub type LoadPhonemizer = Arc<dyn Fn(Language) -> Result<Arc<dyn Phonemizer>, LoadError> + Send + Sync>;

enum Slot {
    Loading(Receiver<Result<Arc<dyn Phonemizer>, LoadError>>),
    Ready(Arc<dyn Phonemizer>),
}

/// What is to be done about a language now.
pub(crate) enum Asked {
    Ready(Arc<dyn Phonemizer>),
    /// The stage will be woken.
    Loading,
    /// It may be asked for again: what was missing may be there then.
    Failed(String),
}

/// Loads languages, and keeps them.
pub(crate) struct Languages {
    load: LoadPhonemizer,
    stage: Waker,
    slots: HashMap<Language, Slot>,
}

impl Languages {
    /// Wakes `stage` whenever a language is ready.
    pub(crate) fn new(load: LoadPhonemizer, stage: Waker) -> Self {
        Self { load, stage, slots: HashMap::new() }
    }

    /// The phonemizer of `language`, or what keeps it.
    pub(crate) fn ask(&mut self, language: Language) -> Asked {
        let ended = match self.slots.remove(&language) {
            Some(Slot::Ready(phonemizer)) => Ok(phonemizer),
            Some(Slot::Loading(loaded)) => match loaded.try_recv() {
                Ok(loaded) => loaded.map_err(|error| error.to_string()),
                Err(TryRecvError::Disconnected) => Err(format!("loading {language} broke down")),
                Err(TryRecvError::Empty) => {
                    self.slots.insert(language, Slot::Loading(loaded));
                    return Asked::Loading;
                }
            },
            None => return self.begin(language),
        };
        match ended {
            Ok(phonemizer) => {
                self.slots.insert(language, Slot::Ready(Arc::clone(&phonemizer)));
                Asked::Ready(phonemizer)
            }
            Err(reason) => Asked::Failed(reason),
        }
    }

    fn begin(&mut self, language: Language) -> Asked {
        /// Wakes the stage when the thread is done, also where it breaks down.
        struct WakeAtEnd(Waker);
        impl Drop for WakeAtEnd {
            fn drop(&mut self) {
                self.0.wake();
            }
        }
        let (load, stage) = (Arc::clone(&self.load), self.stage.clone());
        let at_end = WakeAtEnd(stage.clone());
        let (sender, loaded) = bounded(1);
        let thread = spawn("g2p-load", move || {
            // Dropped last, so that the stage finds what it is woken for.
            let _at_end = at_end;
            let sender = sender;
            let loaded = load(language);
            let later = loaded.as_ref().ok().map(Arc::clone);
            // The stage may be gone by now.
            let _ = sender.send(loaded);
            drop(sender);
            stage.wake();
            if let Some(phonemizer) = later {
                phonemizer.warm();
            }
        });
        match thread {
            Ok(_) => {
                self.slots.insert(language, Slot::Loading(loaded));
                Asked::Loading
            }
            Err(error) => Asked::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sostenuto_g2p::Pronunciation;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Silent;

    impl Phonemizer for Silent {
        fn phonemize(&self, _: &str) -> Pronunciation {
            Pronunciation::default()
        }
    }

    /// Asks until the language is not loading any more.
    fn wait(languages: &mut Languages, language: Language) -> Asked {
        loop {
            match languages.ask(language) {
                Asked::Loading => std::thread::yield_now(),
                asked => return asked,
            }
        }
    }

    #[test]
    fn a_language_is_loaded_once_and_kept() {
        let loads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&loads);
        let load: LoadPhonemizer = Arc::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(Arc::new(Silent) as Arc<dyn Phonemizer>)
        });
        let mut languages = Languages::new(load, Waker::default());
        assert!(matches!(languages.ask(Language::EnUs), Asked::Loading));
        assert!(matches!(wait(&mut languages, Language::EnUs), Asked::Ready(_)));
        assert!(matches!(languages.ask(Language::EnUs), Asked::Ready(_)));
        assert_eq!(loads.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_language_that_cannot_be_loaded_says_why_and_may_be_asked_for_again() {
        let missing: LoadPhonemizer = Arc::new(|_| Err("its lexicon is missing".into()));
        let mut languages = Languages::new(missing, Waker::default());
        for _ in 0..2 {
            match wait(&mut languages, Language::EnGb) {
                Asked::Failed(reason) => assert_eq!(reason, "its lexicon is missing"),
                _ => panic!("there is nothing to load"),
            }
        }
    }

    #[test]
    fn a_loader_that_breaks_down_fails_the_language_only() {
        let broken: LoadPhonemizer = Arc::new(|_| panic!("on purpose"));
        let mut languages = Languages::new(broken, Waker::default());
        assert!(matches!(wait(&mut languages, Language::EnGb), Asked::Failed(_)));
    }
}
