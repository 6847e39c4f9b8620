//! What stage 2 decides, on a virtual clock: who speaks what, in time, and for whom first.
//!
//! Where figures matter they are kept in `golden/`, one file for each test. `SOSTENUTO_GOLDEN=write` makes the tests
//! write what comes out instead of comparing it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use sostenuto_engine::Policy;
use sostenuto_g2p::{Boundary, Clause};
use sostenuto_inference::SessionKind::{Fast, Quality};
use sostenuto_simulator::{
    Costs, Cue, Fate, Hearer, History, Listening, Outcome, Pace, Simulated, World, text,
};
use sostenuto_tests::assert_golden;

const FAST: usize = 0;
const QUALITY: usize = 1;
/// Five minutes, at about 56 ms of audio to a token and the pauses between.
const FIVE_MINUTES: usize = 4_700;

/// The figures of a run.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Summary {
    audio_s: f64,
    fragments: usize,
    gaps: usize,
    dry_stretches: usize,
    dry_s: f64,
    /// The quality session's share of the audio.
    quality_share: f64,
    /// The share of the quality session's fragments that were done by their promise.
    promises_kept: f64,
    taken_over: usize,
    timeouts: usize,
    opening_ms: f64,
}

impl Summary {
    fn of(history: &History) -> Self {
        let round = |value: f64| (value * 1e3).round() / 1e3;
        let audio = |index: usize| history.sessions.get(index).map_or(0.0, Simulated::audio_s);
        let audio_s: f64 = history.sessions.iter().map(Simulated::audio_s).sum();
        let heard = || history.listening.iter().flat_map(Listening::heard);
        let dry = || history.listening.iter().flat_map(Listening::dry);
        Self {
            audio_s: round(audio_s),
            fragments: heard().count(),
            gaps: heard().filter(|fate| fate.gap).count(),
            dry_stretches: dry().count(),
            dry_s: round(dry().fold(0.0, |sum, dry| sum + dry.seconds)),
            quality_share: round(audio(QUALITY) / audio_s),
            promises_kept: round(kept(&history.sessions[QUALITY])),
            taken_over: history.sessions.iter().map(|session| session.taken_over).sum(),
            timeouts: history.sessions.iter().map(|session| session.timeouts).sum(),
            opening_ms: round(1e3 * opening(history, 0)),
        }
    }
}

/// The figures of a run with the quality session alone.
fn summary_of_one(history: &History) -> Summary {
    let audio_s: f64 = history.sessions.iter().map(Simulated::audio_s).sum();
    let round = |value: f64| (value * 1e3).round() / 1e3;
    let dry = history.listening[0].dry();
    Summary {
        audio_s: round(audio_s),
        fragments: history.listening[0].heard().count(),
        gaps: history.listening[0].heard().filter(|fate| fate.gap).count(),
        dry_stretches: dry.len(),
        dry_s: round(dry.iter().fold(0.0, |sum, dry| sum + dry.seconds)),
        quality_share: 1.0,
        promises_kept: round(kept(&history.sessions[0])),
        taken_over: history.sessions[0].taken_over,
        timeouts: history.sessions[0].timeouts,
        opening_ms: round(1e3 * opening(history, 0)),
    }
}

/// Seconds from the first utterance of a listener to its first fragment.
fn opening(history: &History, stream: usize) -> f64 {
    history.listening[stream].heard().next().and_then(Fate::after).unwrap()
}

/// `sessions` speak to listeners, each to its own script.
fn world(policy: Policy, sessions: Vec<Simulated>, scripts: Vec<Vec<Cue>>) -> History {
    World::new(policy, sessions, scripts.into_iter().map(Hearer::new).collect()).unwrap().run()
}

/// The share of a session's fragments that were done by their promise.
fn kept(session: &Simulated) -> f64 {
    let kept = session.spoken.iter().filter(|(_, _, ratio)| *ratio <= 1.0).count();
    kept as f64 / session.spoken.len().max(1) as f64
}

fn fast() -> Simulated {
    Simulated::new(Fast, Costs::fast())
}

fn quality(rtf: f64) -> Simulated {
    Simulated::new(Quality, Costs::quality(rtf))
}

