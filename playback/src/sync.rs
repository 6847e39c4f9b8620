//! The atomics of what threads share: the standard library's, or those of `loom` where the models are checked.
//!
//! [`Transport`](crate::Transport), the position clock and the callback times take theirs from here alone, so that a
//! model runs the code that is shipped.

#[cfg(loom)]
pub(crate) use loom::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence},
};
#[cfg(not(loom))]
pub(crate) use std::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence},
};
