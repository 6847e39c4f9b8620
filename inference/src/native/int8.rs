//! Which layers the int8 form computes in integers, found once on this machine by speaking.
//!
//! The largest activations are taken over sentences of several voices. Then a sentence that was not among them is spoken
//! both ways; while the two are further apart than the budget, the residual block that hurts most goes back to float.

use crate::generator::{Generator, GeneratorWeights, Int8Plan, LAYERS, Largest};
use crate::graph::spectra::log_spectral_distance;
use crate::kernels::Isa;
use crate::loading::test_fragment;
use crate::{Fragment, Interrupt, Models, SessionError, SessionKind, SynthesisError};

use super::Trunk;

/// Whose sentences the activations are taken from; those that are not there are left out.
const VOICES: [&str; 4] = ["af_heart", "am_michael", "bf_emma", "bm_george"];
/// "When the sun went down behind the hills, nobody was left on the road.", "What did you expect to find there?"
const SENTENCES: [&str; 2] = [
    "wˌɛn ðə sˈʌn wˈɛnt dˌWn bəhˈInd ðə hˈɪlz, nˈObˌɑdi wʌz lˈɛft ˌɔn ðə ɹˈOd.",
    "wˌʌt dˈɪd ju ɪkspˈɛkt tə fˈInd ðˈɛɹ?",
];
/// "Seven ships sailed south, and only four came back."
const HELD_OUT: &str = "sˈɛvən ʃˈɪps sˈAld sˈWθ, ænd ˈOnli fˈɔɹ kˈAm bˈæk.";
/// Activations beyond the largest that were seen are cut off, so some room is left.
const ROOM: f32 = 1.05;
/// Layers that go back to float together.
const LAYERS_OF_BLOCK: usize = 6;
/// The most that the held-out sentence may be from float, as [`log_spectral_distance`] in dB: a little less than the 2.2
/// that others hold for indistinguishable, since other sentences are further away.
///
/// Measured: 2.9 with every layer in integers, 1.9 with the six of 7 taps behind the second upsampling in float, which do
/// the most harm. A search by layers found the same six in five times the time.
const BUDGET: f32 = 2.0;

/// Finds the plan, with a float generator of these weights.
pub(super) fn plan(
    models: &Models,
    trunk: &mut Trunk,
    weights: &GeneratorWeights,
    (isa, threads): (Isa, usize),
) -> Result<Int8Plan, SessionError> {
    let fragments: Vec<Fragment> = VOICES
        .iter()
        .filter_map(|name| models.voice(name, SessionKind::Quality).ok())
        .flat_map(|voice| SENTENCES.map(|sentence| test_fragment(sentence, &voice)))
        .collect();
    let Some(speaker) = fragments.first() else { return Err(SessionError::NobodySpeaks) };
    let generator =
        |plan: Option<&Int8Plan>| Generator::with(weights, plan, isa, threads).map_err(SessionError::Threads);
    let interrupt = Interrupt::new();
    let mut float = generator(None)?;
    let mut largest = Largest::default();
    let style = weights.style_values();
    for fragment in &fragments {
        let (shaped, _) = trunk.shape(fragment)?;
        let observed = float.observed(&shaped.input(style)?, &mut largest, &interrupt);
        observed.map_err(SynthesisError::from)?;
    }
    largest.enlarge(ROOM);
    let mut plan = Int8Plan::all(largest);
    let fragment = test_fragment(HELD_OUT, &speaker.voice);
    let (shaped, _) = trunk.shape(&fragment)?;
    let input = shaped.input(style)?;
    let exact = float.exact(&input, &interrupt).map_err(SynthesisError::from)?.0.to_vec();
    let distance = |plan: &Int8Plan| -> Result<f32, SessionError> {
        let mut int8 = generator(Some(plan))?;
        let spoken = int8.exact(&input, &interrupt).map_err(SynthesisError::from)?.0;
        Ok(log_spectral_distance(&exact, spoken).unwrap_or(f32::INFINITY))
    };
    let mut found = distance(&plan)?;
    if found > BUDGET {
        let mut harms = Vec::with_capacity(LAYERS / LAYERS_OF_BLOCK);
        for first in (0..LAYERS).step_by(LAYERS_OF_BLOCK) {
            let block = first..first + LAYERS_OF_BLOCK;
            let mut alone = plan.clone();
            alone.float.iter_mut().enumerate().for_each(|(layer, float)| *float = !block.contains(&layer));
            harms.push((distance(&alone)?, block));
        }
        harms.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, block) in harms {
            plan.float[block].fill(true);
            found = distance(&plan)?;
            if found <= BUDGET {
                break;
            }
        }
    }
    let kept = plan.float.iter().filter(|float| **float).count();
    tracing::info!(
        log_spectral_db = found,
        layers_in_float = kept,
        "layers that are computed in integers chosen"
    );
    Ok(plan)
}