/// A listener to five minutes of text, to whom both sessions speak.
fn hybrid(quality: Simulated) -> History {
    let script = vec![Cue::Say(0.0, text(1, FIVE_MINUTES, 'a'))];
    world(Policy::Hybrid, vec![fast(), quality], vec![script])
}

/// The quality session's share of the audio of fragments begun between `from` and `to` seconds.
fn quality_share(history: &History, from: f64, to: f64) -> f64 {
    let audio = |index: usize| -> f64 {
        let within = history.sessions[index].spoken.iter().filter(|(begun, ..)| (from..to).contains(begun));
        within.map(|(_, audio_s, _)| audio_s).sum()
    };
    audio(QUALITY) / (audio(FAST) + audio(QUALITY))
}

#[test]
fn a_long_text_is_heard_without_a_break_and_mostly_in_the_better_quality() {
    let history = hybrid(quality(0.6));
    let summary = Summary::of(&history);
    assert!(summary.dry_stretches == 0 && summary.gaps == 0, "{summary:?}");
    assert_eq!((history.begun[0].session, history.begun[0].opening), (FAST, true));
    assert_golden("long_text", &summary);
}

#[test]
fn a_machine_too_slow_for_the_better_quality_is_heard_without_a_break_all_the_same() {
    let summary = Summary::of(&hybrid(quality(2.6)));
    assert!(summary.dry_stretches == 0 && summary.gaps == 0, "{summary:?}");
    assert_golden("slow_machine", &summary);
}

#[test]
fn a_quality_session_that_becomes_three_times_slower_is_relieved_and_used_again_when_it_recovers() {
    let history = hybrid(quality(0.5).at(Pace::slow(100.0, 160.0, 3.0)));
    let summary = Summary::of(&history);
    assert!(summary.dry_stretches == 0 && summary.gaps == 0, "{summary:?}");
    let (before, slow, after) = (
        quality_share(&history, 0.0, 100.0),
        quality_share(&history, 110.0, 160.0),
        quality_share(&history, 180.0, 400.0),
    );
    assert!(slow < 0.5 * before && after > 0.9 * before, "{before} {slow} {after}");
    assert_golden("three_times_slower", &summary);
}

#[test]
fn a_quality_session_that_stalls_now_and_then_is_relieved() {
    let history = hybrid(quality(0.5).at(Pace::stalls(3, 1_000.0, 15.0, 2.0, 4.0)));
    let summary = Summary::of(&history);
    assert!(summary.dry_stretches == 0 && summary.gaps == 0 && summary.taken_over > 0, "{summary:?}");
    assert_golden("stalls", &summary);
}

#[test]
fn a_quality_session_that_freezes_is_counted_and_not_missed() {
    let history = hybrid(quality(0.5).at(Pace::frozen(60.0, 150.0)));
    let summary = Summary::of(&history);
    assert!(summary.dry_stretches == 0 && summary.gaps == 0, "{summary:?} {:?}", history.listening[0].dry());
    assert!(quality_share(&history, 60.0, 150.0) < 0.05 && quality_share(&history, 155.0, 400.0) > 0.5);
    assert_golden("freeze", &summary);
}

#[test]
fn any_number_of_utterances_without_a_fragment_may_wait_behind_one_that_is_being_spoken() {
    let mut script = vec![Cue::Say(0.0, text(2, 600, 'a'))];
    script.extend((0..1_000).map(|n| Cue::Say(0.001 * f64::from(n), Vec::new())));
    script.push(Cue::Say(1.0, text(3, 100, 'a')));
    let history = world(Policy::Quality, vec![quality(0.7)], vec![script]);
    assert_eq!(history.records[0].finished, 1_002);
}

#[test]
fn a_fragment_that_is_overdue_is_taken_over_also_while_much_waits_to_be_heard() {
    // A fifth of real time fills playback with many seconds; then one fragment takes forty times as long.
    let history = hybrid(quality(0.2).at(Pace::slow(30.0, 60.0, 40.0)));
    let summary = Summary::of(&history);
    assert!(summary.gaps == 0 && summary.dry_stretches == 0 && summary.taken_over > 0, "{summary:?}");
}

