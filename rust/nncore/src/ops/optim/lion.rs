use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::{sign, States};

op! {
    /// One step of Lion over all parameters at once, in place:
    /// `p -= lr * (sign(beta1 * m + (1 - beta1) * g) + weight_decay * p)`, then `m = beta2 * m + (1 - beta2) * g`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Chen and others, 2023 (arXiv
    /// 2302.06675), algorithm 2.
    LionStep = "lion_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        steps: List + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.99, weight_decay: f64 = 0.0, maximize: bool = false,
    }
}
impl Update for LionStep {
    fn states(&self) -> usize {
        0b001
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, _counts: &mut [f64]) -> Numbers<f64> {
        numbers([-lr, 1.0 - self.beta1, 1.0 - self.beta2, 1.0 - lr * self.weight_decay])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [m, ..]: States<T>) -> (T, States<T>) {
        let [lr, b1_new, b2_new, shrink, ..] = *c;
        let direction = sign(b1_new.mul_add(g - m, m));
        (lr.mul_add(direction, p * shrink), [b2_new.mul_add(g - m, m), T::ZERO, T::ZERO])
    }
    const FLOPS: u64 = 9;
    fn sample_ops() -> Vec<LionStep> {
        vec![LionStep { beta1: 0.9, beta2: 0.99, weight_decay: 0.1, maximize: false }]
    }
}
update!(LionStep: 0b001);
