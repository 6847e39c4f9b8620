//! Audio that says which sample of which fragment it is, and a listener who reads that back.

use std::collections::VecDeque;

use sostenuto_playback::Epoch;

/// The first code: a sample of it, 0.0625, is audible.
const FIRST: u32 = 1 << 20;
/// After the last: 305 seconds of codes come before they are used again, far more than waits anywhere.
const END: u32 = 1 << 23;
/// A code is a multiple of this, which a float below 0.5 holds exactly, and no limiter changes.
const STEP: f32 = 1.0 / (1 << 24) as f32;

/// Writes a rising line of samples, each one step above the one before: order, loss and repetition show, bit for bit.
#[derive(Clone, Debug)]
pub(crate) struct Coder {
    next: u32,
}

impl Coder {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// Appends `count` samples, at most [`LONGEST`](Self::LONGEST). Returns the code of the first.
    pub(crate) fn write(&mut self, count: usize, samples: &mut Vec<f32>) -> u32 {
        let count = count.min(Self::LONGEST) as u32;
        if self.next + count > END {
            self.next = FIRST;
        }
        let from = self.next;
        samples.extend((from..from + count).map(|code| code as f32 * STEP));
        self.next += count;
        from
    }

    /// Samples that can be told from each other.
    pub(crate) const LONGEST: usize = (END - FIRST) as usize;
}

/// What a listener understood, in samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Understood {
    /// Samples of the living epoch, as they were written.
    pub(crate) heard: u64,
    /// Samples of an epoch that had been stopped.
    pub(crate) stale: u64,
    /// Samples that had been heard before, outside of concealment.
    pub(crate) repeated: u64,
    /// Samples that were passed over and are in no fade either.
    pub(crate) lost: u64,
    /// Times that a part came before one that it follows.
    pub(crate) misplaced: u64,
    /// Samples that nobody wrote.
    pub(crate) unknown: u64,
}

/// A part of a fragment as it was written.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: u32,
    to: u32,
    /// Its place in the order of the listener, over all epochs.
    place: u64,
    epoch: Epoch,
    /// It has been heard up to here.
    heard: u32,
}

/// Codes that are being heard one after the other.
#[derive(Clone, Copy, Debug)]
struct Run {
    next: u32,
    to: u32,
    span: usize,
}

/// Reads what is rendered.
///
/// What fades is not read: two samples in a row that are one step apart are, as they never are in a fade.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader {
    spans: VecDeque<Span>,
    run: Option<Run>,
    epoch: Epoch,
    /// The place that was heard last.
    last: Option<u64>,
    /// Samples since the last run that are neither silence nor readable.
    unread: u64,
    pub(crate) understood: Understood,
}

impl Reader {
    /// Is told of `count` samples of the code `from` that were written: the part at `place`, of `epoch`.
    pub(crate) fn expect(&mut self, from: u32, count: usize, place: u64, epoch: Epoch) {
        let to = from + count as u32;
        while self.spans.front().is_some_and(|span| span.from < to && from < span.to) {
            self.spans.pop_front();
            self.run = self.run.and_then(|run| Some(Run { span: run.span.checked_sub(1)?, ..run }));
        }
        if count > 0 {
            self.spans.push_back(Span { from, to, place, epoch, heard: from });
        }
    }

    /// A stop: nothing that was expected is to come.
    pub(crate) fn stop(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        (self.run, self.last, self.unread) = (None, None, 0);
    }

    /// Hears `samples`. What repeats is no mistake where the renderer `conceals`.
    pub(crate) fn hear(&mut self, samples: &[f32], conceals: bool) {
        let mut at = 0;
        while at < samples.len() {
            if let Some(run) = self.run {
                at += self.follow(run, &samples[at..]);
                continue;
            }
            let silent = samples[at..].iter().take_while(|&&sample| sample == 0.0).count();
            at += silent;
            if silent > 0 {
                continue;
            }
            match samples[at..] {
                [a, b, ..] if code(a).is_some() && code(b) == code(a).map(|code| code + 1) => {
                    self.find(code(a).unwrap_or_default(), conceals);
                }
                _ => {}
            }
            if self.run.is_none() {
                self.unread += 1;
                at += 1;
            }
        }
    }

    /// What was expected and never came, once all has been played.
    pub(crate) fn finish(&mut self) {
        self.pass_over(u64::MAX);
    }

    /// Reads on. Returns how many samples.
    fn follow(&mut self, run: Run, samples: &[f32]) -> usize {
        let codes = run.next..run.to;
        let count =
            samples.iter().zip(codes).take_while(|&(&sample, code)| sample == code as f32 * STEP).count();
        let next = run.next + count as u32;
        if let Some(span) = self.spans.get_mut(run.span) {
            if span.epoch == self.epoch {
                self.understood.heard += u64::from(next.saturating_sub(span.heard));
            } else {
                self.understood.stale += count as u64;
            }
            span.heard = span.heard.max(next);
        }
        let goes_on = next < run.to && count == samples.len();
        self.run = goes_on.then_some(Run { next, ..run });
        count
    }

