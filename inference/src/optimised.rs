//! Graphs as the runtime has optimised them, saved once and loaded from then on.
//!
//! They are in the runtime's own format, which is read where it lies: the file is mapped, nothing is parsed and no
//! weight is copied.

use std::path::Path;

use crate::assets::AssetError;
use crate::loaded::Loaded;
use crate::mapped::Mapped;
use crate::runtime::{Model, Runtime};
use crate::{Fragment, ModelsError, SessionError, SessionOptions, Synthesizer};

/// A difference of two samples that no one hears: -80 dBFS. The saved graph is the one that ran, so all there is
/// comes from threads that add in another order.
const SAME: f32 = 1e-4;

/// The beginning of the names of all optimised graphs of `graph` on this processor.
fn prefix(graph: &str) -> String {
    format!("{graph}-{}-", processor())
}

/// The name of the optimised `graph`: it says all that makes the file another one.
pub(crate) fn file_name(graph: &str, runtime: &Runtime) -> String {
    format!("{}all-onnxruntime-{}.ort", prefix(graph), runtime.identity())
}

/// Whether a file called `name` is an optimised `graph` for this processor by some runtime.
pub(crate) fn is_of(graph: &str, name: &str) -> bool {
    name.starts_with(&prefix(graph)) && Path::new(name).extension().is_some_and(|e| e == "ort")
}

/// The processor's kind, as far as the runtime lays graphs out for it: its blocked convolutions are as wide as the
/// vector registers, and its integer operators depend on the dot product.
fn processor() -> String {
    let mut name = std::env::consts::ARCH.to_owned();
    #[cfg(target_arch = "x86_64")]
    for (feature, there) in [
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ("vnni", std::arch::is_x86_feature_detected!("avx512vnni")),
    ] {
        if there {
            name.push('_');
            name.push_str(feature);
        }
    }
    #[cfg(target_arch = "aarch64")]
    for (feature, there) in [
        ("dotprod", std::arch::is_aarch64_feature_detected!("dotprod")),
        ("i8mm", std::arch::is_aarch64_feature_detected!("i8mm")),
    ] {
        if there {
            name.push('_');
            name.push_str(feature);
        }
    }
    name
}

/// The optimised form of `model`, once it has said what `model` says. `said` makes the runtime say something of what it
/// has loaded. Writes into `folder` on the way.
pub(crate) fn make(
    runtime: &Runtime,
    name: &'static str,
    options: &SessionOptions,
    model: Model<'_>,
    folder: &Path,
    said: impl Fn(Loaded) -> Result<Vec<f32>, SessionError>,
) -> Result<Vec<u8>, ModelsError> {
    let unwritable = |source| SessionError::Unreadable { path: folder.into(), source };
    let build = |source| SessionError::Build { path: folder.into(), source };
    let work = tempfile::Builder::new().prefix(".optimising-").tempdir_in(folder).map_err(unwritable)?;
    let saved = work.path().join("graph.ort");
    let expected = said(runtime.save_optimised(name, options, model, &saved).map_err(build)?)?;
    let mapped = Mapped::open(&saved).map_err(unwritable)?;
    let found = said(runtime.session(name, options, Model::Optimised(mapped)).map_err(build)?)?;
    if !alike(&expected, &found) {
        return Err(SessionError::OptimisedOtherwise { session: name }.into());
    }
    Ok(std::fs::read(&saved).map_err(|error| AssetError::io("read", &saved, error))?)
}

/// What `session` says of `fragment`.
pub(crate) fn samples(session: &mut dyn Synthesizer, fragment: &Fragment) -> Result<Vec<f32>, SessionError> {
    let mut samples = Vec::new();
    session.synthesize(fragment, &mut |part: &[f32]| samples.extend_from_slice(part))?;
    Ok(samples)
}

fn alike(a: &[f32], b: &[f32]) -> bool {
    !a.is_empty() && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= SAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_samples_are_alike() {
        assert!(alike(&[0.5, -0.5], &[0.5, -0.500_01]));
        assert!(!alike(&[0.5, -0.5], &[0.5, -0.49]));
        assert!(!alike(&[0.5], &[0.5, 0.0]));
        assert!(!alike(&[f32::NAN], &[f32::NAN]));
        assert!(!alike(&[], &[]));
    }

    #[test]
    fn names_of_other_graphs_and_processors_are_told_apart() {
        let name = format!("{}all-onnxruntime-1.29.0.ort", prefix("distilled-1"));
        assert!(is_of("distilled-1", &name));
        assert!(!is_of("distilled", &name));
        assert!(!is_of("distilled-2", &name));
        assert!(!is_of("distilled-1", &name.replace(&processor(), "another")));
        assert!(!is_of("distilled-1", &format!("{name}.verified")));
    }
}
