//! What a session costs, and what it is at. Pure: no clock, no thread, no model.

use std::time::Duration;

use sostenuto_g2p::vocabulary::MAX_TOKENS;
use sostenuto_inference::SessionKind;

use crate::cost::{
    CostModel, CostPrior, LengthModel, largest_bearable, largest_secured_within, largest_within, timeout,
};
use crate::flow::Flow;
use crate::policy::{PROMPT, Prospect};

/// How long an interrupted session may take to let go of its fragment before it counts as hanging.
pub const GRACE: Duration = Duration::from_secs(5);
/// What a fragment that is past its promise is expected to take yet, as a share of the promise.
const OVERDUE: f64 = 0.1;
/// Which share of a fragment's work is done when the first of it is handed out, until it is known: the encoder and the
/// decoder have run over all of it, and the generator over one tile.
const FIRST_SHARE: f64 = 0.1;

/// The fragment that a session is at.
#[derive(Clone, Copy, Debug)]
struct Current {
    tokens: usize,
    speed: f64,
    opening: bool,
    begun: Duration,
    promise: f64,
    secured: f64,
    overdue: Duration,
    timed_out: bool,
    taken_over: bool,
    /// Where it is handed out while it is being spoken.
    tiles: Option<Tiles>,
}

/// What is known of the tiles of a fragment that streams.
#[derive(Clone, Copy, Debug, Default)]
struct Tiles {
    /// Seconds until the first of them was handed out, once it was.
    first: Option<f64>,
}

impl Current {
    /// Seconds until the first of it was handed out, once it was, where it streams.
    fn first(&self) -> Option<f64> {
        self.tiles.and_then(|tiles| tiles.first)
    }
}

/// A session's costs as learnt so far, and the clock of the fragment that it is at.
#[derive(Clone, Debug)]
pub struct Workload {
    cost: CostModel,
    /// What it takes until the first tile of a fragment that streams.
    first: CostModel,
    length: LengthModel,
    in_parts: bool,
    current: Option<Current>,
}

impl Workload {
    /// That of a session that has not spoken yet.
    pub fn new(prior: CostPrior) -> Self {
        let first = CostPrior { c1_s_per_token: FIRST_SHARE * prior.c1_s_per_token, ..prior };
        Self {
            cost: CostModel::new(prior),
            first: CostModel::new(first),
            length: LengthModel::default(),
            in_parts: false,
            current: None,
        }
    }

    /// As it is, of a session that hands fragments out in several parts.
    #[must_use]
    pub fn in_parts(self) -> Self {
        Self { in_parts: true, ..self }
    }

    /// Whether it hands fragments out in several parts, so that one sounds before it is done.
    pub fn gives_parts(&self) -> bool {
        self.in_parts
    }

    /// What it has learnt of its costs.
    pub fn cost(&self) -> &CostModel {
        &self.cost
    }

    /// What it has learnt of the time until the first tile of a fragment that streams.
    pub fn first(&self) -> &CostModel {
        &self.first
    }

    /// How soon, as promised, a fragment of `tokens` tokens that streams may begin to sound after it was begun, if a
    /// second of it at tempo 1 is heard in one `pace`th of a second. Its first tile is promised; the rest is secured,
    /// for nobody takes over what is being heard.
    pub fn lead(&self, tokens: usize, pace: f64) -> f64 {
        self.flow(tokens, pace, self.first.residual_q95(), self.cost.worst()).lead()
    }

    /// The same, expected.
    pub fn expected_lead(&self, tokens: usize, pace: f64) -> f64 {
        self.flow(tokens, pace, 1.0, 1.0).lead()
    }

    /// The same, though it stalls.
    pub fn secured_lead(&self, tokens: usize, pace: f64) -> f64 {
        self.flow(tokens, pace, self.first.worst(), self.cost.worst()).lead()
    }

    fn flow(&self, tokens: usize, pace: f64, of_first: f64, of_whole: f64) -> Flow {
        let whole = of_whole * self.cost.expected(tokens);
        let first = (of_first * self.first.expected(tokens)).min(whole);
        Flow { first, whole, audio: self.length.expected(tokens, pace) }
    }