#[test]
fn a_session_that_freezes_without_another_is_a_gap_and_a_timeout() {
    let script = vec![Cue::Say(0.0, text(2, 600, 'a'))];
    let frozen = quality(0.5).at(Pace::frozen(20.0, 400.0));
    let history = world(Policy::Quality, vec![frozen], vec![script]);
    let gaps = history.records[0].gaps;
    assert_eq!((gaps, history.sessions[0].timeouts), (1, 1));
}

#[test]
fn a_quality_session_that_is_still_loading_takes_over_when_it_is_there() {
    let history = hybrid(quality(0.5).loading_until(8.0));
    let summary = Summary::of(&history);
    assert!(summary.dry_stretches == 0 && summary.gaps == 0, "{summary:?}");
    assert!(quality_share(&history, 0.0, 8.0) == 0.0 && quality_share(&history, 20.0, 400.0) > 0.5);
}

#[test]
fn the_first_fragment_is_small_and_later_ones_are_as_large_as_slack_allows() {
    let script = vec![Cue::Say(0.0, text(3, 3_000, 'a'))];
    let history = world(Policy::Quality, vec![quality(0.3)], vec![script]);
    let sizes: Vec<usize> = history.begun.iter().map(|begun| begun.tokens).collect();
    let mean = |sizes: &[usize]| sizes.iter().sum::<usize>() / sizes.len();
    let shortest_clause = 8;
    assert!((shortest_clause..=70).contains(&sizes[0]), "{sizes:?}");
    assert!(mean(&sizes[1..]) > mean(&sizes[..1]), "{sizes:?}");
    assert!(sizes.iter().all(|&size| size <= 200 + 70) && sizes.iter().any(|&size| size > 100), "{sizes:?}");
}

/// Sentences of three clauses of 30 tokens each.
fn sentences(count: usize) -> Vec<Clause> {
    let mut clauses = text(8, 30 * 40 * count, 'a').into_iter().filter(|clause| clause.tokens() >= 20);
    let mut all = Vec::new();
    let mut from = 0;
    for n in 0..3 * count {
        let mut clause = clauses.next().unwrap();
        let shift = clause.source.start;
        for word in &mut clause.words {
            word.source = word.source.start - shift + from..word.source.end - shift + from;
        }
        clause.source = from..clause.source.end - shift + from;
        from = clause.source.end + 1;
        clause.boundary = if n % 3 == 2 { Boundary::Sentence } else { Boundary::Comma };
        all.push(clause);
    }
    all
}

#[test]
fn what_streams_is_spoken_by_the_sentence_and_heard_sooner_than_a_clause_that_comes_whole() {
    let script = || vec![Cue::Say(0.0, sentences(12))];
    let whole = world(Policy::Quality, vec![quality(0.4).warm(20)], vec![script()]);
    let streaming = world(Policy::Quality, vec![quality(0.4).streaming().warm(20)], vec![script()]);
    assert!(opening(&streaming, 0) < 0.6 * opening(&whole, 0), "{}", opening(&streaming, 0));
    assert!(streaming.listening[0].dry().is_empty());
    let later = &streaming.begun[2..];
    assert!(later.iter().all(|begun| begun.tokens > 80), "a sentence was cut: {later:?}");
    assert!(whole.begun.len() > streaming.begun.len());
    assert!(streaming.begun[0].tokens > whole.begun[0].tokens);
    assert_golden("streaming", &summary_of_one(&streaming));
}

#[test]
fn a_quality_session_that_streams_opens_where_it_is_prompt_and_leaves_it_to_the_fast_one_where_it_is_not() {
    for (rtf, opens) in [(0.15, QUALITY), (1.5, FAST)] {
        let script = vec![Cue::Say(0.0, sentences(12))];
        let sessions = vec![fast().warm(20), quality(rtf).streaming().warm(20)];
        let history = world(Policy::Hybrid, sessions, vec![script]);
        assert_eq!(history.begun[0].session, opens, "RTF {rtf}");
        assert!(history.listening[0].dry().is_empty(), "RTF {rtf}: {:?}", history.listening[0].dry());
        assert!(opening(&history, 0) < 0.4, "RTF {rtf}: {}", opening(&history, 0));
    }
}

