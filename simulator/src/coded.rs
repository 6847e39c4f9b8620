//! Audio that says which sample of which fragment it is, and a listener who reads that back.

use std::collections::VecDeque;

use sostenuto_playback::{CHUNK_RATE, Epoch, FADE_SECONDS};

/// The first code: a sample of it, 0.0625, is audible.
const FIRST: u32 = 1 << 20;
/// After the last: 305 seconds of codes come before they are used again, far more than waits anywhere.
const END: u32 = 1 << 23;
/// A code is a multiple of this, which a float below 0.5 holds exactly, and no limiter changes.
const STEP: f32 = 1.0 / (1 << 24) as f32;

/// So many samples in a row, each one step above the one before, are as they were written: two may be so by chance, in a
/// cross-fade of what was written with what is like it.
const SURE: usize = 8;
/// The same under what conceals, where nine may be so by chance.
const SURE_UNDER_CONCEALMENT: usize = 16;

/// Samples of a fade.
const FADE: u32 = (FADE_SECONDS * CHUNK_RATE as f32) as u32;

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
    /// Samples that had been heard before, concealment aside; those that were put in to last are among them.
    pub(crate) repeated: u64,
    /// Samples that were passed over and are in no fade either; those that were left out on purpose are among them.
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
    /// What is to be heard next of it.
    next: u32,
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
/// What fades is not read: samples in a row that are one step apart are, as they never are in a fade.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader {
    spans: VecDeque<Span>,
    run: Option<Run>,
    epoch: Epoch,
    /// The place that was heard last.
    last: Option<u64>,
    /// Samples since the last run that are neither silence nor readable.
    unread: u64,
    /// The last sample was one of them.
    fades: bool,
    /// So many of them may be of what concealed, which sounds on over what follows it.
    concealing: u64,
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
            self.spans.push_back(Span { from, to, place, epoch, heard: from, next: from });
        }
    }

    /// A stop: nothing that was expected is to come.
    pub(crate) fn stop(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        (self.run, self.last, self.unread, self.fades) = (None, None, 0, false);
        self.concealing = 0;
    }

    /// Hears what the renderer put in the place of audio. It repeats what was heard, so order says nothing and it makes
    /// up for nothing that is lost; but it must not be of an epoch that was stopped.
    pub(crate) fn hear_filled(&mut self, samples: &[f32]) {
        if samples.is_empty() {
            return;
        }
        self.run = None;
        if samples.iter().any(|&sample| sample != 0.0) {
            self.let_conceal();
        }
        for few in samples.windows(SURE) {
            let is_stale =
                |code| self.span_of(code).is_some_and(|index| self.spans[index].epoch != self.epoch);
            self.understood.stale += u64::from(code_of(few, SURE).is_some_and(is_stale));
        }
    }

    /// What is heard next may be under what conceals, for a fade at most.
    pub(crate) fn let_conceal(&mut self) {
        self.concealing = u64::from(FADE);
    }

    /// Hears `samples` of audio.
    pub(crate) fn hear(&mut self, samples: &[f32]) {
        let mut at = 0;
        while at < samples.len() {
            if let Some(run) = self.run {
                at += self.follow(run, &samples[at..]);
                continue;
            }
            let silent = samples[at..].iter().take_while(|&&sample| sample == 0.0).count();
            at += silent;
            if silent > 0 {
                // The last sample of a fade is silence.
                self.unread += u64::from(std::mem::take(&mut self.fades));
                continue;
            }
            let sure = if self.concealing > 0 { SURE_UNDER_CONCEALMENT } else { SURE };
            if let Some(code) = code_of(&samples[at..], sure) {
                self.find(code);
            }
            if self.run.is_none() {
                self.unread += 1;
                at += 1;
            }
            self.fades = self.run.is_none();
        }
    }

    /// What was expected and never came, once all has been played.
    pub(crate) fn finish(&mut self) {
        for span in &mut self.spans {
            span.next = span.next.max(span.heard);
        }
        let skipped = self.pass_over(u64::MAX, self.unread);
        self.understood.lost += skipped.saturating_sub(self.unread);
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
            (span.heard, span.next) = (span.heard.max(next), next);
        }
        let goes_on = next < run.to && count == samples.len();
        self.run = goes_on.then_some(Run { next, ..run });
        count
    }

    /// Finds the part that `code` is of, and sees whether it is its turn: as many samples were to come before it as
    /// came unread.
    fn find(&mut self, code: u32) {
        let Some(index) = self.span_of(code) else {
            self.understood.unknown += 1;
            return;
        };
        let span = self.spans[index];
        self.run = Some(Run { next: code, to: span.to, span: index });
        if span.epoch != self.epoch {
            return;
        }
        // What fades before the first of an epoch is of the one before.
        let is_first = self.last.is_none();
        let last = self.last.replace(span.place).unwrap_or_default();
        let came = std::mem::take(&mut self.unread);
        let concealing = std::mem::take(&mut self.concealing);
        let follows = span.place > last || (span.place == last && code >= span.next);
        if follows {
            let skipped = self.pass_over(span.place, came) + u64::from(code - span.next);
            self.understood.lost += skipped.saturating_sub(came);
            self.understood.repeated += if is_first { 0 } else { came.saturating_sub(skipped + concealing) };
            self.spans[index].heard = span.heard.max(code);
        } else {
            self.understood.misplaced += u64::from(code >= span.heard);
            self.understood.repeated += came.saturating_sub(concealing)
                + self.go_back(span.place, last)
                + u64::from(span.next - code);
        }
        self.spans[index].next = code;
    }

    fn span_of(&self, code: u32) -> Option<usize> {
        self.spans.iter().rposition(|span| (span.from..span.to).contains(&code))
    }

    /// Passes over what was not heard before `place`, where `came` samples could not be read. Returns how much that is.
    fn pass_over(&mut self, place: u64, came: u64) -> u64 {
        let Self { spans, epoch, .. } = self;
        let mut skipped = 0;
        for span in spans.iter_mut().filter(|span| span.place < place && span.epoch == *epoch) {
            skipped += u64::from(span.to - span.next);
            span.next = span.to;
            if skipped <= came {
                span.heard = span.to;
            }
        }
        skipped
    }

    /// Goes back from the place `last` to `place`. Returns what was heard after that.
    fn go_back(&mut self, place: u64, last: u64) -> u64 {
        let Self { spans, epoch, .. } = self;
        let after = |span: &&mut Span| span.epoch == *epoch && span.place > place && span.place <= last;
        let again = |span: &mut Span| u64::from(std::mem::replace(&mut span.next, span.from) - span.from);
        spans.iter_mut().filter(after).map(again).sum()
    }
}