    /// The most tokens of a fragment that streams whose lead is within `seconds`, its costs being so many times what is
    /// expected of them.
    fn largest_led(&self, seconds: f64, pace: f64, of_first: f64, of_whole: f64) -> usize {
        let lead = |&tokens: &usize| self.flow(tokens, pace, of_first, of_whole).lead() <= seconds;
        (1..=MAX_TOKENS).rev().find(lead).unwrap_or(0)
    }

    /// Predicted seconds of audio of `tokens` tokens at tempo `speed`.
    pub fn audio_seconds(&self, tokens: usize, speed: f64) -> f64 {
        self.length.expected(tokens, speed)
    }

    /// Whether it is at the first fragment of an utterance whose listener waits.
    pub fn speaks_opening(&self) -> bool {
        self.current.is_some_and(|current| current.opening && current.first().is_none())
    }

    /// Seconds that the first tile of an opening that streams has yet until it is not [prompt](PROMPT) any more; 0 of
    /// anything else.
    pub fn prompt_in(&self, now: Duration) -> f64 {
        let opening = self.current.filter(|current| current.opening && current.tiles.is_some());
        opening.map_or(0.0, |current| (PROMPT - now.saturating_sub(current.begun).as_secs_f64()).max(0.0))
    }

    /// So long, from now, what is before its fragment must last, even if that stalls, where the fragment streams, `got`
    /// seconds of it are with the listener, and it is heard at `rate`.
    pub fn secured_lead_of_rest(&self, now: Duration, got: f64, rate: f64) -> Option<f64> {
        let current = self.current.filter(|current| current.tiles.is_some())?;
        let spent = now.saturating_sub(current.begun).as_secs_f64();
        let pace = current.speed * rate;
        let flow = self.flow(current.tokens, pace, self.first.worst(), self.cost.worst());
        let left = self.secured_in(now);
        Some(match current.first() {
            Some(first) => Flow { first, ..flow }.lead_of_rest(spent, got / rate, left),
            None => Flow { first: flow.first.max(spent + OVERDUE * flow.first), ..flow }
                .lead_of_rest(spent, 0.0, left),
        })
    }

    /// Seconds until it is free, 0 when it is.
    pub fn free_in(&self, now: Duration) -> f64 {
        self.current.map_or(0.0, |current| {
            let spent = now.saturating_sub(current.begun).as_secs_f64();
            (current.promise - spent).max(OVERDUE * current.promise)
        })
    }

    /// Seconds until it is done with what it is at even if it stalls, 0 when it is free.
    pub fn secured_in(&self, now: Duration) -> f64 {
        self.current.map_or(0.0, |current| {
            let spent = now.saturating_sub(current.begun).as_secs_f64();
            (current.secured - spent).max(OVERDUE * current.promise)
        })
    }

    /// The most tokens of a fragment that a listener who runs dry in `deadline` seconds can bear to stall, what the
    /// session is at being done first. `streams`: the pace at which it is heard, if it is handed out while it is spoken.
    pub fn largest_bearable(&self, now: Duration, deadline: f64, streams: Option<f64>) -> usize {
        let seconds = deadline - self.free_in(now);
        let Some(pace) = streams else { return largest_bearable(&self.cost, seconds).min(MAX_TOKENS) };
        let stalled = if self.cost.stalls() { 0.5 * seconds } else { seconds };
        let (first, cost) = (&self.first, &self.cost);
        let unusual = self.largest_led(0.5 * seconds, pace, first.unusual(), cost.unusual());
        unusual.min(self.largest_led(stalled, pace, first.stalled(), cost.stalled()))
    }

    /// The most tokens that are promised within `deadline` seconds from now, what it is at being done first; likewise.
    pub fn largest_within(&self, now: Duration, deadline: f64, streams: Option<f64>) -> usize {
        let seconds = deadline - self.free_in(now);
        match streams {
            Some(pace) => self.largest_led(seconds, pace, self.first.residual_q95(), self.cost.worst()),
            None => largest_within(&self.cost, seconds).min(MAX_TOKENS),
        }
    }

