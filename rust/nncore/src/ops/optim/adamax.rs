use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::{larger, States};

op! {
    /// One step of Adamax, Adam with the largest gradient in the place of the root, over all parameters at once, in place:
    /// `g += weight_decay * p`, `m = beta1 * m + (1 - beta1) * g`, `u = max(beta2 * u, |g| + eps)`,
    /// `p -= lr / (1 - beta1^t) * m / u`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Kingma and Ba, 2015, section 7.1.
    AdamaxStep = "adamax_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        exp_infs: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.999, eps: f64 = 1e-8, weight_decay: f64 = 0.0, maximize: bool = false,
    }
}
impl Update for AdamaxStep {
    fn states(&self) -> usize {
        0b011
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        let rate = -lr / (1.0 - self.beta1.powf(counts[0]));
        numbers([rate, 1.0 - self.beta1, self.beta2, self.eps, self.weight_decay])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [m, u, _]: States<T>) -> (T, States<T>) {
        let [rate, b1_new, b2, eps, decay, ..] = *c;
        let g = decay.mul_add(p, g);
        let m = b1_new.mul_add(g - m, m);
        let u = larger(b2 * u, g.abs() + eps);
        (rate.mul_add(m / u, p), [m, u, T::ZERO])
    }
    const FLOPS: u64 = 11;
    fn sample_ops() -> Vec<AdamaxStep> {
        vec![AdamaxStep { beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1, maximize: false }]
    }
}
update!(AdamaxStep: 0b011);
