//! Play-out on a virtual clock: the real planner, pump and renderer through trouble of every kind, and what is heard.
//!
//! Each scenario's figures are kept in `golden/play_out/`. `SOSTENUTO_GOLDEN=write` makes the tests write what comes
//! out instead of comparing it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use sostenuto_engine::Policy;
use sostenuto_inference::SessionKind::{Fast, Quality};
use sostenuto_simulator::{
    Costs, Cue, DeviceModel, Ending, Faults, Hearer, History, Incident, Lateness, Outcome, Pace, Record,
    Scatter, Simulated, Stalls, Worked, World, articles, text,
};
use sostenuto_tests::assert_golden;

/// Two minutes, at about 56 ms of audio to a token and the pauses between.
const TWO_MINUTES: usize = 1_900;

fn quality(rtf: f64) -> Simulated {
    Simulated::new(Quality, Costs::steady(1, rtf)).warm(20)
}

fn two_minutes() -> Vec<Cue> {
    vec![Cue::Say(0.5, text(1, TWO_MINUTES, 'a'))]
}

fn run(policy: Policy, sessions: Vec<Simulated>, hearer: Hearer) -> History {
    World::new(policy, sessions, vec![hearer]).unwrap().run()
}

/// What a listener of the quality session hears.
fn heard(session: Simulated, hearer: Hearer) -> Record {
    run(Policy::Quality, vec![session], hearer).records.remove(0)
}

/// Nothing that may never happen has happened.
fn assert_sound(record: &Record) {
    let wrong = [
        record.stale_samples,
        record.lost_samples,
        record.repeated_samples,
        record.order_errors,
        record.buffers_missing.unsigned_abs(),
    ];
    assert_eq!(wrong, [0; 5], "stale, lost, repeated, out of order, leaked: {:?}", record.clone().summary());
    assert!(record.levels.iter().all(|level| level.ring >= 0.0 && level.waiting >= level.ring - 0.001));
    assert_ne!(record.ending, Ending::Stuck, "{:?}", record.clone().summary());
}

/// As [`assert_sound`], all of it was heard, and its figures are those of the golden file `name`.
fn assert_heard(name: &str, record: Record) {
    assert_sound(&record);
    assert_eq!((record.gaps, record.ending), (0, Ending::Over), "{:?}", record.clone().summary());
    assert_golden(&format!("play_out/{name}"), &record.summary());
}

#[test]
fn a_steady_session_below_real_time_is_never_waited_for() {
    for rtf in [0.1, 0.3, 0.7] {
        let record = heard(quality(rtf), Hearer::new(two_minutes()));
        assert_heard(&format!("steady_{rtf}"), record);
    }
}

#[test]
fn a_machine_twice_as_fast_as_speech_hardly_waits() {
    for rtf in [0.1, 0.3, 0.5] {
        let session = Simulated::new(Quality, Costs::steady(2, rtf)).warm(20);
        let record = heard(session, Hearer::new(articles(2, 1_000.0))).summary();
        assert_sound(&record);
        assert!(record.interruptions == 0 && record.added_delay_ms <= 500.0, "RTF {rtf}: {record:?}");
    }
}

#[test]
fn a_machine_slower_than_speech_begins_all_the_same() {
    let mut history = run(Policy::Quality, vec![quality(1.3)], Hearer::new(articles(3, 360.0)));
    let record = history.records.remove(0).summary();
    assert_sound(&record);
    let waits = history.listening[0].fragments.iter().map(|fate| fate.heard.unwrap() - fate.came.unwrap());
    let longest = waits.zip(&history.begun).filter(|(_, begun)| begun.opening).map(|(wait, _)| wait);
    assert!(longest.fold(0.0, f64::max) <= 3.1 && record.interruptions > 0, "{record:?}");
}

#[test]
fn a_sentence_that_is_one_fragment_begins_as_soon_as_it_is_there() {
    let session = quality(0.9).stalling(Stalls::new(4, 0.2, 3.0, 1.0));
    let sentence = |seed| Cue::Then(1.0, text(seed, 40, 'a').into_iter().next_back().into_iter().collect());
    let record = heard(session, Hearer::new((0..30).map(sentence).collect())).summary();
    assert_sound(&record);
    assert!(record.finished == 30 && record.pre_roll_ms <= 1.0, "{record:?}");
}