    /// The most tokens of a fragment that is in time within `deadline` even if it stalls, what the session is at being
    /// done first; likewise.
    pub fn largest_secured_within(&self, now: Duration, deadline: f64, streams: Option<f64>) -> usize {
        let seconds = deadline - self.free_in(now);
        match streams {
            Some(pace) => self.largest_led(seconds, pace, self.first.worst(), self.cost.worst()),
            None => largest_secured_within(&self.cost, seconds).min(MAX_TOKENS),
        }
    }

    /// It begins a fragment of `tokens` tokens at tempo `speed`. It must be free.
    pub fn begin(&mut self, now: Duration, tokens: usize, speed: f64, opening: bool) {
        self.current = Some(Current {
            tokens,
            speed,
            opening,
            begun: now,
            promise: self.cost.promise(tokens),
            secured: self.cost.secured(tokens),
            overdue: now + timeout(&self.cost, tokens),
            timed_out: false,
            taken_over: false,
            tiles: None,
        });
    }

    /// The fragment that it has just begun is handed out while it is being spoken.
    pub fn stream(&mut self) {
        if let Some(current) = &mut self.current {
            current.tiles.get_or_insert_default();
        }
    }

    /// The first of its fragment was handed out, `seconds` after it was begun, or not later than that. Of a fragment that
    /// does not stream that tells nothing.
    pub fn note_first(&mut self, seconds: f64) {
        if let Some(tiles) = self.current.as_mut().and_then(|current| current.tiles.as_mut()) {
            tiles.first = Some(tiles.first.map_or(seconds, |first| first.min(seconds)));
        }
    }

    /// Seconds since its fragment was begun; 0 where it is free.
    pub fn spent(&self, now: Duration) -> f64 {
        self.current.map_or(0.0, |current| now.saturating_sub(current.begun).as_secs_f64())
    }

    /// It is done with its fragment after `seconds`, and learns from that: `audio_s` seconds of audio, or `None` of a
    /// fragment that was interrupted or failed.
    pub fn end(&mut self, seconds: f64, audio_s: Option<f64>) {
        let Some(current) = self.current.take() else { return };
        let was_late = current.taken_over && seconds > self.first.expected(current.tokens);
        if let Some(first) = current.first().or((current.tiles.is_some() && was_late).then_some(seconds)) {
            self.first.observe(current.tokens, first);
        }
        if let Some(audio_s) = audio_s {
            self.cost.observe(current.tokens, seconds);
            self.length.observe(current.tokens, current.speed, audio_s);
        } else if (current.timed_out || current.taken_over) && seconds > self.cost.expected(current.tokens) {
            // It would have taken at least as long.
            self.cost.observe(current.tokens, seconds);
        }
    }

    /// Tokens of its fragment, while another session may still speak that: nothing of it was handed out.
    pub fn relievable(&self) -> Option<usize> {
        let relievable =
            |current: &Current| !current.taken_over && !current.timed_out && current.first().is_none();
        self.current.filter(relievable).map(|current| current.tokens)
    }

    /// Another session speaks its fragment.
    pub fn relieve(&mut self) {
        if let Some(current) = &mut self.current {
            current.taken_over = true;
        }
    }

    /// Whether another session speaks its fragment.
    pub fn is_relieved(&self) -> bool {
        self.current.is_some_and(|current| current.taken_over)
    }

    /// Whether its fragment was interrupted because it took too long.
    pub fn timed_out(&self) -> bool {
        self.current.is_some_and(|current| current.timed_out)
    }

    /// Whether its fragment is overdue, and has not been interrupted for it.
    pub fn is_overdue(&self, now: Duration) -> bool {
        self.current.is_some_and(|current| now >= current.overdue && !current.timed_out)
    }

    /// Whether its fragment has just become overdue, and is to be interrupted. True once for a fragment.
    pub fn times_out(&mut self, now: Duration) -> bool {
        let is_overdue = self.is_overdue(now);
        self.current.as_mut().filter(|_| is_overdue).map(|current| current.timed_out = true).is_some()
    }

