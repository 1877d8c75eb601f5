use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::{sign, States};

op! {
    /// One step of Signum over all parameters at once, in place: `m = momentum * m + (1 - momentum) * g`,
    /// `p -= lr * sign(m)`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Bernstein and others, 2018 (arXiv
    /// 1802.04434).
    SignumStep = "signum_step"(params: List + mutated @ Any, grads: List @ Any, momentum_buffers: List + mutated @ Any,
        steps: List + mutated, lr: One) -> (; 0) { momentum: f64 = 0.9, maximize: bool = false }
}
impl Update for SignumStep {
    /// Which lists of states are in use, by bit.
    fn states(&self) -> usize {
        0b001
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    /// What all elements of a parameter share. `counts[0]` is the number of this step.
    fn numbers(&self, lr: f64, _counts: &mut [f64]) -> Numbers<f64> {
        numbers([-lr, 1.0 - self.momentum])
    }
    /// The new parameter and the new states of one element.
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [m, ..]: States<T>) -> (T, States<T>) {
        let [lr, new, ..] = *c;
        let m = new.mul_add(g - m, m);
        (lr.mul_add(sign(m), p), [m, T::ZERO, T::ZERO])
    }
    const FLOPS: u64 = 6;
    fn sample_ops() -> Vec<SignumStep> {
        vec![SignumStep { momentum: 0.9, maximize: false }]
    }
}
update!(SignumStep: 0b001);