#[test]
fn a_session_about_as_slow_as_its_listener_or_slower_is_waited_for_and_loses_nothing() {
    for rtf in [0.95, 1.2] {
        assert_heard(&format!("steady_{rtf}"), heard(quality(rtf), Hearer::new(two_minutes())));
    }
}

#[test]
fn bursts_of_stalls_are_told() {
    let stalling = quality(0.4).at(Pace::stalls(3, 600.0, 12.0, 1.5, 4.0));
    assert_heard("burst_stalls", heard(stalling, Hearer::new(two_minutes())));
}

#[test]
fn a_step_to_a_third_of_the_speed_is_learnt() {
    let slowing = quality(0.25).at(Pace::slow(40.0, 100.0, 3.0));
    let record = heard(slowing, Hearer::new(two_minutes()));
    assert_heard("step_3", record);
}

#[test]
fn a_freeze_of_two_seconds_is_told() {
    let frozen = quality(0.4).at(Pace::frozen(30.0, 32.0));
    assert_heard("freeze_2_s", heard(frozen, Hearer::new(two_minutes())));
}

#[test]
fn a_pair_that_is_done_out_of_order_is_heard_in_order() {
    let twin = || Simulated::new(Quality, Costs::steady(5, 0.6)).warm(20);
    let sessions = vec![twin().stalling(Stalls::new(2, 0.2, 3.0, 1.0)), twin()];
    let faults = Faults { swapped: 0.5, ..Faults::default() };
    let mut history = run(Policy::Twin, sessions, Hearer { faults, ..Hearer::new(two_minutes()) });
    let came: Vec<f64> = history.listening[0].fragments.iter().filter_map(|fate| fate.came).collect();
    assert!(came.windows(2).any(|pair| pair[1] < pair[0]), "no pair was done out of order");
    assert_heard("out_of_order", history.records.remove(0));
}

#[test]
fn a_device_may_change_its_period() {
    let incidents = vec![Incident::Period { at: 60.0, frames: 1_024 }];
    let device = DeviceModel { period: 128, incidents, ..DeviceModel::default() };
    let record = heard(quality(0.3), Hearer::new(two_minutes()).on(device));
    assert_eq!(record.interruptions, 0, "{:?}", record.clone().summary());
    assert_heard("period_128_to_1024", record);
}

#[test]
fn a_device_may_be_fast_or_slow() {
    for drift_ppm in [-300.0, 300.0] {
        let device = DeviceModel { drift_ppm, ..DeviceModel::default() };
        let record = heard(quality(0.3), Hearer::new(two_minutes()).on(device));
        assert_eq!(record.underruns, 0, "{:?}", record.clone().summary());
        assert_heard(&format!("drift_{drift_ppm}"), record);
    }
}

#[test]
fn a_device_whose_callbacks_are_late_and_come_in_bursts_is_told() {
    let lateness = Lateness::new(4, 0.002, 0.008, 0.02);
    let device = DeviceModel { lateness, ..DeviceModel::default() }.stalled(6, 150.0, 5.0, 0.12);
    assert_heard("late_callbacks", heard(quality(0.3), Hearer::new(two_minutes()).on(device)));
}

#[test]
fn a_device_that_is_lost_and_comes_back_goes_on_where_it_broke_off() {
    let incidents = vec![Incident::Loss { at: 30.0, seconds: 3.0 }];
    let device = DeviceModel { incidents, ..DeviceModel::default() };
    let record = heard(quality(0.3), Hearer::new(two_minutes()).on(device));
    assert_eq!(record.underruns, 0, "{:?}", record.clone().summary());
    assert_heard("device_loss", record);
}

#[test]
fn a_stop_at_any_moment_is_silence_at_once() {
    let mut scatter = Scatter::new(9);
    let (mut script, mut now) = (Vec::new(), 0.0);
    for _ in 0..40 {
        script.push(Cue::Say(now, text(scatter.number(), 200, 'a')));
        now += 6.0 * scatter.share();
        script.push(Cue::Stop(now));
        now += 0.5 * scatter.share();
    }
    let record = heard(quality(0.3), Hearer::new(script));
    assert!(record.stop_ms <= 20.0, "{:?}", record.clone().summary());
    assert_heard("stop_at_random", record);
}

#[test]
fn a_text_that_is_typed_starves_and_is_heard_as_it_comes() {
    let script = vec![Cue::Type(0.5, text(1, 600, 'a'), 5.0)];
    let record = heard(quality(0.3), Hearer::new(script));
    assert!(record.underruns == 0 && record.starvations > 0, "{:?}", record.clone().summary());
    assert_heard("typing_5_tokens", record);
}

