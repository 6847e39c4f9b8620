//! What a session needs a graph to take and to give, checked when it is loaded.

use std::fmt;
use std::path::Path;

use ort::session::Session;
use ort::value::{Outlet, TensorElementType, ValueType};

use crate::SessionError;

/// An input or output that a graph must have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port {
    pub(crate) name: &'static str,
    pub(crate) element: TensorElementType,
    /// Its sizes; 0 stands for any.
    pub(crate) shape: &'static [i64],
}

impl Port {
    pub(crate) const fn floats(name: &'static str, shape: &'static [i64]) -> Self {
        Self { name, element: TensorElementType::Float32, shape }
    }

    pub(crate) const fn integers(name: &'static str, shape: &'static [i64]) -> Self {
        Self { name, element: TensorElementType::Int64, shape }
    }

    /// Whether a tensor of this type can be given here, or taken from here. A graph that leaves its shape open fits.
    fn fits(&self, dtype: &ValueType) -> bool {
        let ValueType::Tensor { ty, shape, .. } = dtype else { return false };
        let sizes = || self.shape.iter().zip(shape.iter());
        let same = |(&wanted, &found): (&i64, &i64)| wanted <= 0 || found < 0 || wanted == found;
        *ty == self.element
            && (shape.is_empty()
                || self.shape.is_empty()
                || shape.len() == self.shape.len() && sizes().all(same))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.element, Shape(self.shape))
    }
}

struct Shape<'a>(&'a [i64]);

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |&size: &i64| if size > 0 { size.to_string() } else { "any".to_owned() };
        write!(f, "[{}]", self.0.iter().map(size).collect::<Vec<_>>().join(", "))
    }
}

/// Sees that the graph at `path` takes `inputs`, in this order and no others, and gives `outputs` among others.
///
/// # Errors
/// [`SessionError::Interface`] names the first that is missing, unknown or of another type or shape.
pub(crate) fn check(
    session: &Session,
    inputs: &[Port],
    outputs: &[Port],
    path: &Path,
) -> Result<(), SessionError> {
    let wrong = |port: String, expected: String, found: String| SessionError::Interface {
        path: path.into(),
        port,
        expected,
        found,
    };
    let given = session.inputs();
    for (place, port) in inputs.iter().enumerate() {
        let name = format!("input {} ({})", place + 1, port.name);
        match given.get(place) {
            Some(outlet) if outlet.name() == port.name && port.fits(outlet.dtype()) => {}
            other => return Err(wrong(name, port.to_string(), describe(other))),
        }
    }
    if let Some(extra) = given.get(inputs.len()) {
        return Err(wrong(format!("input {}", inputs.len() + 1), "nothing".into(), describe(Some(extra))));
    }
    for port in outputs {
        let found = session.outputs().iter().find(|outlet| outlet.name() == port.name);
        if !found.is_some_and(|outlet| port.fits(outlet.dtype())) {
            return Err(wrong(format!("output {}", port.name), port.to_string(), describe(found)));
        }
    }
    Ok(())
}

fn describe(outlet: Option<&Outlet>) -> String {
    let Some(outlet) = outlet else { return "nothing".into() };
    match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => format!("{} {ty} {}", outlet.name(), Shape(shape)),
        other => format!("{} {other}", outlet.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{Model, Runtime};
    use crate::{Distilled, Kokoro, SessionOptions, Twin, cache};

    #[test]
    fn a_model_of_another_kind_is_refused_with_its_file_its_input_and_what_was_expected() {
        let (Some(library), Some(distilled)) = (cache::runtime(), cache::distilled()) else { return };
        let runtime = Runtime::load(&library).unwrap();
        let error = Kokoro::load(&runtime, &distilled, 1).err().unwrap().to_string();
        let expected = "input 1 (tokens) should be i64 [1, any] and is ids i64 [1, any]";
        assert!(error.contains("hibari.onnx") && error.contains(expected), "{error}");
    }

    #[test]
    fn a_model_without_an_output_is_refused() {
        let (Some(library), Some(distilled)) = (cache::runtime(), cache::distilled()) else { return };
        let runtime = Runtime::load(&library).unwrap();
        let session = runtime.session("fast", &SessionOptions::on_cpu(1), Model::File(&distilled)).unwrap();
        let inputs = [Port::integers("ids", &[1, 0]), Port::floats("speed", &[1])];
        assert!(check(&session, &inputs, &[Port::floats("f0", &[1, 0])], &distilled).is_ok());
        let refused =
            |inputs: &[Port], output| check(&session, inputs, &[output], &distilled).unwrap_err().to_string();
        let f0 = Port::floats("f0", &[1, 0]);
        let missing = refused(&inputs, Port::floats("audio", &[0]));
        assert!(missing.ends_with("output audio should be f32 [any] and is nothing"), "{missing}");
        let extra = refused(&inputs[..1], f0);
        assert!(extra.ends_with("input 2 should be nothing and is speed f32 [1]"), "{extra}");
        let shape = refused(&[inputs[0], Port::floats("speed", &[2])], f0);
        assert!(shape.ends_with("input 2 (speed) should be f32 [2] and is speed f32 [1]"), "{shape}");
    }

    #[test]
    fn a_file_that_is_cut_short_is_refused_by_name() {
        let (Some(library), Some(distilled)) = (cache::runtime(), cache::distilled()) else { return };
        let runtime = Runtime::load(&library).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes = std::fs::read(distilled).unwrap();
        std::fs::write(file.path(), &bytes[..bytes.len() / 2]).unwrap();
        let twin = Twin::of("af_heart").unwrap();
        let name = file.path().display().to_string();
        for error in [
            Distilled::load(&runtime, twin, file.path(), 1).err().unwrap(),
            Kokoro::load(&runtime, file.path(), 1).err().unwrap(),
        ] {
            assert!(error.to_string().contains(&name), "{error}");
        }
    }
}
