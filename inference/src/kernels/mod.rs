//! What the generator is computed with: convolutions and products over time-major rows of floats.
//!
//! Time-major means that the channels of one moment stand side by side: a row of `width` floats per frame. A layer is
//! fused: what stands before a convolution (normalisation and Snake, or a leaky rectifier) is applied as its input is
//! loaded, and what stands behind it (bias, residual, the sums that the next normalisation asks for) as its output is
//! stored.
//!
//! Every operation exists once as plain code, the [portable](Isa::Portable) path, which is the reference that the
//! others are tested against. The fast ones are written once over a vector type and compiled for each instruction set;
//! [`Isa::best`] or the user's word in `SOSTENUTO_ISA` ([`Isa::chosen`]) decides which runs. `checkkernels` among the
//! benches checks and times all of them on the machine that it runs on.
//!
//! Nothing here allocates once a layer is packed, starts threads or waits: callers give each call the rows that it is to
//! compute and memory to work in.
//!
//! `unsafe` lives in `vector`, `primitives`, `vnni`, `wide` and the modules that are named for an instruction set; [`Isa`] is
//! where it is made sure that the machine has it.

mod aligned;
#[cfg(target_arch = "x86_64")]
#[expect(clippy::inline_always, reason = "what is not inlined is not compiled for the instruction set")]
mod avx2;
#[cfg(target_arch = "x86_64")]
#[expect(clippy::inline_always, reason = "what is not inlined is not compiled for the instruction set")]
mod avx512;
pub mod chance;
mod conv;
mod dense;
mod int8;
mod isa;
mod load;
#[cfg(target_arch = "aarch64")]
#[expect(clippy::inline_always, reason = "what is not inlined is not compiled for the instruction set")]
mod neon;
mod points;
#[expect(clippy::inline_always, reason = "what is not inlined is not compiled for the instruction set")]
mod primitives;
mod rows;
mod sums;
mod tiled;
mod vector;
#[cfg(target_arch = "x86_64")]
mod vnni;
mod wide;

pub use conv::{Conv, ConvJob, ConvShape};
pub use dense::{Dense, DenseJob};
pub use int8::Int8Conv;
pub use isa::{ISA_VARIABLE, Isa, IsaError, UnknownIsa};
pub use load::{Load, activate};
pub use rows::Rows;
pub use sums::{Sums, add_sums};
pub(crate) use wide::wide;
