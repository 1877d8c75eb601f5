use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of stochastic gradient descent over all parameters at once, in place: `g += weight_decay * p`,
    /// `p -= lr * g`. With momentum `v = momentum * v + (1 - dampening) * g` (a parameter's first step sets `v = g`), then
    /// `p -= lr * v`, or with `nesterov` `p -= lr * (g + momentum * v)`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors, so that a schedule reaches a captured step.
    SgdStep = "sgd_step"(params: List + mutated @ Any, grads: List @ Any, momentum_buffers: List + mutated @ Any,
        steps: List + mutated, lr: One) -> (; 0) {
        momentum: f64 = 0.0, dampening: f64 = 0.0, weight_decay: f64 = 0.0, nesterov: bool = false, maximize: bool = false,
    }
}
impl Update for SgdStep {
    fn states(&self) -> usize {
        (self.momentum != 0.0) as usize
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        let first = counts.first() == Some(&1.0);
        let (keep, new) = if first { (0.0, 1.0) } else { (self.momentum, 1.0 - self.dampening) };
        numbers([-lr, self.weight_decay, keep, new, self.momentum])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [v, ..]: States<T>) -> (T, States<T>) {
        let [lr, decay, keep, new, ahead, ..] = *c;
        let g = decay.mul_add(p, g);
        let v = keep.mul_add(v, new * g);
        let step = match (self.momentum == 0.0, self.nesterov) {
            (true, _) => g,
            (_, true) => ahead.mul_add(v, g),
            _ => v,
        };
        (lr.mul_add(step, p), [v, T::ZERO, T::ZERO])
    }
    const FLOPS: u64 = 6;
    fn sample_ops() -> Vec<SgdStep> {
        let op = |momentum, dampening, nesterov| SgdStep { momentum, dampening, weight_decay: 0.1, nesterov, maximize: nesterov };
        vec![op(0.0, 0.0, false), op(0.9, 0.1, false), op(0.9, 0.0, true)]
    }
}
update!(SgdStep: 0b0, 0b1);