    /// Seconds until [`times_out`](Self::times_out) or [`hangs`](Self::hangs) is to be asked again.
    pub fn look_in(&self, now: Duration) -> f64 {
        self.current.map_or(f64::INFINITY, |current| {
            let next = if current.timed_out { current.overdue + GRACE } else { current.overdue };
            next.saturating_sub(now).as_secs_f64()
        })
    }

    /// Whether it does not let go of its fragment: it hangs. True once; the fragment is forgotten.
    pub fn hangs(&mut self, now: Duration) -> bool {
        self.current.take_if(|current| current.timed_out && now >= current.overdue + GRACE).is_some()
    }
}

/// Whether a session can be given something to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is being loaded.
    Loading,
    /// It is there, and speaks the voice in question or not.
    Ready {
        /// Whether it does.
        speaks: bool,
    },
    /// It is not there any more, or hangs.
    Gone,
}

/// A session that a fragment may be given to.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The model it runs.
    pub kind: SessionKind,
    /// Whether it is there.
    pub standing: Standing,
    /// What it costs and what it is at.
    pub work: &'a Workload,
    /// Whether it hands out what it speaks in the voice in question while it is at work.
    pub streams: bool,
}

impl Candidate<'_> {
    /// Whether it is there.
    pub fn is_ready(&self) -> bool {
        matches!(self.standing, Standing::Ready { .. })
    }

    /// Whether it runs the small model.
    pub fn is_fast(&self) -> bool {
        self.kind == SessionKind::Fast
    }

    /// The pace at which what it speaks is heard, which matters where it streams.
    pub fn streams_at(&self, pace: f64) -> Option<f64> {
        self.streams.then_some(pace)
    }

    /// What it can do about a fragment of `tokens` tokens, of which a second at tempo 1 is heard in one `pace`th of a
    /// second.
    pub fn prospect(&self, now: Duration, tokens: usize, pace: f64) -> Prospect {
        let (speaks, free_in) = match self.standing {
            Standing::Loading => (true, None),
            Standing::Ready { speaks } => (speaks, Some(self.work.free_in(now))),
            Standing::Gone => (false, None),
        };
        let promise =
            if self.streams { self.work.lead(tokens, pace) } else { self.work.cost.promise(tokens) };
        Prospect { kind: self.kind, speaks, free_in, promise, streams: self.streams }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: CostPrior = CostPrior { c0_s: 0.1, c1_s_per_token: 0.01, spread: 0.05 };

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn it_is_free_when_it_has_kept_its_promise_and_soon_when_it_has_not() {
        let mut work = Workload::new(PRIOR);
        assert_eq!(work.free_in(at(1.0)), 0.0);
        work.begin(at(1.0), 50, 1.0, false);
        let promise = work.cost().promise(50);
        assert!((work.free_in(at(1.2)) - (promise - 0.2)).abs() < 1e-9);
        assert!((work.free_in(at(60.0)) - 0.1 * promise).abs() < 1e-9);
        work.end(0.6, Some(3.0));
        assert_eq!(work.free_in(at(60.0)), 0.0);
    }

    #[test]
    fn it_times_out_once_and_hangs_once() {
        let mut work = Workload::new(PRIOR);
        work.begin(at(0.0), 10, 1.0, false);
        let overdue = work.look_in(at(0.0));
        assert!(!work.times_out(at(overdue - 0.01)));
        assert!(work.times_out(at(overdue)) && !work.times_out(at(overdue)));
        assert!((work.look_in(at(overdue)) - GRACE.as_secs_f64()).abs() < 1e-6);
        assert!(!work.hangs(at(overdue)));
        assert!(work.hangs(at(overdue) + GRACE) && !work.hangs(at(overdue) + GRACE));
    }

    #[test]
    fn what_was_taken_from_it_late_is_learnt_from_and_what_was_taken_early_is_not() {
        let mut work = Workload::new(PRIOR);
        let before = work.cost().expected(50);
        for (seconds, learns) in [(0.5 * before, false), (1.5 * before, true)] {
            work.begin(at(0.0), 50, 1.0, false);
            work.relieve();
            work.end(seconds, None);
            assert_eq!(work.cost().expected(50) > before, learns);
        }
    }

    /// A session that streams, at a fragment of 100 tokens: 0.2 s to its first tile, 1.1 s in all, for 5.4 s.
    fn streaming() -> Workload {
        let mut work = Workload::new(PRIOR);
        work.begin(at(1.0), 100, 1.0, true);
        work.stream();
        work
    }

    #[test]
    fn what_streams_may_begin_with_its_first_tile_however_long_it_is() {
        let work = Workload::new(PRIOR);
        let (short, long) = (work.lead(30, 1.0), work.lead(200, 1.0));
        assert!(long < work.cost().promise(200) / 4.0 && long - short < 0.3, "{short} {long}");
        let slow = Workload::new(CostPrior { c1_s_per_token: 0.1, ..PRIOR });
        assert!(slow.lead(200, 1.0) > slow.cost().secured(200) - slow.audio_seconds(200, 1.0));
        assert!(work.lead(200, 6.0) > 2.0 * long, "heard six times as fast it must be further ahead");
    }

    #[test]
    fn more_of_what_streams_is_promised_within_the_same_time() {
        let work = Workload::new(PRIOR);
        for seconds in [0.2, 0.3, 1.0] {
            let most = work.largest_within(at(0.0), seconds, Some(1.0));
            assert!(most > work.largest_within(at(0.0), seconds, None), "{seconds}: {most}");
            assert!(work.lead(most, 1.0) <= seconds);
            assert!(most == MAX_TOKENS || work.lead(most + 1, 1.0) > seconds);
        }
    }

    #[test]
    fn the_time_to_the_first_tile_is_learnt_apart_from_the_whole() {
        let mut work = Workload::new(PRIOR);
        for n in 0..20 {
            let tokens = 20 + 37 * n % 150;
            work.begin(at(0.0), tokens, 1.0, false);
            work.stream();
            work.note_first(0.05 + 0.002 * tokens as f64);
            work.end(0.1 + 0.012 * tokens as f64, Some(0.06 * tokens as f64));
        }
        let (first, whole) = (work.first().expected(100), work.cost().expected(100));
        assert!((first - 0.25).abs() < 0.02 && (whole - 1.3).abs() < 0.1, "{first} {whole}");
        let before = work.first().expected(100);
        work.begin(at(0.0), 100, 1.0, false);
        work.note_first(9.0);
        work.end(9.0, Some(6.0));
        assert!((work.first().expected(100) - before).abs() < 1e-9, "what comes whole tells nothing");
    }

    #[test]
    fn an_opening_has_time_until_it_is_not_prompt_and_nobody_relieves_what_is_being_heard() {
        let mut work = streaming();
        assert!(work.speaks_opening() && work.relievable() == Some(100));
        assert!((work.prompt_in(at(1.1)) - (PROMPT - 0.1)).abs() < 1e-9);
        assert_eq!(work.prompt_in(at(9.0)), 0.0);
        work.note_first(0.2);
        assert!(!work.speaks_opening() && work.relievable().is_none());
    }

    #[test]
    fn of_what_is_being_heard_the_rest_is_needed_when_what_is_there_has_been_heard() {
        let mut work = streaming();
        let before = work.secured_lead_of_rest(at(1.0), 0.0, 1.0).unwrap();
        assert!(before > 0.15 && before < 0.6, "{before}");
        work.note_first(0.2);
        let after = work.secured_lead_of_rest(at(1.6), 2.0, 1.0).unwrap();
        assert!((-2.0..-1.9).contains(&after), "{after}");
        // Ten times as slow: what is there must last until all of the rest.
        let mut slow = Workload::new(CostPrior { c1_s_per_token: 0.1, ..PRIOR });
        slow.begin(at(1.0), 100, 1.0, true);
        slow.stream();
        slow.note_first(1.0);
        let left = slow.secured_in(at(2.0));
        let rest = slow.secured_lead_of_rest(at(2.0), 0.5, 1.0).unwrap();
        assert!((rest - (left - slow.audio_seconds(100, 1.0) + 0.3)).abs() < 1e-9, "{rest}");
        assert_eq!(Workload::new(PRIOR).secured_lead_of_rest(at(1.0), 0.0, 1.0), None);
    }
}
