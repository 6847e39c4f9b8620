use super::traces::{Cost, TRACES, trace};
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
    for (name, lines) in TRACES {
        let said = replay(&mut CostModel::new(PRIOR), &trace(lines));
        let (kept, promised) = (share_kept(&said[10..]), mean(said[10..].iter().map(|said| said.1)));
        println!("{name}: {:.1} % kept, {promised:.2} times the actual cost on average", 100.0 * kept);
        assert!((0.9..=1.0).contains(&kept) && promised < 1.5, "{name}: {kept} {promised}");
    }
}

#[test]
fn a_machine_that_becomes_half_as_fast_is_followed_within_eight_fragments() {
    for (name, lines) in TRACES {
        let mut costs = trace(lines);
        costs[30..].iter_mut().for_each(|cost| cost.seconds *= 2.0);
        let said = replay(&mut CostModel::new(PRIOR), &costs);
        let expected = mean(said[38..].iter().map(|said| said.0));
        let kept = share_kept(&said[38..]);
        println!("{name}: {expected:.2} of the actual cost expected, {:.1} % kept", 100.0 * kept);
        assert!((0.85..1.2).contains(&expected) && kept > 0.9, "{name}: {expected} {kept}");
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
    assert_eq!(timeout(&slow, 500), Duration::from_secs(60));
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
    fn the_largest_fragment_within_a_time_is_promised_in_it_and_the_next_is_not(
        c0_s in 0.0..2.0, c1_s_per_token in 0.0..0.2, spread in 0.01..1.0, seconds in -1.0..100.0,
    ) {
        let model = CostModel::new(CostPrior { c0_s, c1_s_per_token, spread });
        let most = largest_within(&model, seconds);
        prop_assert!(most <= MAX_TOKENS && (most == 0 || model.promise(most) <= seconds));
        prop_assert!(most == MAX_TOKENS || model.promise(most + 1) > seconds);
    }
}
