use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of Adagrad over all parameters at once, in place: `g += weight_decay * p`, `s += g^2`,
    /// `p -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Duchi and others, 2011.
    AdagradStep = "adagrad_step"(params: List + mutated @ Any, grads: List @ Any, sums: List + mutated @ Any,
        steps: List + mutated, lr: One) -> (; 0) {
        lr_decay: f64 = 0.0, weight_decay: f64 = 0.0, eps: f64 = 1e-10, maximize: bool = false,
    }
}
impl Update for AdagradStep {
    fn states(&self) -> usize {
        0b001
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        numbers([-lr / (1.0 + (counts[0] - 1.0) * self.lr_decay), self.weight_decay, self.eps])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [sum, ..]: States<T>) -> (T, States<T>) {
        let [rate, decay, eps, ..] = *c;
        let g = decay.mul_add(p, g);
        let sum = g.mul_add(g, sum);
        (rate.mul_add(g / (sum.sqrt() + eps), p), [sum, T::ZERO, T::ZERO])
    }
    const FLOPS: u64 = 8;
    fn sample_ops() -> Vec<AdagradStep> {
        vec![AdagradStep { lr_decay: 0.1, weight_decay: 0.1, eps: 1e-10, maximize: false }]
    }
}
update!(AdagradStep: 0b001);
