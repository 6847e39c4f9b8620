//! Until when a listener must have something to hear: the promises of all that is to come, in one moment. Pure.

use std::time::Duration;

use sostenuto_playback::{Epoch, Outlook};

use crate::in_flight::InFlight;
use crate::policy::{Policy, TAKE_OVER};
use crate::workload::Candidate;

/// Of so many fragments that are still to be begun it is known when they will be done, where the text is there.
pub const LOOK_AHEAD: usize = 8;
/// Of a fragment that comes in parts this much has been played when its last part is needed, at the least.
const BEFORE_LAST_PART: f64 = 0.5;

/// What is ahead of a listener that playback has not got.
#[derive(Clone, Copy, Debug)]
pub struct Ahead<'a> {
    /// The epoch that is being heard.
    pub epoch: Epoch,
    /// What was given out.
    pub in_flight: &'a InFlight,
    /// How many tokens the next fragments have, in order, as far as they are known.
    pub upcoming: &'a [usize],
    /// Whether that is all.
    pub complete: bool,
    /// Tempo at which they are made.
    pub speed: f64,
    /// Rate at which they are played.
    pub rate: f64,
}

/// Until when what playback has must last, so that none of what is `ahead` is late; `None` where nothing is.
///
/// `M = max_k (e_k - sum_{j < k} A_j)`, where `e_k` is when fragment `k` is done, even if it or one before it stalls,
/// and `A_j` how long fragment `j` sounds. When it is done follows from what the sessions are at and, for what is not
/// yet begun, from giving each fragment to the session that is free first (list scheduling). Where a fast session may
/// relieve another, a fragment is done when the fast one would be. Of a fragment that streams each tile is needed only
/// when those before it have been heard, so for `e_k` stands when it may [begin](crate::flow::Flow::lead) to sound.
pub fn outlook(
    now: Duration,
    ahead: &Ahead<'_>,
    policy: Policy,
    sessions: &[Candidate<'_>],
) -> Option<Outlook> {
    let mut schedule = Schedule::new(now, policy, sessions);
    // Seconds from now; seconds of audio.
    let (mut until, mut before) = (f64::NEG_INFINITY, 0.0);
    for flying in ahead.in_flight.flying(ahead.epoch) {
        if let Some((index, session)) = flying.session.and_then(|n| Some((n, sessions.get(n)?))) {
            let lead = session.work.secured_lead_of_rest(now, flying.got, ahead.rate);
            let needed = if let Some(lead) = lead {
                let relieved = schedule.relieved(index);
                relieved.map_or(lead, |relieved| lead.min(relieved)) - before / ahead.rate
            } else {
                let in_parts = session.work.gives_parts();
                let played = if in_parts { BEFORE_LAST_PART * flying.seconds } else { 0.0 };
                schedule.finish_of(index) - (before + played) / ahead.rate
            };
            until = until.max(needed);
        }
        before += flying.seconds;
    }
    let (mut cost, mut audio) = (0.0, 0.0);
    for &tokens in ahead.upcoming {
        let Some((index, seconds)) = schedule.give(tokens, ahead.speed * ahead.rate) else { break };
        until = until.max(schedule.needed() - before / ahead.rate);
        let sounds = sessions[index].work.audio_seconds(tokens, ahead.speed);
        (before, cost, audio) = (before + sounds, cost + seconds, audio + sounds);
    }
    let keeps_up = cost <= audio / ahead.rate * schedule.speakers();
    until.is_finite().then(|| Outlook {
        must_last_until: Duration::try_from_secs_f64(now.as_secs_f64() + until).unwrap_or_default(),
        taken: ahead.in_flight.settled(ahead.epoch),
        waiting_helps: ahead.complete || keeps_up,
    })
}

/// When sessions are free that are given one fragment after the other.
struct Schedule<'a> {
    now: Duration,
    sessions: &'a [Candidate<'a>],
    /// Those to whom fragments may be given: their numbers, and seconds until they are free.
    speakers: Vec<(usize, f64)>,
    /// The fast session that may relieve the others.
    relief: Option<usize>,
    /// What the worst stall so far costs more than is expected, in seconds.
    stall: f64,
    needed: f64,
}