#[test]
fn an_opening_whose_first_tile_is_late_is_taken_over_and_one_that_is_being_heard_is_not() {
    let script = || vec![Cue::Say(1.0, sentences(4))];
    let world_at = |pace| {
        let sessions = vec![fast().warm(20), quality(0.15).streaming().warm(20).at(pace)];
        world(Policy::Hybrid, sessions, vec![script()])
    };
    let late = world_at(Pace::slow(0.9, 4.0, 30.0));
    assert!(late.begun[0].session == QUALITY && late.sessions[QUALITY].taken_over > 0);
    assert!(opening(&late, 0) < 0.5 && late.records[0].gaps == 0, "{}", opening(&late, 0));
    // It freezes once its first tiles are out: nobody else can speak the rest, and nothing is lost.
    let frozen = world_at(Pace::frozen(1.3, 2.5));
    assert_eq!((frozen.begun[0].session, frozen.records[0].gaps), (QUALITY, 0));
    let opened = frozen.sessions[QUALITY].worked.first().unwrap();
    assert!(opened.outcome == Outcome::Spoken && opened.over > 2.5, "{opened:?}");
}

#[test]
fn a_slow_machine_streams_what_it_can_and_the_fast_session_speaks_the_rest_without_a_break() {
    let summary = Summary::of(&hybrid(quality(2.6).streaming()));
    assert!(summary.dry_stretches == 0 && summary.gaps == 0, "{summary:?}");
    assert_golden("streaming_slow_machine", &summary);
}

#[test]
fn a_streaming_session_that_stalls_now_and_then_is_relieved_before_it_is_heard() {
    let history = hybrid(quality(0.5).streaming().at(Pace::stalls(3, 1_000.0, 15.0, 2.0, 4.0)));
    let summary = Summary::of(&history);
    assert!(summary.gaps == 0, "{summary:?}");
    assert_golden("streaming_stalls", &summary);
}

/// `count` listeners, each with half a minute of text, half a second after the one before.
fn crowd(count: usize) -> Vec<Vec<Cue>> {
    let script = |n: usize| vec![Cue::Say(0.5 * n as f64, text(n as u64, 470, symbol(n)))];
    (0..count).map(script).collect()
}

fn symbol(stream: usize) -> char {
    char::from(b'a' + stream as u8)
}

#[test]
fn of_three_listeners_and_of_twelve_none_starves_and_who_runs_dry_first_is_served_first() {
    for count in [3, 12] {
        let history = world(Policy::Fast, vec![fast()], crowd(count));
        for (stream, listening) in history.listening.iter().enumerate() {
            assert!(listening.dry().is_empty(), "{count}, {stream}: {:?}", listening.dry());
            assert!(opening(&history, stream) < 0.5, "{count}, {stream}: {}", opening(&history, stream));
        }
        for begun in &history.begun {
            // Who has an earlier deadline had nothing to be spoken: its utterance had not come, or was at its end.
            let sooner = (0..count).filter(|&other| begun.deadlines[other] < begun.deadline);
            for other in sooner {
                let said = 0.5 * other as f64;
                let last =
                    history.begun.iter().filter(|b| b.stream == other).map(|b| b.at).fold(0.0, f64::max);
                assert!(begun.at < said || begun.at >= last, "{count}: {begun:?} before {other}");
            }
        }
    }
}

#[test]
fn the_opening_of_a_late_listener_comes_before_the_look_ahead_of_others() {
    let mut scripts = crowd(3);
    scripts.push(vec![Cue::Say(20.0, text(9, 200, 'z'))]);
    let history = world(Policy::Fast, vec![fast()], scripts);
    let opening = history.begun.iter().find(|begun| begun.stream == 3).unwrap();
    let between: Vec<_> =
        history.begun.iter().filter(|begun| (20.0..opening.at).contains(&begun.at)).collect();
    assert!(opening.opening && opening.at - 20.0 < 0.2 && between.is_empty(), "{opening:?} {between:?}");
}

