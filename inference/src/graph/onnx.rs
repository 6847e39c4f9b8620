//! The ONNX model format, as much of it as the rewrites read or change.
//!
//! Field numbers and wire types: `onnx.proto` of the ONNX project, IR version 10. What no rewrite looks into (types
//! of values other than tensors, functions, training information, sparse tensors, quantisation annotations) is kept
//! as the bytes it came in, so that a model that is decoded and encoded again says what it said before.

use prost::Message;

/// A whole model.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ModelProto {
    #[prost(int64, optional, tag = "1")]
    pub(super) ir_version: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub(super) producer_name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) producer_version: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) domain: Option<String>,
    #[prost(int64, optional, tag = "5")]
    pub(super) model_version: Option<i64>,
    #[prost(string, optional, tag = "6")]
    pub(super) doc_string: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub(super) graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    pub(super) opset_import: Vec<OperatorSetIdProto>,
    #[prost(message, repeated, tag = "14")]
    pub(super) metadata_props: Vec<StringStringEntryProto>,
    #[prost(bytes = "vec", repeated, tag = "20")]
    pub(super) training_info: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "25")]
    pub(super) functions: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "26")]
    pub(super) configuration: Vec<Vec<u8>>,
}

/// Which version of which operator set the nodes mean.
#[derive(Clone, PartialEq, Message)]
pub(super) struct OperatorSetIdProto {
    #[prost(string, optional, tag = "1")]
    pub(super) domain: Option<String>,
    #[prost(int64, optional, tag = "2")]
    pub(super) version: Option<i64>,
}

/// A key and its value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StringStringEntryProto {
    #[prost(string, optional, tag = "1")]
    pub(super) key: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) value: Option<String>,
}

/// Nodes in topological order, and the constants they use.
#[derive(Clone, PartialEq, Message)]
pub(super) struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    pub(super) node: Vec<NodeProto>,
    #[prost(string, optional, tag = "2")]
    pub(super) name: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub(super) initializer: Vec<TensorProto>,
    #[prost(string, optional, tag = "10")]
    pub(super) doc_string: Option<String>,
    #[prost(message, repeated, tag = "11")]
    pub(super) input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    pub(super) output: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "13")]
    pub(super) value_info: Vec<ValueInfoProto>,
    #[prost(bytes = "vec", repeated, tag = "14")]
    pub(super) quantization_annotation: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "15")]
    pub(super) sparse_initializer: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "16")]
    pub(super) metadata_props: Vec<StringStringEntryProto>,
}

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    pub(super) input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(super) output: Vec<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) op_type: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub(super) attribute: Vec<AttributeProto>,
    #[prost(string, optional, tag = "6")]
    pub(super) doc_string: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(super) domain: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub(super) overload: Option<String>,
    #[prost(message, repeated, tag = "9")]
    pub(super) metadata_props: Vec<StringStringEntryProto>,
    #[prost(bytes = "vec", repeated, tag = "10")]
    pub(super) device_configurations: Vec<Vec<u8>>,
}

/// A named constant of a node.
#[derive(Clone, PartialEq, Message)]
pub(super) struct AttributeProto {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(float, optional, tag = "2")]
    pub(super) f: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    pub(super) i: Option<i64>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub(super) s: Option<Vec<u8>>,
    #[prost(message, optional, tag = "5")]
    pub(super) t: Option<TensorProto>,
    #[prost(message, optional, tag = "6")]
    pub(super) g: Option<GraphProto>,
    #[prost(float, repeated, packed = "false", tag = "7")]
    pub(super) floats: Vec<f32>,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    pub(super) ints: Vec<i64>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub(super) strings: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "10")]
    pub(super) tensors: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    pub(super) graphs: Vec<GraphProto>,
    #[prost(string, optional, tag = "13")]
    pub(super) doc_string: Option<String>,
    #[prost(bytes = "vec", optional, tag = "14")]
    pub(super) tp: Option<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "15")]
    pub(super) type_protos: Vec<Vec<u8>>,
    #[prost(int32, optional, tag = "20")]
    pub(super) r#type: Option<i32>,
    #[prost(string, optional, tag = "21")]
    pub(super) ref_attr_name: Option<String>,
    #[prost(bytes = "vec", optional, tag = "22")]
    pub(super) sparse_tensor: Option<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "23")]
    pub(super) sparse_tensors: Vec<Vec<u8>>,
}