impl<'a> Schedule<'a> {
    fn new(now: Duration, policy: Policy, sessions: &'a [Candidate<'a>]) -> Self {
        let speaks =
            |index: &usize| sessions[*index].prospect(now, 1, 1.0).speaks && sessions[*index].is_ready();
        let ready: Vec<usize> = (0..sessions.len()).filter(speaks).collect();
        let fast = |index: &usize| sessions[*index].is_fast();
        let relief = ready.iter().copied().find(fast).filter(|_| policy == Policy::Hybrid);
        let speakers = ready.into_iter().filter(|index| match policy {
            Policy::Fast => fast(index),
            Policy::Quality => !fast(index),
            Policy::Twin => true,
            Policy::Hybrid => relief.is_none_or(|relief| relief == *index),
        });
        let speakers: Vec<_> = speakers.map(|index| (index, sessions[index].work.free_in(now))).collect();
        let stall = speakers.iter().map(|&(index, free)| sessions[index].work.secured_in(now) - free);
        let stall = stall.fold(0.0, f64::max);
        Self { now, sessions, speakers, relief, stall, needed: 0.0 }
    }

    fn speakers(&self) -> f64 {
        self.speakers.len().max(1) as f64
    }

    /// When the session `index` is done with what it is at, or is relieved of it.
    fn finish_of(&self, index: usize) -> f64 {
        let own = self.sessions[index].work.secured_in(self.now);
        self.relieved(index).map_or(own, |relieved| own.min(relieved))
    }

    /// When a fast session that relieves the session `index` of what it is at would be done with it.
    fn relieved(&self, index: usize) -> Option<f64> {
        let relief = self.relief.filter(|&relief| relief != index)?;
        let tokens = self.sessions[index].work.relievable()?;
        let fast = self.sessions[relief].work;
        Some(TAKE_OVER + fast.free_in(self.now) + fast.cost().promise(tokens))
    }

    /// Gives a fragment of `tokens` tokens, heard at `pace`, to the speaker that is free first. Returns who that is, and
    /// what it is expected to cost.
    fn give(&mut self, tokens: usize, pace: f64) -> Option<(usize, f64)> {
        let (index, free) = self.speakers.iter_mut().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let session = &self.sessions[*index];
        let (cost, begun) = (session.work.cost(), *free);
        let expected = cost.expected(tokens);
        *free += expected;
        let done = *free;
        let stalled = cost.secured(tokens) - expected;
        self.needed = if session.streams {
            // It may stall itself, or come after what did.
            let (lead, secured) =
                (session.work.expected_lead(tokens, pace), session.work.secured_lead(tokens, pace));
            begun + secured.max(lead + self.stall)
        } else {
            done + self.stall.max(stalled)
        };
        self.stall = self.stall.max(stalled);
        Some((*index, expected))
    }

    /// When the fragment that was given last must begin to sound at the soonest, though one up to it stalls.
    fn needed(&self) -> f64 {
        self.needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::CostPrior;
    use crate::workload::{Standing, Workload};
    use proptest::prelude::*;
    use sostenuto_inference::SessionKind::{self, Fast, Quality};
    use sostenuto_playback::{StreamId, Tag};

    const NOW: Duration = Duration::from_secs(10);

    fn work(c1_s_per_token: f64) -> Workload {
        Workload::new(CostPrior { c0_s: 0.001, c1_s_per_token, spread: 0.01 })
    }

    fn candidate(kind: SessionKind, work: &Workload) -> Candidate<'_> {
        Candidate { kind, standing: Standing::Ready { speaks: true }, work, streams: false }
    }

    fn tag(seq: u64) -> Tag {
        Tag { stream: StreamId(0), epoch: Epoch(0), seq }
    }

    fn ahead<'a>(in_flight: &'a InFlight, upcoming: &'a [usize]) -> Ahead<'a> {
        Ahead { epoch: Epoch(0), in_flight, upcoming, complete: true, speed: 1.0, rate: 1.0 }
    }

    /// Seconds from now until which what playback has must last.
    fn lasts(ahead: &Ahead<'_>, policy: Policy, sessions: &[Candidate<'_>]) -> f64 {
        outlook(NOW, ahead, policy, sessions).unwrap().must_last_until.as_secs_f64() - NOW.as_secs_f64()
    }

    #[test]
    fn where_nothing_follows_nothing_must_last() {
        let work = work(0.01);
        let sessions = [candidate(Quality, &work)];
        assert_eq!(outlook(NOW, &ahead(&InFlight::default(), &[]), Policy::Quality, &sessions), None);
    }

    #[test]
    fn what_is_there_must_last_until_the_fragment_that_is_being_spoken_is_done() {
        let mut work = work(0.01);
        work.begin(Duration::from_secs(9), 200, 1.0, false);
        let mut in_flight = InFlight::default();
        in_flight.begin(tag(0), 0, 11.0, 1);
        let left = work.cost().secured(200) - 1.0;
        let sessions = [candidate(Quality, &work)];
        assert!((lasts(&ahead(&in_flight, &[]), Policy::Quality, &sessions) - left).abs() < 1e-5);
        // The next takes as long, but this one sounds for 11 s meanwhile.
        assert!((lasts(&ahead(&in_flight, &[200]), Policy::Quality, &sessions) - left).abs() < 1e-5);
    }

    #[test]
    fn a_machine_too_slow_must_be_ahead_by_all_it_lacks_and_waiting_is_no_use_if_nobody_knows_how_much_comes()
    {
        let slow = work(0.1);
        let sessions = [candidate(Quality, &slow)];
        let none = InFlight::default();
        let audio = slow.audio_seconds(50, 1.0);
        let (one, three) = (
            lasts(&ahead(&none, &[50]), Policy::Quality, &sessions),
            lasts(&ahead(&none, &[50; 3]), Policy::Quality, &sessions),
        );
        assert!((three - one - 2.0 * (slow.cost().expected(50) - audio)).abs() < 1e-5, "{one} {three}");
        let unknown = Ahead { complete: false, ..ahead(&none, &[50; 3]) };
        let helps = |ahead| outlook(NOW, &ahead, Policy::Quality, &sessions).unwrap().waiting_helps;
        assert!(helps(ahead(&none, &[50; 3])) && !helps(unknown));
    }

    #[test]
    fn a_fast_session_that_can_relieve_makes_what_it_takes_over_as_good_as_its_own() {
        let (fast, mut slow) = (work(0.001), work(0.1));
        slow.begin(NOW, 100, 1.0, false);
        let mut in_flight = InFlight::default();
        in_flight.begin(tag(0), 1, 5.0, 1);
        let sessions = [candidate(Fast, &fast), candidate(Quality, &slow)];
        let relieved = TAKE_OVER + fast.cost().promise(100);
        assert!((lasts(&ahead(&in_flight, &[100]), Policy::Hybrid, &sessions) - relieved).abs() < 1e-5);
        assert!(lasts(&ahead(&in_flight, &[]), Policy::Quality, &sessions) > 9.0);
    }

    #[test]
    fn twins_are_given_a_fragment_each() {
        let (one, two) = (work(0.01), work(0.01));
        let sessions = [candidate(Quality, &one), candidate(Quality, &two)];
        let none = InFlight::default();
        let twin = lasts(&ahead(&none, &[100, 100]), Policy::Twin, &sessions);
        assert!((twin - one.cost().secured(100)).abs() < 1e-5, "{twin}");
    }

    #[test]
    fn of_a_fragment_in_parts_the_first_have_been_heard_before_the_last_is_needed() {
        let mut work = work(0.01).in_parts();
        work.begin(NOW, 100, 1.0, false);
        let mut in_flight = InFlight::default();
        in_flight.begin(tag(0), 0, 6.0, 1);
        let expected = work.cost().secured(100) - 3.0;
        let sessions = [candidate(Quality, &work)];
        assert!((lasts(&ahead(&in_flight, &[]), Policy::Quality, &sessions) - expected).abs() < 1e-5);
    }

    fn streaming(work: &Workload) -> Candidate<'_> {
        Candidate { streams: true, ..candidate(Quality, work) }
    }

    #[test]
    fn where_a_session_streams_a_fragment_may_begin_with_its_first_tile_if_the_rest_keeps_up() {
        let (quick, slow) = (work(0.01), work(0.06));
        let none = InFlight::default();
        let lead = |work: &Workload| lasts(&ahead(&none, &[100]), Policy::Quality, &[streaming(work)]);
        assert!((lead(&quick) - quick.secured_lead(100, 1.0)).abs() < 1e-5);
        assert!(lead(&quick) < 0.2 * quick.cost().secured(100));
        // It costs 0.7 s more than it sounds.
        let lacks = slow.cost().secured(100) - slow.audio_seconds(100, 1.0);
        assert!(lead(&slow) > lacks && lacks > 0.6, "{} {lacks}", lead(&slow));
    }

    #[test]
    fn what_streams_is_behind_what_playback_has_got_of_it_and_may_be_relieved_only_before() {
        let (fast, mut quality) = (work(0.001), work(0.02));
        quality.begin(NOW, 100, 1.0, false);
        quality.stream();
        let mut in_flight = InFlight::default();
        in_flight.begin(tag(0), 1, 5.4, 1);
        in_flight.stream(tag(0));
        let lead = |in_flight: &InFlight, quality: &Workload| {
            let sessions = [candidate(Fast, &fast), streaming(quality)];
            lasts(&ahead(in_flight, &[]), Policy::Hybrid, &sessions)
        };
        let begun = lead(&in_flight, &quality);
        assert!(begun > 0.0 && begun <= TAKE_OVER + fast.cost().promise(100), "{begun}");
        quality.note_first(0.2);
        in_flight.correct(Epoch(0), 1.0);
        let heard = lead(&in_flight, &quality);
        assert!(heard < -0.8 && heard > -1.0, "{heard}");
    }

    #[test]
    fn one_of_what_streams_may_stall_as_long_as_it_sounds() {
        let mut work = work(0.01);
        for n in 0..40 {
            let seconds = if n % 8 == 7 { 3.0 } else { 1.0 };
            work.begin(NOW, 100, 1.0, false);
            work.stream();
            work.note_first(0.1 * seconds);
            work.end(seconds, Some(5.4));
        }
        assert!(work.cost().stalls());
        let none = InFlight::default();
        let lead = lasts(&ahead(&none, &[100]), Policy::Quality, &[streaming(&work)]);
        assert!(lead < 0.6, "{lead}: three seconds of work for 5.4 s");
    }

    proptest! {
        #[test]
        fn more_that_follows_is_never_needed_sooner_and_more_speed_never_later(
            sizes in prop::collection::vec(1_usize..200, 1..8), slower in 1.0..5.0,
        ) {
            let (quick, slow) = (work(0.02), work(0.02 * slower));
            let none = InFlight::default();
            let all = ahead(&none, &sizes);
            let until = |ahead, work| lasts(ahead, Policy::Quality, &[candidate(Quality, work)]);
            let fewer = ahead(&none, &sizes[..sizes.len().div_ceil(2)]);
            prop_assert!(until(&fewer, &quick) <= until(&all, &quick) + 1e-6);
            prop_assert!(until(&all, &quick) <= until(&all, &slow) + 1e-6);
            let faster = Ahead { rate: 2.0, ..all };
            prop_assert!(until(&all, &quick) <= until(&faster, &quick) + 1e-6);
        }
    }
}