/// The code of the first of `samples`, if `sure` of them are in a row.
fn code_of(samples: &[f32], sure: usize) -> Option<u32> {
    let (&first, others) = samples.get(..sure)?.split_first()?;
    let first = code(first)?;
    (first + 1..).zip(others).all(|(next, &sample)| code(sample) == Some(next)).then_some(first)
}

/// The code of a sample that was written.
fn code(sample: f32) -> Option<u32> {
    let scaled = sample / STEP;
    (scaled >= FIRST as f32 && scaled < END as f32 && scaled.fract() == 0.0).then_some(scaled as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sostenuto_playback::{Piece, Stretch};

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
            reader.hear(slice);
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
        let swapped = understand(reader, &swapped);
        assert_eq!((swapped.lost, swapped.misplaced), (1_000, 1));
    }

    #[test]
    fn what_was_stopped_is_stale_and_what_nobody_wrote_is_unknown() {
        let (samples, mut reader) = two_parts();
        reader.hear(&samples[..500]);
        reader.stop(Epoch(1));
        reader.hear(&samples[500..600]);
        assert_eq!(reader.understood, Understood { heard: 500, stale: 100, ..Understood::default() });
        let unknown: Vec<f32> = (0..SURE).map(|n| 0.25 + n as f32 * STEP).collect();
        reader.hear(&unknown);
        assert_eq!(reader.understood.unknown, 1);
    }

    #[test]
    fn what_conceals_repeats_nothing_and_makes_up_for_nothing() {
        let (samples, reader) = two_parts();
        let conceal = |resumes_at: usize| {
            let mut reader = reader.clone();
            reader.hear(&samples[..500]);
            reader.hear_filled(&samples[300..500]);
            reader.hear_filled(&samples[300..500].iter().map(|sample| 0.7 * sample).collect::<Vec<_>>());
            understand(reader, &samples[resumes_at..])
        };
        assert_eq!(conceal(500), Understood { heard: 2_000, ..Understood::default() });
        assert_eq!((conceal(600).lost, conceal(400).repeated), (100, 100));
        let mut stopped = reader.clone();
        stopped.stop(Epoch(1));
        stopped.hear_filled(&samples[300..500]);
        assert_eq!(stopped.understood.stale, 201 - SURE as u64);
    }

    /// What is understood of coded speech that is played at `ratio`, the samples of `planted` taken out or put in after
    /// 20,000, and how many samples were put in and left out on purpose.
    fn stretched(ratio: f64, plant: impl Fn(&mut Vec<f32>)) -> (Understood, u64, u64) {
        let (mut coder, mut reader, mut samples) = (Coder::new(), Reader::default(), Vec::new());
        let from = coder.write(48_000, &mut samples);
        reader.expect(from, samples.len(), 0, Epoch(0));
        let (mut stretch, mut played) = (Stretch::new(), Vec::new());
        let (mut inserted, mut removed) = (0, 0);
        let mut take = |piece: Piece<'_>| {
            inserted += piece.samples.len().saturating_sub(piece.input) as u64;
            removed += piece.input.saturating_sub(piece.samples.len()) as u64;
            played.extend_from_slice(piece.samples);
        };
        samples.chunks(240).for_each(|block| stretch.push(block, ratio, &mut take));
        stretch.flush(&mut take);
        plant(&mut played);
        (understand(reader, &played), inserted, removed)
    }

    #[test]
    fn what_is_left_out_or_put_in_on_purpose_is_no_more_than_that_and_what_is_lost_or_repeated_besides_shows()
    {
        for ratio in [0.5, 1.0 / 1.1, 1.0, 1.3, 2.0, 4.0] {
            let (sound, inserted, removed) = stretched(ratio, |_| {});
            assert!(sound.repeated <= inserted && sound.lost <= removed, "{ratio}: {sound:?}");
            assert_eq!((sound.misplaced, sound.unknown, sound.stale), (0, 0, 0), "{ratio}");
            let (lossy, ..) = stretched(ratio, |played| drop(played.drain(9_000..10_000)));
            assert!(lossy.lost > removed, "{ratio}: {lossy:?}, {removed} left out");
            let again = |played: &mut Vec<f32>| {
                let said = played[..9_000].to_vec();
                played.splice(9_000..9_000, said);
            };
            let (repeats, ..) = stretched(ratio, again);
            let more = |of: &Understood| of.repeated as i64 - of.lost as i64;
            assert!(more(&repeats) > more(&sound) + 8_000, "{ratio}: {repeats:?}, not {sound:?}");
        }
    }

    #[test]
    fn codes_are_used_again_and_still_tell() {
        let (mut coder, mut reader) = (Coder::new(), Reader::default());
        for place in 0..40 {
            let mut samples = Vec::new();
            let from = coder.write(500_000, &mut samples);
            reader.expect(from, samples.len(), place, Epoch(0));
            reader.hear(&samples);
        }
        reader.finish();
        assert_eq!(reader.understood, Understood { heard: 20_000_000, ..Understood::default() });
    }
}