/// A constant tensor.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorProto {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub(super) dims: Vec<i64>,
    #[prost(int32, optional, tag = "2")]
    pub(super) data_type: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(super) segment: Option<Vec<u8>>,
    #[prost(float, repeated, tag = "4")]
    pub(super) float_data: Vec<f32>,
    #[prost(int32, repeated, tag = "5")]
    pub int32_data: Vec<i32>,
    #[prost(bytes = "vec", repeated, tag = "6")]
    pub(super) string_data: Vec<Vec<u8>>,
    #[prost(int64, repeated, tag = "7")]
    pub int64_data: Vec<i64>,
    #[prost(string, optional, tag = "8")]
    pub(super) name: Option<String>,
    #[prost(bytes = "vec", optional, tag = "9")]
    pub(super) raw_data: Option<Vec<u8>>,
    #[prost(double, repeated, tag = "10")]
    pub(super) double_data: Vec<f64>,
    #[prost(uint64, repeated, tag = "11")]
    pub uint64_data: Vec<u64>,
    #[prost(string, optional, tag = "12")]
    pub(super) doc_string: Option<String>,
    #[prost(message, repeated, tag = "13")]
    pub(super) external_data: Vec<StringStringEntryProto>,
    #[prost(int32, optional, tag = "14")]
    pub(super) data_location: Option<i32>,
    #[prost(message, repeated, tag = "16")]
    pub(super) metadata_props: Vec<StringStringEntryProto>,
}

/// A name with the type of its value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueInfoProto {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(super) r#type: Option<TypeProto>,
    #[prost(string, optional, tag = "3")]
    pub(super) doc_string: Option<String>,
    #[prost(message, repeated, tag = "4")]
    pub(super) metadata_props: Vec<StringStringEntryProto>,
}

/// The type of a value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TypeProto {
    #[prost(message, optional, tag = "1")]
    pub(super) tensor_type: Option<TensorTypeProto>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub(super) sequence_type: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub(super) map_type: Option<Vec<u8>>,
    #[prost(string, optional, tag = "6")]
    pub(super) denotation: Option<String>,
    #[prost(bytes = "vec", optional, tag = "7")]
    pub(super) opaque_type: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "8")]
    pub(super) sparse_tensor_type: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "9")]
    pub(super) optional_type: Option<Vec<u8>>,
}

/// The type of a tensor: of its elements, and its shape where that is known.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorTypeProto {
    #[prost(int32, optional, tag = "1")]
    pub(super) elem_type: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(super) shape: Option<Vec<u8>>,
}

/// `TensorProto.DataType` of a 32-bit float.
pub(super) const FLOAT: i32 = 1;
/// `TensorProto.DataType` of an unsigned byte.
pub(super) const UINT8: i32 = 2;
/// `TensorProto.DataType` of a signed byte.
pub(super) const INT8: i32 = 3;
/// `TensorProto.DataType` of a 64-bit integer.
pub(super) const INT64: i32 = 7;
/// `TensorProto.DataType` of signed four bits, two to a byte, the first in the low half.
pub(super) const INT4: i32 = 22;

#[cfg(test)]
impl ValueInfoProto {
    /// A value of any type, for graphs that are made by hand.
    pub(super) fn named(name: &str) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}

impl NodeProto {
    /// A node of the standard operators with one output, which it is named after.
    pub(super) fn of(op: &str, input: &[&str], output: &str) -> Self {
        Self {
            name: Some(output.into()),
            op_type: Some(op.into()),
            input: input.iter().map(|&name| name.into()).collect(),
            output: vec![output.into()],
            ..Self::default()
        }
    }

    /// The same with one more attribute.
    pub(super) fn with(mut self, attribute: AttributeProto) -> Self {
        self.attribute.push(attribute);
        self
    }

    /// The attribute called `name`.
    pub(super) fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.attribute.iter().find(|attribute| attribute.name.as_deref() == Some(name))
    }

    /// The operator, or an empty string where the file names none.
    pub(super) fn op(&self) -> &str {
        self.op_type.as_deref().unwrap_or_default()
    }

    /// The node's name for messages.
    pub(super) fn label(&self) -> String {
        match self.name.as_deref() {
            None | Some("") => format!("an unnamed {}", self.op()),
            Some(name) => format!("{} ({})", name, self.op()),
        }
    }
}

