use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::{larger, States};

op! {
    /// One step of Adam over all parameters at once, in place, with bias correction: `m = beta1 * m + (1 - beta1) * g`,
    /// `v = beta2 * v + (1 - beta2) * g^2`, `p -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`. With
    /// `amsgrad` the largest `v` so far stands in the root. `weight_decay` is added to the gradient, or with `decoupled`
    /// (AdamW) taken off the parameter as `lr * weight_decay * p`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Kingma and Ba, 2015; Loshchilov
    /// and Hutter, 2019; Reddi and others, 2018.
    AdamStep = "adam_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        exp_avg_sqs: List + mutated @ Any, max_exp_avg_sqs: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.999, eps: f64 = 1e-8, weight_decay: f64 = 0.0, amsgrad: bool = false,
        decoupled: bool = false, maximize: bool = false,
    }
}
impl Update for AdamStep {
    fn states(&self) -> usize {
        if self.amsgrad { 0b111 } else { 0b011 }
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        let AdamStep { beta1, beta2, eps, .. } = *self;
        let rate = -lr / (1.0 - beta1.powf(counts[0]));
        let root = 1.0 / (1.0 - beta2.powf(counts[0])).sqrt();
        let (shrink, decay) = decays(self.decoupled, lr, self.weight_decay);
        numbers([rate, root, 1.0 - beta1, beta2, 1.0 - beta2, eps, shrink, decay])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [m, v, most]: States<T>) -> (T, States<T>) {
        let [rate, root, b1_new, b2, b2_new, eps, shrink, decay, ..] = *c;
        let old = p * shrink;
        let g = decay.mul_add(p, g);
        let m = b1_new.mul_add(g - m, m);
        let v = b2.mul_add(v, b2_new * g * g);
        let most = larger(most, v);
        let under = if self.amsgrad { most } else { v };
        (rate.mul_add(m / under.sqrt().mul_add(root, eps), old), [m, v, most])
    }
    const FLOPS: u64 = 14;
    fn sample_ops() -> Vec<AdamStep> {
        let op = |amsgrad, decoupled| AdamStep { beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1, amsgrad, decoupled, maximize: amsgrad };
        vec![op(false, false), op(false, true), op(true, false)]
    }
}
update!(AdamStep: 0b011, 0b111);