#[test]
fn fragments_that_fail_are_gaps_and_what_follows_is_heard() {
    let record = heard(quality(0.3).failing(8, 0.1).in_parts(4), Hearer::new(two_minutes()));
    assert_sound(&record);
    assert!(record.gaps > 0 && record.ending == Ending::Over, "{:?}", record.clone().summary());
}

#[test]
fn a_session_that_hangs_and_comes_back_is_used_again() {
    let fast = Simulated::new(Fast, Costs::fast()).at(Pace::frozen(0.0, 17.0));
    let script = vec![Cue::Say(0.1, text(3, 120, 'a')), Cue::Say(20.0, text(4, 600, 'a'))];
    let mut history = run(Policy::Hybrid, vec![fast, quality(0.5)], Hearer::new(script));
    assert!(history.begun.iter().any(|begun| begun.session == 0 && begun.at > 17.0));
    let record = history.records.remove(0);
    assert_sound(&record);
    assert_eq!((record.gaps, record.finished), (1, 2));
}

#[test]
fn chunks_that_come_twice_are_counted_and_heard_once() {
    let faults = Faults { duplicated: 0.3, ..Faults::default() };
    let record = heard(quality(0.3), Hearer { faults, ..Hearer::new(two_minutes()) });
    assert_sound(&record);
    assert!(record.late_chunks + record.duplicate_chunks > 0, "{:?}", record.clone().summary());
}

#[test]
fn a_chunk_that_is_lost_within_the_engine_holds_up_all_that_follows_until_a_stop() {
    let faults = Faults { dropped: 0.2, ..Faults::default() };
    let told = |script: Vec<Cue>| heard(quality(0.3), Hearer { faults, ..Hearer::new(script) });
    let record = told(two_minutes());
    assert_eq!((record.ending, record.stale_samples, record.repeated_samples), (Ending::Stuck, 0, 0));
    let mut script = two_minutes();
    script.push(Cue::Stop(200.0));
    assert_eq!((told(script).ending, record.buffers_missing), (Ending::Over, 0));
}

#[test]
fn the_same_seed_gives_the_same_record() {
    let once = || {
        let sessions = vec![
            Simulated::new(Fast, Costs::fast()),
            quality(0.6).stalling(Stalls::new(7, 0.1, 4.0, 2.0)).in_parts(3),
        ];
        run(Policy::Hybrid, sessions, Hearer::new(two_minutes())).records.remove(0)
    };
    assert_eq!(serde_json::to_string(&once()).unwrap(), serde_json::to_string(&once()).unwrap());
}

/// As [`quality`], handing out fragments while it is at work on them.
fn streaming(rtf: f64) -> Simulated {
    Simulated::new(Quality, Costs::steady(1, rtf)).streaming().warm(20)
}

#[test]
fn a_session_that_streams_is_heard_sooner_and_never_runs_dry_in_the_midst_of_a_fragment() {
    for rtf in [0.2, 0.5, 0.9] {
        let whole = heard(quality(rtf), Hearer::new(two_minutes()));
        let record = heard(streaming(rtf), Hearer::new(two_minutes()));
        assert!(record.underruns == 0, "RTF {rtf}: {:?}", record.clone().summary());
        let (sooner, than) = (record.ttfa_ms.median, whole.ttfa_ms.median);
        assert!(sooner < than, "RTF {rtf}: {sooner} {than}");
        assert_heard(&format!("streaming_{rtf}"), record);
    }
}

#[test]
fn a_session_that_streams_more_slowly_than_it_is_heard_loses_nothing() {
    assert_heard("streaming_1.3", heard(streaming(1.3), Hearer::new(two_minutes())));
}

#[test]
fn a_freeze_in_the_midst_of_a_fragment_that_streams_is_told_and_the_rest_is_heard() {
    let calm = run(Policy::Quality, vec![streaming(0.5)], Hearer::new(two_minutes()));
    let long = |worked: &&Worked| worked.begun > 30.0 && worked.over - worked.begun > 2.0;
    let begun = calm.sessions[0].worked.iter().find(long).unwrap().begun;
    let frozen = streaming(0.5).at(Pace::frozen(begun + 1.0, begun + 4.0));
    let mut history = run(Policy::Quality, vec![frozen], Hearer::new(two_minutes()));
    let midst = history.sessions[0].worked.iter().find(|worked| worked.begun >= begun).unwrap();
    assert!(midst.begun < begun + 0.5 && midst.over > begun + 4.5, "{begun}: {midst:?}");
    assert_heard("streaming_freeze_3_s", history.records.remove(0));
}

