//! What the fast kernels are made of: vectors of floats of one instruction set.
//!
//! `unsafe` is this module's name: every method needs the instruction set of its type, and the loads and stores need
//! memory behind their pointers. The generic kernels over it are [`primitives`](super::primitives).

/// A register of floats.
///
/// # Safety
/// `LANES` is what `load` and `store` touch, and a block of `2 * ROWS` registers, three operands besides, is what the
/// registers of the instruction set hold.
pub(super) unsafe trait Vector: Copy {
    /// Floats.
    const LANES: usize;
    /// Rows of a register block, which is two registers wide.
    const ROWS: usize;

    /// Every lane this value.
    ///
    /// # Safety
    /// The machine has the instruction set. So for every method.
    unsafe fn splat(value: f32) -> Self;
    /// From memory, however aligned.
    ///
    /// # Safety
    /// `LANES` floats can be read.
    unsafe fn load(from: *const f32) -> Self;
    /// To memory, however aligned.
    ///
    /// # Safety
    /// `LANES` floats can be written.
    unsafe fn store(self, to: *mut f32);
    /// Asks for the cache line behind the pointer, which may point anywhere. Needs no instruction set besides the
    /// processor's own.
    fn fetch(from: *const f32);
    /// `self + other`.
    ///
    /// # Safety
    /// As above.
    unsafe fn add(self, other: Self) -> Self;
    /// `self - other`.
    ///
    /// # Safety
    /// As above.
    unsafe fn sub(self, other: Self) -> Self;
    /// `self * other`.
    ///
    /// # Safety
    /// As above.
    unsafe fn mul(self, other: Self) -> Self;
    /// `self * factor + to`, rounded once.
    ///
    /// # Safety
    /// As above.
    unsafe fn mul_add(self, factor: Self, to: Self) -> Self;
    /// The larger.
    ///
    /// # Safety
    /// As above.
    unsafe fn max(self, other: Self) -> Self;
    /// The smaller.
    ///
    /// # Safety
    /// As above.
    unsafe fn min(self, other: Self) -> Self;
    /// The nearest whole number.
    ///
    /// # Safety
    /// As above.
    unsafe fn round(self) -> Self;
}
