//! One run of a session: ended by an interrupt, its outputs checked for what the session needs of them.

use std::sync::Arc;

use ort::session::{RunOptions, Session, SessionInputValue, SessionOutputs};

use crate::{Interrupt, MemoryOptions, SynthesisError};

/// Options whose runs end when `interrupt` is raised.
pub(crate) fn interruptible(
    interrupt: &Interrupt,
    memory: MemoryOptions,
) -> Result<Arc<RunOptions>, ort::Error> {
    let mut options = RunOptions::new()?;
    if memory.arena && memory.shrink {
        options.set("memory.enable_memory_arena_shrinkage", "cpu:0")?;
    }
    let options = Arc::new(options);
    let ended = Arc::clone(&options);
    interrupt.on_change(move |raised| {
        let told = if raised { ended.terminate() } else { ended.unterminate() };
        if let Err(error) = told {
            tracing::warn!("the runtime did not take an interrupt: {error}");
        }
    });
    Ok(options)
}

/// Runs `session`, called `name`.
pub(crate) fn run<'r, const N: usize>(
    name: &'static str,
    session: &'r mut Session,
    options: &'r RunOptions,
    interrupt: &Interrupt,
    inputs: [SessionInputValue<'_>; N],
) -> Result<SessionOutputs<'r>, SynthesisError> {
    if interrupt.is_raised() {
        return Err(SynthesisError::Interrupted);
    }
    session.run_with_options(inputs, options).map_err(|source| {
        // The runtime has no code of its own for a run that was ended, and the interrupt may be cleared again by now.
        if interrupt.is_raised() || source.message().contains("terminate flag") {
            SynthesisError::Interrupted
        } else {
            SynthesisError::Runtime { session: name, source }
        }
    })
}

/// The values of the float output called `output`.
pub(crate) fn floats<'o>(
    session: &'static str,
    outputs: &'o SessionOutputs<'_>,
    output: &'static str,
) -> Result<&'o [f32], SynthesisError> {
    let unexpected = |found: String| SynthesisError::UnexpectedOutput { session, output, found };
    let value = outputs.get(output).ok_or_else(|| unexpected("there is none".into()))?;
    let (_, values) = value.try_extract_tensor::<f32>().map_err(|e| unexpected(e.to_string()))?;
    Ok(values)
}

/// The lengths of `tokens` tokens in samples, from the output `values` in units of `unit` samples.
///
/// They add up to the `samples` of the fragment, or the model is not the one it is taken for.
pub(crate) fn durations(
    session: &'static str,
    values: &[f32],
    unit: usize,
    tokens: usize,
    samples: usize,
) -> Result<Vec<u32>, SynthesisError> {
    let durations: Vec<u32> = values.iter().map(|units| (units * unit as f32) as u32).collect();
    let sum: usize = durations.iter().map(|&d| d as usize).sum();
    if durations.len() == tokens && sum == samples {
        return Ok(durations);
    }
    Err(SynthesisError::UnexpectedOutput {
        session,
        output: crate::graph::DURATIONS,
        found: format!(
            "{} lengths of {sum} samples for {tokens} tokens and {samples} samples",
            durations.len()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_must_add_up_to_the_samples_and_stand_one_per_token() {
        assert_eq!(durations("fast", &[2.0, 1.0], 300, 2, 900).unwrap(), [600, 300]);
        let error = durations("fast", &[2.0, 1.0], 300, 2, 901).unwrap_err();
        assert!(
            error.to_string().ends_with("2 lengths of 900 samples for 2 tokens and 901 samples"),
            "{error}"
        );
        assert!(durations("fast", &[3.0], 300, 2, 900).is_err());
    }
}