#[test]
fn a_stop_in_the_midst_of_a_fragment_that_streams_is_silence_and_nothing_of_its_rest_is_heard() {
    let mut scatter = Scatter::new(5);
    let (mut script, mut now) = (Vec::new(), 0.0);
    for _ in 0..60 {
        script.push(Cue::Say(now, text(scatter.number(), 200, 'a')));
        now += 0.3 + 2.0 * scatter.share();
        script.push(Cue::BargeIn(now, text(scatter.number(), 120, 'a')));
        now += 0.3 + 2.0 * scatter.share();
        script.push(Cue::Stop(now));
        now += 0.1 * scatter.share();
    }
    let mut history = run(Policy::Quality, vec![streaming(0.6)], Hearer::new(script));
    let ended = history.sessions[0].worked.iter().filter(|worked| worked.outcome == Outcome::Ended).count();
    let record = history.records.remove(0);
    assert!(ended > 40 && record.stale_chunks > 0, "{ended}: {:?}", record.clone().summary());
    assert!(record.stop_ms <= 20.0, "{:?}", record.clone().summary());
    assert_heard("streaming_stop", record);
}

#[test]
fn fragments_that_stream_at_half_of_real_time_may_stall_and_are_heard_whole() {
    let session = streaming(0.5).stalling(Stalls::new(1, 0.05, 3.0, 1.0));
    assert_heard("streaming_articles", heard(session, Hearer::new(articles(1, 1_800.0))));
}

/// `count` random stops, pauses, resumptions, changes of rate and texts, one after the other within `gap` seconds on
/// average.
fn storm(seed: u64, count: usize, gap: f64) -> Vec<Cue> {
    let mut scatter = Scatter::new(seed);
    let mut now = 0.0;
    let mut script: Vec<Cue> = (0..count)
        .map(|_| {
            now += 2.0 * gap * scatter.share();
            match scatter.below(8) {
                0..3 => Cue::Say(now, text(scatter.number(), 1 + scatter.below(120), 'a')),
                3..6 => Cue::Stop(now),
                6 => Cue::Pause(now),
                _ => Cue::Resume(now),
            }
        })
        .collect();
    script.push(Cue::Stop(now + 1.0));
    script
}

#[test]
fn a_storm_of_stops_pauses_and_texts_leaves_no_stale_sample_and_no_buffer() {
    for (seed, gap) in [(1, 0.02), (2, 0.2)] {
        let record = heard(quality(0.2).in_parts(3), Hearer::new(storm(seed, 10_000, gap)));
        assert_sound(&record);
        assert!(record.stop_ms <= 20.0 && record.buffers_made < 200, "{:?}", record.clone().summary());
        let record = heard(streaming(0.4), Hearer::new(storm(seed, 10_000, gap)));
        assert_sound(&record);
        assert!(record.stop_ms <= 20.0 && record.buffers_made < 400, "{:?}", record.clone().summary());
    }
}

/// Any machine at any pace.
fn any_session(kind: sostenuto_inference::SessionKind) -> impl Strategy<Value = Simulated> {
    let costs = (any::<u64>(), 0.001..0.3, 0.0001..0.08, 0.0..0.9);
    let pace = prop_oneof![
        Just(Pace::default()),
        (0.0..30.0, 0.0..20.0, 1.0..10.0).prop_map(|(from, long, by)| Pace::slow(from, from + long, by)),
        (0.0..30.0, 0.0..20.0).prop_map(|(from, long)| Pace::frozen(from, from + long)),
        any::<u64>().prop_map(|seed| Pace::stalls(seed, 100.0, 5.0, 1.0, 5.0)),
    ];
    let faulty = (any::<u64>(), prop_oneof![Just(0.0), 0.0..0.3], 1_u32..5, 0.0..0.2);
    (costs, pace, faulty, any::<bool>()).prop_map(
        move |((seed, c0, c1, spread), pace, (chance, fails, parts, stalls), streams)| {
            let session = Simulated::new(kind, Costs::scattered(seed, c0, c1, spread))
                .at(pace)
                .failing(chance, fails)
                .stalling(Stalls::new(chance, stalls, 4.0, 2.0));
            if streams { session.streaming() } else { session.in_parts(parts) }
        },
    )
}

