//! The constants of an ONNX model, and nothing else of it.
//!
//! Source: the wire format of protocol buffers (varints, 64-bit, length-delimited, 32-bit fields) and the field
//! numbers of `onnx.proto`, IR version 8. Only tensors that carry their numbers as raw bytes are read.

use std::collections::HashMap;

/// The bytes are no ONNX model, or are cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

const MODEL_GRAPH: u64 = 7;
const GRAPH_INITIALISER: u64 = 5;
const TENSOR_DIMS: u64 = 1;
const TENSOR_TYPE: u64 = 2;
const TENSOR_FLOATS: u64 = 4;
const TENSOR_NAME: u64 = 8;
const TENSOR_RAW: u64 = 9;

/// `TensorProto.DataType` of a 32-bit float, and of a signed byte.
const FLOAT: u64 = 1;
const INT8: u64 = 3;

/// A constant as floats; signed bytes are widened, which is exact.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tensor {
    pub(super) name: String,
    /// Empty for a scalar.
    pub(super) dims: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// All constants of a model, in the order in which they stand in the file.
#[derive(Debug, Default)]
pub(super) struct Initialisers {
    tensors: Vec<Tensor>,
    places: HashMap<String, usize>,
}

impl Initialisers {
    /// Reads the constants of `model`; tensors of other types than float and signed byte are passed over.
    pub(super) fn read(model: &[u8]) -> Result<Self, Broken> {
        let mut read = Self::default();
        for field in Fields(model) {
            let (MODEL_GRAPH, Value::Bytes(graph)) = field? else { continue };
            for field in Fields(graph) {
                let (GRAPH_INITIALISER, Value::Bytes(bytes)) = field? else { continue };
                if let Some(tensor) = tensor(bytes)? {
                    read.places.insert(tensor.name.clone(), read.tensors.len());
                    read.tensors.push(tensor);
                }
            }
        }
        if read.tensors.is_empty() { Err(Broken("it holds no weights")) } else { Ok(read) }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Tensor> {
        self.places.get(name).map(|&place| &self.tensors[place])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Tensor> {
        self.tensors.iter()
    }
}

fn tensor(bytes: &[u8]) -> Result<Option<Tensor>, Broken> {
    let mut tensor = Tensor::default();
    let mut kind = 0;
    let mut raw: &[u8] = &[];
    for field in Fields(bytes) {
        match field? {
            (TENSOR_DIMS, Value::Number(dim)) => tensor.dims.push(dim as usize),
            (TENSOR_DIMS, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    tensor.dims.push(varint(&mut packed)? as usize);
                }
            }
            (TENSOR_TYPE, Value::Number(number)) => kind = number,
            (TENSOR_NAME, Value::Bytes(name)) => tensor.name = String::from_utf8_lossy(name).into_owned(),
            (TENSOR_RAW | TENSOR_FLOATS, Value::Bytes(values)) if !values.is_empty() => raw = values,
            _ => {}
        }
    }
    tensor.values = match kind {
        FLOAT => raw.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        INT8 => raw.iter().map(|&b| f32::from(b.cast_signed())).collect(),
        _ => return Ok(None),
    };
    let expected = tensor.dims.iter().try_fold(1_usize, |all, &dim| all.checked_mul(dim));
    // A zero point is a scalar whose number is left out where it is zero.
    if kind == INT8 && tensor.dims.is_empty() {
        return Ok(None);
    }
    if expected != Some(tensor.values.len()) {
        return Err(Broken("a tensor has not as many numbers as its shape says"));
    }
    if tensor.values.iter().any(|value| !value.is_finite()) {
        return Err(Broken("a weight is not a number"));
    }
    Ok(Some(tensor))
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// The fields of one message, each with its number.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = field(&mut self.0);
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

fn field<'a>(rest: &mut &'a [u8]) -> Result<(u64, Value<'a>), Broken> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => Value::Number(varint(rest)?),
        1 => take(rest, 8).map(|_| Value::Other)?,
        2 => {
            let length = varint(rest)?;
            Value::Bytes(take(rest, length as usize)?)
        }
        // A float that is not packed: the scales of the quantised net come so, one by one.
        5 => Value::Bytes(take(rest, 4)?),
        _ => return Err(Broken("it is no ONNX model")),
    };
    Ok((key >> 3, value))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Broken> {
    let (taken, after) = rest.split_at_checked(length).ok_or(Broken("it ends too early"))?;
    *rest = after;
    Ok(taken)
}

fn varint(rest: &mut &[u8]) -> Result<u64, Broken> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(Broken("it ends too early"))?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Broken("it is no ONNX model"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(fields: &[(u64, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, payload) in fields {
            bytes.extend([(number << 3 | 2) as u8, payload.len() as u8]);
            bytes.extend_from_slice(payload);
        }
        bytes
    }

    fn model(kind: u8, dims: &[u8], raw: &[u8]) -> Vec<u8> {
        let mut tensor: Vec<u8> = dims.iter().flat_map(|&dim| [8, dim]).collect();
        tensor.extend([16, kind]);
        tensor.extend(message(&[(8, b"w"), (9, raw)]));
        message(&[(MODEL_GRAPH, &message(&[(GRAPH_INITIALISER, &tensor)]))])
    }

    #[test]
    fn floats_and_signed_bytes_are_read_with_their_shapes() {
        let floats: Vec<u8> = [1.5_f32, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let read = Initialisers::read(&model(1, &[1, 2], &floats)).unwrap();
        assert_eq!(
            read.get("w"),
            Some(&Tensor { name: "w".into(), dims: vec![1, 2], values: vec![1.5, -2.0] })
        );
        let read = Initialisers::read(&model(3, &[3], &[1, 0xff, 0x80])).unwrap();
        assert_eq!(read.get("w").unwrap().values, [1.0, -1.0, -128.0]);
        assert_eq!(read.iter().count(), 1);
    }

    #[test]
    fn a_model_that_ends_too_early_or_lies_about_its_shape_is_refused() {
        let whole = model(3, &[3], &[1, 2, 3]);
        assert!(Initialisers::read(&whole[..whole.len() - 1]).is_err());
        assert!(Initialisers::read(&model(3, &[2], &[1, 2, 3])).is_err());
        assert!(Initialisers::read(&model(1, &[1], &f32::NAN.to_le_bytes())).is_err());
        assert!(Initialisers::read(b"").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Initialisers::read(&bytes);
        }
    }
}
