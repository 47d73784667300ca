//! How much of the stack is used. Depth alone does not tell: a level of a call needs ten times what one of a list does,
//! and ten times as much again in a build that is not optimised.

/// What lowering and evaluating may use, half of the smallest stack that a worker thread gets.
const BUDGET: usize = 1 << 20;

/// Where the use of the stack began.
#[derive(Clone, Copy, Debug)]
pub struct Stack(usize);

impl Stack {
    /// From here on.
    #[must_use]
    pub fn here() -> Self {
        Self(address())
    }

    /// Whether no more should be used.
    #[must_use]
    pub fn is_low(self) -> bool {
        self.0.abs_diff(address()) > BUDGET
    }
}

#[inline(never)]
fn address() -> usize {
    let mark = 0_u8;
    std::ptr::from_ref(&mark).addr()
}