fn any_device() -> impl Strategy<Value = DeviceModel> {
    let incident = prop_oneof![
        (0.0..40.0, 0.0..0.5).prop_map(|(at, seconds)| Incident::Stall { at, seconds }),
        (0.0..40.0, 0.0..5.0).prop_map(|(at, seconds)| Incident::Loss { at, seconds }),
        (0.0..40.0, 32_u32..2_048).prop_map(|(at, frames)| Incident::Period { at, frames }),
    ];
    let late = (any::<u64>(), 0.0..0.01, 0.0..0.1);
    let incidents = prop::collection::vec(incident, 0..4);
    (32_u32..2_048, -1_000.0..1_000.0, late, incidents).prop_map(
        |(period, drift_ppm, (seed, usual, share), mut incidents)| {
            incidents.sort_by(|a, b| a.at().total_cmp(&b.at()));
            let lateness = Lateness::new(seed, usual, 0.03, share);
            DeviceModel { period, drift_ppm, lateness, incidents, ..DeviceModel::default() }
        },
    )
}

fn any_script() -> impl Strategy<Value = Vec<Cue>> {
    let cue = prop_oneof![
        4 => (0.0..40.0, any::<u64>(), 1_usize..250).prop_map(|(at, seed, tokens)| Cue::Say(at, text(seed, tokens, 'a'))),
        1 => (0.0..40.0, any::<u64>(), 1_usize..150, 2.0..40.0)
            .prop_map(|(at, seed, tokens, rate)| Cue::Type(at, text(seed, tokens, 'a'), rate)),
        1 => (0.0..40.0).prop_map(Cue::Stop),
        1 => (0.0..40.0).prop_map(Cue::Pause),
        1 => (0.0..40.0).prop_map(Cue::Resume),
        1 => (0.0..40.0, 0.5_f32..4.0).prop_map(|(at, rate)| Cue::Rate(at, rate)),
    ];
    prop::collection::vec(cue, 1..6).prop_map(|mut script| {
        script.sort_by(|a, b| a.at().total_cmp(&b.at()));
        script.push(Cue::Resume(50.0));
        script
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_every_sample_is_heard_once_and_in_order_or_is_in_a_gap(
        fast in any_session(Fast), quality in any_session(Quality),
        policy in prop::sample::select(vec![Policy::Quality, Policy::Fast, Policy::Hybrid, Policy::Twin]),
        script in any_script(), device in any_device(), seed in any::<u64>(),
        swapped in 0.0..0.5, duplicated in 0.0..0.2,
    ) {
        let faults = Faults { swapped, duplicated, dropped: 0.0 };
        let hearer = Hearer { faults, seed, ..Hearer::new(script).on(device) };
        let history = run(policy, vec![fast, quality], hearer);
        assert_sound(&history.records[0]);
    }
}

/// Articles spoken for `hours` by a session that takes half as long as its audio lasts, one fragment in twenty costing
/// three times as much.
fn articles_with_stalls(seed: u64, hours: f64) -> Record {
    let session = Simulated::new(Quality, Costs::steady(seed, 0.5)).warm(20);
    let session = session.stalling(Stalls::new(seed, 0.05, 3.0, 1.0));
    heard(session, Hearer::new(articles(seed, 3_600.0 * hours)))
}

#[test]
fn articles_spoken_at_half_of_real_time_with_stalls_are_heard_whole() {
    assert_heard("articles", articles_with_stalls(1, 0.5));
}

#[test]
#[ignore = "ten hours, for each of three seeds: run by hand, in release"]
fn ten_hours_of_articles_are_not_interrupted_and_hardly_late() {
    let mut heard = Vec::new();
    for seed in 1..=3 {
        let begun = std::time::Instant::now();
        let record = articles_with_stalls(seed, 10.0).summary();
        let times_real_time = record.seconds / begun.elapsed().as_secs_f64();
        println!("{times_real_time:.0} x real time: {record:?}");
        assert_sound(&record);
        heard.push((record.interruptions, record.added_delay_ms));
    }
    assert!(heard.iter().all(|&(interruptions, delay)| interruptions == 0 && delay <= 600.0), "{heard:?}");
}
