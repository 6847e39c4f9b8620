use super::*;
use proptest::prelude::*;
use std::f32::consts::TAU;

const RATE: f32 = CHUNK_RATE as f32;

fn sine(samples: usize, hertz: f32) -> Vec<f32> {
    (0..samples).map(|n| 0.5 * (TAU * hertz * n as f32 / RATE).sin()).collect()
}

/// A voice: harmonics up to 4 kHz of a pitch that glides from `hertz` to `to`, each weaker than the one below.
fn voice(samples: usize, hertz: f32, to: f32) -> Vec<f32> {
    let mut phase = 0.0f64;
    (0..samples)
        .map(|n| {
            let pitch = hertz + (to - hertz) * n as f32 / samples as f32;
            phase = (phase + f64::from(pitch / RATE)).fract();
            let harmonics = (4_000.0 / pitch) as usize;
            let harmonic = |h: usize| (TAU * (h as f32 * phase as f32).fract()).sin() / h as f32;
            0.3 * (1..=harmonics).map(harmonic).sum::<f32>()
        })
        .collect()
}

/// Noise of a level of 0.1, the same for the same seed.
fn noise(samples: usize, mut seed: u32) -> Vec<f32> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..samples).map(|_| 0.1 * 12.0f32.sqrt() * next()).collect()
}

fn stretched(input: &[f32], ratio: f64, cuts: usize) -> Vec<f32> {
    let mut stretch = Stretch::new();
    let mut out = Vec::new();
    for piece in input.chunks(cuts) {
        stretch.push(piece, ratio, &mut |piece| out.extend_from_slice(piece.samples));
    }
    stretch.flush(&mut |piece| out.extend_from_slice(piece.samples));
    out
}

fn level(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32).sqrt()
}

/// Pitch of a wave that crosses zero upwards once in each period.
fn pitch(samples: &[f32]) -> f32 {
    let rises: Vec<f32> = (1..samples.len())
        .filter(|&n| samples[n - 1] < 0.0 && samples[n] >= 0.0)
        .map(|n| n as f32 - samples[n] / (samples[n] - samples[n - 1]))
        .collect();
    RATE * (rises.len() - 1) as f32 / (rises[rises.len() - 1] - rises[0])
}

fn assert_length(output: usize, input: f64) -> Result<(), TestCaseError> {
    prop_assert!((output as f64 - input).abs() <= LONGEST as f64, "{} for {}", output, input);
    Ok(())
}

#[test]
fn a_ratio_of_one_passes_every_sample_at_once() {
    let input = voice(5_000, 120.0, 180.0);
    let mut stretch = Stretch::new();
    let mut out = Vec::new();
    for (n, piece) in input.chunks(333).enumerate() {
        stretch.push(piece, 1.0, &mut |piece| out.extend_from_slice(piece.samples));
        assert_eq!(out.len(), input.len().min((n + 1) * 333));
    }
    assert_eq!(out, input);
}

#[test]
fn what_is_held_back_comes_at_once_when_the_ratio_is_one_again_and_then_nothing_is() {
    let input = voice(30_000, 150.0, 110.0);
    for ratio in [0.5, 0.9, 1.3, 4.0] {
        let mut stretch = Stretch::new();
        let mut out = Vec::new();
        let mut put = |piece: Piece<'_>| out.extend_from_slice(piece.samples);
        stretch.push(&input[..12_345], ratio, &mut put);
        assert!(stretch.pending() <= SIGHT);
        stretch.push(&input[12_345..], 1.0, &mut put);
        assert_eq!(stretch.pending(), 0);
        assert_eq!(out[out.len() - 17_655..], input[12_345..], "at {ratio}");
    }
}