#[test]
fn promises_hold_for_nine_fragments_in_ten_whatever_the_machine() {
    for rtf in [0.2, 0.4, 0.6, 0.8, 1.2, 2.6] {
        let script = vec![Cue::Say(0.0, text(4, 3 * FIVE_MINUTES, 'a'))];
        let history = world(Policy::Quality, vec![quality(rtf)], vec![script]);
        let share = kept(&history.sessions[0]);
        println!("RTF {rtf}: {:.1} % kept", 100.0 * share);
        assert!(share >= 0.9, "RTF {rtf}: {share}");
    }
}

/// Whether a listener heard every utterance in order, each from its beginning and without a hole, whole unless it
/// was cut short, and no other's.
fn assert_in_order<'a>(
    stream: usize,
    heard: impl Iterator<Item = &'a Fate>,
    lengths: &[usize],
    was_cut: bool,
) {
    let mut previous: Option<&Fate> = None;
    for part in heard {
        assert!(part.phonemes.chars().all(|c| c == symbol(stream) || c == ' '), "{stream}: {part:?}");
        if let Some(previous) = previous.filter(|previous| previous.utterance == part.utterance) {
            assert_eq!((part.tag.epoch, part.tag.seq), (previous.tag.epoch, previous.tag.seq + 1));
            assert_eq!(part.source.start, previous.source.end + 1);
        } else {
            assert_eq!(part.source.start, 0, "{stream}: {part:?}");
            assert!(previous.is_none_or(|previous| previous.utterance < part.utterance));
            assert!(was_cut || previous.is_none_or(|p| p.source.end == lengths[p.utterance]));
        }
        previous = Some(part);
    }
    assert!(was_cut || previous.map(|p| p.source.end) == lengths.last().copied());
}

/// Costs of any machine, at any pace.
fn any_session(kind: sostenuto_inference::SessionKind) -> impl Strategy<Value = Simulated> {
    let costs = (any::<u64>(), 0.001..0.5, 0.0001..0.15, 0.0..0.9);
    let pace = prop_oneof![
        Just(Pace::default()),
        (0.0..30.0, 0.0..60.0, 1.0..10.0).prop_map(|(from, long, by)| Pace::slow(from, from + long, by)),
        (0.0..30.0, 0.0..60.0).prop_map(|(from, long)| Pace::frozen(from, from + long)),
        any::<u64>().prop_map(|seed| Pace::stalls(seed, 200.0, 5.0, 1.0, 5.0)),
    ];
    (costs, pace, 0.0..5.0, any::<bool>()).prop_map(
        move |((seed, c0, c1, spread), pace, ready_at, streams)| {
            let session =
                Simulated::new(kind, Costs::scattered(seed, c0, c1, spread)).at(pace).loading_until(ready_at);
            if streams { session.streaming() } else { session }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_fragment_is_spoken_once_or_is_a_gap_in_order_and_no_two_streams_mix(
        fast in any_session(Fast), quality in any_session(Quality),
        policy in prop::sample::select(vec![Policy::Quality, Policy::Fast, Policy::Hybrid, Policy::Twin]),
        scripts in prop::collection::vec(
            (prop::collection::vec((0.0..40.0_f64, any::<u64>(), 1_usize..400), 1..4), prop::option::of(0.0..40.0_f64)), 1..5,
        ),
    ) {
        let mut expected = Vec::new();
        let mut cues = Vec::new();
        for (stream, (mut said, stop)) in scripts.into_iter().enumerate() {
            said.sort_by(|a, b| a.0.total_cmp(&b.0));
            let texts: Vec<_> =
                said.iter().map(|&(at, seed, tokens)| (at, text(seed, tokens, symbol(stream)))).collect();
            expected.push((texts.iter().map(|(_, text)| text.last().unwrap().source.end).collect::<Vec<_>>(), stop));
            let mut script: Vec<Cue> = texts.into_iter().map(|(at, text)| Cue::Say(at, text)).collect();
            script.extend(stop.map(Cue::Stop));
            script.sort_by(|a, b| a.at().total_cmp(&b.at()));
            cues.push(script);
        }
        let history = world(policy, vec![fast, quality], cues);
        for (stream, (listening, (lengths, stop))) in history.listening.iter().zip(&expected).enumerate() {
            assert_in_order(stream, listening.heard(), lengths, stop.is_some() || listening.failed > 0);
        }
    }
}
