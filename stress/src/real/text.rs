//! Writes a text while it is spoken.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sostenuto_engine::TextWriter;

use super::prose::Prose;

/// Characters of a token of text: English runs at about four to a token of a language model.
const CHARACTERS: usize = 4;
/// Longest sleep before it is looked whether the run is over.
const LOOK: Duration = Duration::from_millis(50);

/// A thread that writes. It ends with its text, when nobody wants that any more, or with the run.
#[derive(Debug)]
pub(super) struct Writing(Option<JoinHandle<()>>);

impl Writing {
    /// Writes sentences of `prose` without end, as fast as they are taken.
    pub(super) fn book(
        writer: TextWriter,
        prose: Arc<Mutex<Prose>>,
        over: Arc<AtomicBool>,
    ) -> std::io::Result<Self> {
        let write = move || {
            while !over.load(Ordering::Acquire) {
                let sentence = prose.lock().unwrap_or_else(PoisonError::into_inner).sentence();
                if writer.write(format!("{sentence} ")).is_err() {
                    return;
                }
            }
        };
        spawn(write)
    }

    /// Writes `text` at so many tokens a second.
    pub(super) fn typing(
        writer: TextWriter,
        text: String,
        tokens_per_s: f64,
        over: Arc<AtomicBool>,
    ) -> std::io::Result<Self> {
        let write = move || {
            let begun = Instant::now();
            for (n, token) in tokens(&text).into_iter().enumerate() {
                let due = Duration::from_secs_f64((n + 1) as f64 / tokens_per_s.max(1e-3));
                while let Some(left) = due.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) {
                    if over.load(Ordering::Acquire) {
                        return;
                    }
                    std::thread::sleep(left.min(LOOK));
                }
                if writer.write(token).is_err() {
                    return;
                }
            }
        };
        spawn(write)
    }

    /// Whether it has ended.
    pub(super) fn is_over(&self) -> bool {
        self.0.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

fn spawn(write: impl FnOnce() + Send + 'static) -> std::io::Result<Writing> {
    std::thread::Builder::new().name("text".to_owned()).spawn(write).map(|thread| Writing(Some(thread)))
}

impl Drop for Writing {
    fn drop(&mut self) {
        // Its stream has been stopped or is gone, so that it waits for nobody.
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

/// The text in pieces of [`CHARACTERS`] characters.
fn tokens(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(CHARACTERS).map(|token| token.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_make_up_the_text() {
        let text = "À cinq heures";
        let tokens = tokens(text);
        assert_eq!((tokens.concat().as_str(), tokens.len()), (text, 4));
    }
}
