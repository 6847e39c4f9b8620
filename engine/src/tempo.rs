//! How much slower a fragment is spoken where something is going to be late. Pure.

use sostenuto_inference::{Prosody, SPEED_RANGE};

/// The slowest that it is spoken, as a factor of its tempo.
const SLOWEST: f64 = 0.92;
/// Less is not worth a change of tempo.
const LEAST: f64 = 0.97;

/// The factor of the tempo of a fragment that sounds for `seconds`, where what follows it has `slack` seconds of slack:
/// 1, or 0.92 to 0.97. The model speaks more slowly by itself, so nothing is heard of it but the tempo.
pub fn tempo(slack: f64, seconds: f64) -> f64 {
    if slack >= 0.0 || slack.is_nan() || seconds <= 0.0 {
        return 1.0;
    }
    (seconds / (seconds - slack)).clamp(SLOWEST, LEAST)
}

/// `prosody` at `factor` times its tempo, if a model speaks as slowly as that. What `streams` is not slowed down so far that
/// it would come whole: that would be later still.
pub fn slowed(prosody: Prosody, factor: f64, streams: impl Fn(Prosody) -> bool) -> Prosody {
    let speed = (prosody.speed * factor as f32).max(prosody.speed.min(*SPEED_RANGE.start()));
    let slowed = Prosody { speed, ..prosody };
    if streams(slowed) || !streams(prosody) { slowed } else { prosody }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_wins_what_is_lacking_within_its_bounds() {
        assert!((tempo(-0.2, 4.0) - 4.0 / 4.2).abs() < 1e-9);
        assert_eq!([tempo(0.0, 4.0), tempo(-0.01, 4.0), tempo(-9.0, 4.0)], [1.0, LEAST, SLOWEST]);
    }

    #[test]
    fn a_fragment_is_spoken_no_slower_than_a_model_can_nor_than_it_streams() {
        let from_08 = |prosody: Prosody| prosody.speed >= 0.8;
        for (streams, speed, slower) in
            [(true, 1.0, 0.92), (true, 0.82, 0.82), (false, 0.82, 0.82 * 0.92), (true, 0.51, 0.5)]
        {
            let found = slowed(Prosody::at_speed(speed), 0.92, |prosody| streams && from_08(prosody));
            assert!((found.speed - slower).abs() < 1e-6, "{speed}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn the_more_is_lacking_the_slower_it_is(slack in -9.0..9.0, more in 0.0..9.0, seconds in 0.1..12.0) {
            prop_assert!(tempo(slack - more, seconds) <= tempo(slack, seconds));
            prop_assert!((SLOWEST..=1.0).contains(&tempo(slack, seconds)));
        }
    }
}