impl AttributeProto {
    /// `AttributeProto.AttributeType` of a float, an integer and a list of integers.
    const TYPES: [i32; 3] = [1, 2, 7];

    /// A 32-bit float.
    pub(super) fn float(name: &str, value: f32) -> Self {
        let [kind, ..] = Self::TYPES;
        Self { name: Some(name.into()), f: Some(value), r#type: Some(kind), ..Self::default() }
    }

    /// An integer.
    pub(super) fn integer(name: &str, value: i64) -> Self {
        let [_, kind, _] = Self::TYPES;
        Self { name: Some(name.into()), i: Some(value), r#type: Some(kind), ..Self::default() }
    }

    /// A list of integers.
    pub(super) fn integers(name: &str, values: &[i64]) -> Self {
        let [.., kind] = Self::TYPES;
        Self { name: Some(name.into()), ints: values.to_vec(), r#type: Some(kind), ..Self::default() }
    }
}

impl TensorProto {
    /// The tensor's name, or an empty string where the file gives none.
    pub(super) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// A tensor of 32-bit floats.
    pub(super) fn floats(name: String, dims: Vec<i64>, values: &[f32]) -> Self {
        let raw_data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self { dims, data_type: Some(FLOAT), name: Some(name), raw_data: Some(raw_data), ..Self::default() }
    }

    /// A list of 64-bit integers.
    pub(super) fn integers(name: String, values: &[i64]) -> Self {
        let raw_data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let dims = vec![values.len() as i64];
        Self { dims, data_type: Some(INT64), name: Some(name), raw_data: Some(raw_data), ..Self::default() }
    }

    /// The values of a tensor of 64-bit integers, or `None` for any other.
    pub(super) fn to_integers(&self) -> Option<Vec<i64>> {
        if self.data_type != Some(INT64) {
            return None;
        }
        match &self.raw_data {
            Some(raw) => Some(raw.as_chunks::<8>().0.iter().map(|&b| i64::from_le_bytes(b)).collect()),
            None => Some(self.int64_data.clone()),
        }
    }

    /// The values of a tensor of 32-bit floats, or `None` for any other.
    pub(super) fn to_floats(&self) -> Option<Vec<f32>> {
        if self.data_type != Some(FLOAT) {
            return None;
        }
        match &self.raw_data {
            Some(raw) => Some(raw.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect()),
            None => Some(self.float_data.clone()),
        }
    }

    /// The values of a tensor of signed or unsigned bytes, or `None` for any other.
    pub(super) fn to_bytes(&self) -> Option<Vec<i16>> {
        let widen = |byte: u8| match self.data_type {
            Some(INT8) => Some(i16::from(byte.cast_signed())),
            Some(UINT8) => Some(i16::from(byte)),
            _ => None,
        };
        match &self.raw_data {
            Some(raw) => raw.iter().map(|&byte| widen(byte)).collect(),
            None => self.int32_data.iter().map(|&v| widen(v as u8)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_with_their_sign_from_both_places_a_tensor_may_keep_them() {
        let raw = |data_type| TensorProto {
            data_type: Some(data_type),
            raw_data: Some(vec![0x80, 0xff, 0x7f]),
            ..TensorProto::default()
        };
        assert_eq!(raw(INT8).to_bytes().unwrap(), [-128, -1, 127]);
        assert_eq!(raw(UINT8).to_bytes().unwrap(), [128, 255, 127]);
        let listed = TensorProto { data_type: Some(INT8), int32_data: vec![-3, 4], ..TensorProto::default() };
        assert_eq!(listed.to_bytes().unwrap(), [-3, 4]);
        assert_eq!(raw(FLOAT).to_bytes(), None);
    }

    #[test]
    fn floats_come_back_as_they_went_in() {
        let tensor = TensorProto::floats("w".into(), vec![3], &[1.5, -0.0, 3e-9]);
        assert_eq!(tensor.to_floats().unwrap(), [1.5, -0.0, 3e-9]);
    }
}
