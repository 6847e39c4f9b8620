//! What is done where something is going to be late, cheapest first. Pure.

/// Most that a pause is stretched by.
pub const LONGEST_PAUSE: f64 = 1.8;
/// Most that speech is slowed down by: 100 ms a second.
pub const SLOWEST: f64 = 1.1;

/// By how much the listener's time is stretched; 1 is not at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Of the pauses that wait to be heard, 1 to [`LONGEST_PAUSE`].
    pub pause: f64,
    /// Of the speech that waits to be heard, 1 to [`SLOWEST`].
    pub slow_down: f64,
}

impl Factors {
    /// Everything as it was made.
    pub const NONE: Self = Self { pause: 1.0, slow_down: 1.0 };
}

/// How much `held` seconds of audio, of which `pauses` seconds are pauses, are stretched where what follows them has
/// `slack` seconds of slack.
///
/// Pauses first, for nobody notices; what they cannot make up for, the speech between them.
pub fn levers(slack: f64, pauses: f64, held: f64) -> Factors {
    let lack = -slack;
    if lack.is_nan() || lack <= 0.0 {
        return Factors::NONE;
    }
    let share = |lack: f64, of: f64, most: f64| if of > 0.0 { (lack / of).min(most) } else { 0.0 };
    let pause = share(lack, pauses, LONGEST_PAUSE - 1.0);
    let left = (lack - pause * pauses.max(0.0)).max(0.0);
    let speech = held - pauses.max(0.0);
    Factors { pause: 1.0 + pause, slow_down: 1.0 + share(left, speech, SLOWEST - 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_stretched_while_there_is_slack() {
        assert_eq!(levers(0.0, 0.4, 2.0), Factors::NONE);
        assert_eq!(levers(1.0, 0.4, 2.0), Factors::NONE);
    }

    #[test]
    fn pauses_make_up_for_it_before_speech_does() {
        assert_eq!(levers(-0.2, 0.4, 2.0), Factors { pause: 1.5, slow_down: 1.0 });
        let both = levers(-0.4, 0.4, 2.0);
        assert!((both.pause - 1.8).abs() < 1e-9 && (both.slow_down - 1.05).abs() < 1e-9, "{both:?}");
        assert_eq!(levers(-9.0, 0.0, 0.0), Factors::NONE);
    }

    proptest! {
        #[test]
        fn factors_stay_within_bounds_win_no_more_than_is_lacking_and_grow_with_it(
            slack in -20.0..5.0, more in 0.0..5.0, pauses in 0.0..3.0, speech in 0.0..10.0,
        ) {
            let held = pauses + speech;
            let factors = levers(slack, pauses, held);
            prop_assert!((1.0..=LONGEST_PAUSE).contains(&factors.pause));
            prop_assert!((1.0..=SLOWEST + 1e-12).contains(&factors.slow_down));
            let won = pauses * (factors.pause - 1.0) + speech * (factors.slow_down - 1.0);
            prop_assert!(won <= (-slack).max(0.0) + 1e-9);
            let worse = levers(slack - more, pauses, held);
            prop_assert!(worse.pause >= factors.pause && worse.slow_down >= factors.slow_down - 1e-12);
        }
    }
}