#[test]
fn a_voice_keeps_its_pitch_and_level_at_every_rate() {
    for hertz in [80.0, 131.0, 220.0, 390.0] {
        for ratio in [0.5, 0.7, 0.91, 1.1, 1.5, 2.0, 3.0, 4.0] {
            let input = sine(48_000, hertz);
            let output = stretched(&input, ratio, 480);
            let inside = &output[1_000..output.len() - 1_000];
            let off = (pitch(inside) / hertz - 1.0).abs();
            assert!(off < 0.01, "{hertz} Hz at {ratio}: off by {off}");
            let gain = 20.0 * (level(inside) / level(&input)).log10();
            assert!(gain.abs() < 0.5, "{hertz} Hz at {ratio}: {gain} dB");
        }
    }
}

#[test]
fn a_splice_of_a_voice_is_no_click() {
    for ratio in [0.5, 0.91, 1.3, 2.0, 4.0] {
        let input = sine(24_000, 180.0);
        let bend = |s: &[f32]| s.windows(3).map(|w| (w[2] - 2.0 * w[1] + w[0]).abs()).fold(0.0, f32::max);
        let output = stretched(&input, ratio, 480);
        // Within the input, whose end a cross-fade may take to silence.
        let inside = &output[..output.len() - LONGEST];
        assert!(bend(inside) < 1.6 * bend(&input), "{} for {} at {ratio}", bend(inside), bend(&input));
    }
}

#[test]
fn noise_keeps_its_level_and_silence_stays_silent() {
    for ratio in [0.5, 0.91, 1.5, 2.0, 4.0] {
        let gain = 20.0 * (level(&stretched(&noise(48_000, 7), ratio, 480)) / 0.1).log10();
        assert!(gain.abs() < 0.5, "{gain} dB at {ratio}");
        let silence = stretched(&vec![0.0; 48_000], ratio, 480);
        assert!(silence.iter().all(|&sample| sample == 0.0));
    }
}

#[test]
fn an_onset_is_neither_left_out_nor_doubled_where_there_is_time_to_pass_it_by() {
    for ratio in [0.91, 1.1, 1.3] {
        let mut input = vec![0.0; 24_000];
        for at in (3_000..24_000).step_by(3_000) {
            input[at] = 0.9;
        }
        let output = stretched(&input, ratio, 480);
        let clicks = output.iter().filter(|sample| sample.abs() > 0.1).count();
        assert_eq!(clicks, 7, "at {ratio}");
    }
}

#[test]
fn pieces_tell_where_every_click_went() {
    for ratio in [0.6, 0.91, 1.2, 2.0, 3.0] {
        let mut input = noise(48_000, 3);
        for sample in &mut input {
            *sample *= 0.01;
        }
        let clicks: Vec<usize> = (2_000..48_000).step_by(4_001).collect();
        for &click in &clicks {
            input[click] = 0.9;
        }
        let (mut taken, mut out, mut told) = (0, Vec::new(), Vec::new());
        let mut stretch = Stretch::new();
        let mut put = |piece: Piece<'_>| {
            let places = taken..taken + piece.input;
            for click in clicks.iter().filter(|click| places.contains(click)) {
                told.push(out.len() + (click - taken) * piece.samples.len() / piece.input);
            }
            taken += piece.input;
            out.extend_from_slice(piece.samples);
        };
        stretch.push(&input, ratio, &mut put);
        stretch.flush(&mut put);
        assert_eq!((taken, told.len()), (input.len(), clicks.len()));
        // A click that a cross-fade has left out is in no place.
        for at in told {
            let near = &out[at.saturating_sub(LONGEST)..(at + LONGEST).min(out.len())];
            let exact = out[at].abs() > 0.6;
            assert!(exact || near.iter().all(|sample| sample.abs() < 0.65), "at {ratio}, sample {at}");
        }
    }
}

