use super::traces::{Cost, TRACES};
use super::*;
use proptest::prelude::*;

const PRIOR: CostPrior = CostPrior { c0_s: 0.02, c1_s_per_token: 0.004, spread: 0.25 };

/// What the model said of each fragment before it saw it: expected and promised over actual.
fn replay(model: &mut CostModel, costs: &[Cost]) -> Vec<(f64, f64)> {
    let said = costs.iter().map(|cost| {
        let said = (model.expected(cost.tokens) / cost.seconds, model.promise(cost.tokens) / cost.seconds);
        model.observe(cost.tokens, cost.seconds);
        said
    });
    said.collect()
}

fn share_kept(said: &[(f64, f64)]) -> f64 {
    said.iter().filter(|(_, promised)| *promised >= 1.0).count() as f64 / said.len() as f64
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

#[test]
fn after_ten_fragments_promises_hold_for_recorded_ones() {
    for trace in TRACES {
        let said = replay(&mut CostModel::new(PRIOR), &trace.costs());
        let (kept, promised) = (share_kept(&said[10..]), mean(said[10..].iter().map(|said| said.1)));
        println!(
            "{}: {:.1} % kept, {promised:.2} times the actual cost on average",
            trace.name,
            100.0 * kept
        );
        assert!(kept >= 0.91, "{}: {kept}", trace.name);
        assert!(promised < if trace.steady { 1.5 } else { 3.0 }, "{}: {promised}", trace.name);
    }
}

#[test]
fn a_machine_that_becomes_half_as_fast_is_followed_within_eight_fragments() {
    for trace in TRACES {
        let mut costs = trace.costs();
        costs[30..].iter_mut().for_each(|cost| cost.seconds *= 2.0);
        let said = replay(&mut CostModel::new(PRIOR), &costs);
        let expected = mean(said[38..].iter().map(|said| said.0));
        let kept = share_kept(&said[38..]);
        println!("{}: {expected:.2} of the actual cost expected, {:.1} % kept", trace.name, 100.0 * kept);
        assert!((0.85..1.15).contains(&expected) && kept > 0.9, "{}: {expected} {kept}", trace.name);
    }
}

#[test]
fn a_prior_that_is_ten_times_off_is_overcome_in_ten_fragments() {
    for trace in TRACES {
        let costs = trace.costs();
        let mut known = CostModel::new(PRIOR);
        replay(&mut known, &costs);
        let (c0_s, c1_s_per_token) = known.coefficients();
        let expected = |factor: f64| {
            let prior = CostPrior { c0_s: factor * c0_s, c1_s_per_token: factor * c1_s_per_token, ..PRIOR };
            let said = replay(&mut CostModel::new(prior), &costs);
            mean(said[10..20].iter().map(|said| said.0))
        };
        for factor in [0.1, 10.0] {
            let off = expected(factor) / expected(1.0);
            println!("{}, prior times {factor}: {off:.2} of what is expected from a good prior", trace.name);
            assert!((0.8..1.25).contains(&off), "{}, {factor}: {off}", trace.name);
        }
    }
}

#[test]
fn a_single_outlier_changes_little() {
    let mut model = CostModel::new(PRIOR);
    (0..40).for_each(|n| model.observe(20 + n * 37 % 100, 0.02 + 0.004 * (20 + n * 37 % 100) as f64));
    let before = (model.expected(60), model.promise(60));
    model.observe(60, 100.0 * before.0);
    assert!(model.expected(60) < 1.1 * before.0);
    assert!(model.promise(60) < 1.1 * before.1);
}

#[test]
fn a_timeout_is_a_multiple_of_the_promise_between_its_bounds() {
    let slow = CostModel::new(CostPrior { c0_s: 1.0, c1_s_per_token: 0.05, spread: 0.1 });
    assert_eq!(timeout(&slow, 50), Duration::from_secs_f64(4.0 * slow.promise(50)));
    assert_eq!(timeout(&slow, 500), Duration::from_mins(1));
    let quick = CostModel::new(CostPrior { c0_s: 0.01, c1_s_per_token: 0.0005, spread: 0.1 });
    assert_eq!(timeout(&quick, 500), Duration::from_secs(2));
}

proptest! {
    #[test]
    fn what_it_tells_is_finite_and_never_negative_whatever_was_observed(
        c0_s: f64, c1_s_per_token: f64, spread: f64,
        seen in prop::collection::vec((any::<usize>(), any::<f64>()), 0..60), tokens: usize,
    ) {
        let mut model = CostModel::new(CostPrior { c0_s, c1_s_per_token, spread });
        for (observed, seconds) in seen {
            model.observe(observed, seconds);
            let (c0, c1) = model.coefficients();
            let (expected, promise) = (model.expected(tokens), model.promise(tokens));
            prop_assert!([c0, c1, expected, promise].iter().all(|s| s.is_finite() && *s >= 0.0));
            prop_assert!(promise >= expected && promise <= 4.1 * expected);
            prop_assert!(timeout(&model, tokens) >= Duration::from_secs(2));
        }
    }

    #[test]
    fn one_outlier_of_a_hundred_times_halves_or_doubles_the_expectation_at_most(
        sizes in prop::collection::vec(4_usize..200, 12..60),
        at in 0.0..1.0,
        factor in prop::sample::select(vec![0.01, 100.0]),
    ) {
        let cost = |tokens: usize| 0.1 + 0.02 * tokens as f64;
        let (mut with, mut without) = (CostModel::new(PRIOR), CostModel::new(PRIOR));
        let outlier = 10 + (at * (sizes.len() - 10) as f64) as usize;
        for (n, &tokens) in sizes.iter().enumerate() {
            with.observe(tokens, cost(tokens) * if n == outlier { factor } else { 1.0 });
            without.observe(tokens, cost(tokens));
            let moved = with.expected(tokens) / without.expected(tokens);
            prop_assert!((0.5..=2.0).contains(&moved), "fragment {n}: {moved}");
        }
    }

    #[test]
    fn the_largest_fragment_within_a_time_is_promised_in_it_and_the_next_is_not(
        c0_s in 0.0..2.0, c1_s_per_token in 0.0..0.2, spread in 0.01..1.0, seconds in -1.0..100.0,
    ) {
        let model = CostModel::new(CostPrior { c0_s, c1_s_per_token, spread });
        let most = largest_within(&model, seconds);
        prop_assert!(most <= MAX_TOKENS && (most == 0 || model.promise(most) <= seconds));
        prop_assert!(most == MAX_TOKENS || model.promise(most + 1) > seconds);
    }
}

#[test]
fn stalls_are_expected_once_one_has_been_seen_and_for_long() {
    let mut model = CostModel::new(PRIOR);
    let cost = |tokens: usize| 0.02 + 0.004 * tokens as f64;
    assert!(model.secured(60) < 2.0 * model.expected(60) && !model.stalls());
    (0..200).for_each(|_| model.observe(60, cost(60)));
    assert!(model.secured(60) < 2.0 * model.expected(60));
    let before = largest_bearable(&model, 1.0);
    model.observe(60, 3.0 * cost(60));
    (0..200).for_each(|_| model.observe(60, cost(60)));
    assert!(model.stalls() && model.secured(60) >= 3.0 * model.expected(60));
    let most = largest_bearable(&model, 1.0);
    assert!(most < before && 3.0 * model.expected(most) <= 0.5 && 3.0 * model.expected(before) <= 1.0);
    (0..500).for_each(|_| model.observe(60, cost(60)));
    assert!(!model.stalls());
}