    /// Finds the part that `code` is of, and sees whether it is its turn.
    fn find(&mut self, code: u32, conceals: bool) {
        let Some(index) = self.spans.iter().rposition(|span| (span.from..span.to).contains(&code)) else {
            self.understood.unknown += 1;
            return;
        };
        let span = self.spans[index];
        self.run = Some(Run { next: code, to: span.to, span: index });
        if span.epoch != self.epoch {
            return;
        }
        if code < span.heard {
            if !conceals {
                self.understood.repeated += u64::from(span.heard - code);
            }
            return;
        }
        if self.last.is_some_and(|last| span.place < last) {
            self.understood.misplaced += u64::from(!conceals);
            return;
        }
        self.pass_over(span.place);
        let skipped = u64::from(code - span.heard);
        self.understood.lost += skipped.saturating_sub(self.unread);
        self.spans[index].heard = code;
        (self.last, self.unread) = (Some(span.place), 0);
    }

    /// Counts what was not heard before `place`.
    fn pass_over(&mut self, place: u64) {
        let Self { spans, unread, understood, epoch, .. } = self;
        for span in spans.iter_mut().filter(|span| span.place < place && span.epoch == *epoch) {
            let skipped = u64::from(span.to - span.heard);
            let faded = skipped.min(*unread);
            *unread -= faded;
            understood.lost += skipped - faded;
            span.heard = span.to;
        }
    }
}

/// The code of a sample that was written.
fn code(sample: f32) -> Option<u32> {
    let scaled = sample / STEP;
    (scaled >= FIRST as f32 && scaled < END as f32 && scaled.fract() == 0.0).then_some(scaled as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two parts of 1,000 samples, and a reader who expects both.
    fn two_parts() -> (Vec<f32>, Reader) {
        let (mut coder, mut reader, mut samples) = (Coder::new(), Reader::default(), Vec::new());
        for place in 0..2 {
            let from = coder.write(1_000, &mut samples);
            reader.expect(from, 1_000, place, Epoch(0));
        }
        (samples, reader)
    }

    fn understand(mut reader: Reader, samples: &[f32]) -> Understood {
        for slice in samples.chunks(240) {
            reader.hear(slice, false);
        }
        reader.finish();
        reader.understood
    }

    #[test]
    fn what_comes_as_it_was_written_is_heard_whole() {
        let (samples, reader) = two_parts();
        assert_eq!(understand(reader, &samples), Understood { heard: 2_000, ..Understood::default() });
    }

    #[test]
    fn silence_and_a_fade_lose_nothing() {
        let (mut samples, reader) = two_parts();
        let (step, mut gain) = (1.0 / 120.0, 0.0_f32);
        for sample in &mut samples[..120] {
            gain += step;
            *sample *= gain.min(0.999);
        }
        samples.splice(1_000..1_000, [0.0; 333]);
        let understood = understand(reader, &samples);
        assert_eq!(understood, Understood { heard: 1_880, ..Understood::default() });
    }

    #[test]
    fn loss_repetition_and_disorder_show() {
        let (samples, reader) = two_parts();
        let lost = [&samples[..500], &samples[600..]].concat();
        assert_eq!(understand(reader.clone(), &lost).lost, 100);
        let ends_early = &samples[..1_900];
        assert_eq!(understand(reader.clone(), ends_early).lost, 100);
        let repeated = [&samples[..500], &samples[400..]].concat();
        assert_eq!(understand(reader.clone(), &repeated).repeated, 100);
        let swapped = [&samples[1_000..], &samples[..1_000]].concat();
        assert_eq!(understand(reader, &swapped).lost, 1_000);
    }

    #[test]
    fn what_was_stopped_is_stale_and_what_nobody_wrote_is_unknown() {
        let (samples, mut reader) = two_parts();
        reader.hear(&samples[..500], false);
        reader.stop(Epoch(1));
        reader.hear(&samples[500..600], false);
        assert_eq!(reader.understood, Understood { heard: 500, stale: 100, ..Understood::default() });
        let unknown = [0.25 + STEP, 0.25 + 2.0 * STEP];
        reader.hear(&unknown, false);
        assert_eq!(reader.understood.unknown, 1);
    }

    #[test]
    fn codes_are_used_again_and_still_tell() {
        let (mut coder, mut reader) = (Coder::new(), Reader::default());
        for place in 0..40 {
            let mut samples = Vec::new();
            let from = coder.write(500_000, &mut samples);
            reader.expect(from, samples.len(), place, Epoch(0));
            reader.hear(&samples, false);
        }
        reader.finish();
        assert_eq!(reader.understood, Understood { heard: 20_000_000, ..Understood::default() });
    }
}