#[test]
fn the_quick_search_finds_what_a_search_through_every_lag_would() {
    for (hertz, to) in [(75.0, 95.0), (110.0, 140.0), (200.0, 260.0), (330.0, 390.0)] {
        let input = voice(12_000, hertz, to);
        for at in (1_000..10_000).step_by(777) {
            for (direction, periods) in
                [(Direction::LeaveOut, Periods::Most), (Direction::Repeat, Periods::Fewest)]
            {
                let found = likeness::find(&input, at, direction, periods).unwrap();
                let every = likeness::find_among_all(&input, at, direction);
                assert!(found.correlation > every - 0.07, "{hertz} Hz at {at}: {found:?} for {every:?}");
            }
        }
    }
}

#[test]
fn in_steady_state_nothing_grows() {
    let mut stretch = Stretch::new();
    let room = (stretch.held.capacity(), stretch.mixed.capacity());
    let input = voice(24_000, 100.0, 160.0);
    for (n, piece) in input.chunks(997).chain(input.chunks(10)).chain(input.chunks(20_000)).enumerate() {
        stretch.push(piece, [0.45, 2.0, 1.0, 0.95, 4.0][n % 5], &mut |_| {});
        if n % 100 == 99 {
            stretch.flush(&mut |_| {});
        }
    }
    assert_eq!((stretch.held.capacity(), stretch.mixed.capacity()), room);
}

#[test]
fn a_ratio_that_is_no_number_is_one() {
    assert_eq!(stretched(&[0.5; 900], f64::NAN, 100), [0.5; 900]);
}

/// Parts of an input: of which kind, how many samples, of which pitch, gliding to which.
fn any_parts() -> impl Strategy<Value = Vec<(u32, usize, f32, f32)>> {
    prop::collection::vec((0..4_u32, 1_usize..9_000, 70.0_f32..390.0, 70.0_f32..390.0), 0..8)
}

fn sound(parts: &[(u32, usize, f32, f32)]) -> Vec<f32> {
    let part = |&(kind, samples, hertz, to)| match kind {
        0 => voice(samples, hertz, to),
        1 => noise(samples, samples as u32),
        2 => sine(samples, hertz),
        _ => vec![0.0; samples],
    };
    parts.iter().flat_map(part).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_length_is_the_input_over_the_ratio_within_a_period_whatever_is_pushed(
        parts in any_parts(), ratio in 0.45_f64..4.0,
    ) {
        let input = sound(&parts);
        let output = stretched(&input, ratio, 480);
        assert_length(output.len(), input.len() as f64 / ratio)?;
        prop_assert!(output.iter().all(|sample| sample.is_finite()));
    }

    #[test]
    fn the_output_does_not_depend_on_how_the_input_was_cut(
        parts in any_parts(), ratio in 0.45_f64..4.0, cuts in 1_usize..3_000,
    ) {
        let input = sound(&parts);
        prop_assert!(stretched(&input, ratio, cuts) == stretched(&input, ratio, usize::MAX));
    }

    #[test]
    fn the_ratio_may_change_at_any_sample(
        parts in any_parts(),
        ratios in prop::collection::vec(prop_oneof![Just(1.0), 0.45_f64..4.0], 1..9),
    ) {
        let input = sound(&parts);
        let mut stretch = Stretch::new();
        let (mut given, mut taken) = (0, 0);
        let mut put = |piece: Piece<'_>| {
            given += piece.samples.len();
            taken += piece.input;
        };
        let len = input.len().div_ceil(ratios.len()).max(1);
        let mut expected = 0.0;
        for (part, &ratio) in input.chunks(len).zip(&ratios) {
            let pending = stretch.pending() as f64;
            // What was held back is of this ratio too.
            stretch.push(part, ratio, &mut put);
            expected += (pending + part.len() as f64 - stretch.pending() as f64) / ratio;
        }
        expected += stretch.pending() as f64 / ratios[input.len().div_ceil(len).max(1) - 1];
        stretch.flush(&mut put);
        prop_assert_eq!(taken, input.len());
        prop_assert!(given <= stretch.output_bound(input.len(), 0.45));
        assert_length(given, expected)?;
    }
}
