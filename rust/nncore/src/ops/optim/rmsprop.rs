use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of RMSprop over all parameters at once, in place: `g += weight_decay * p`,
    /// `s = alpha * s + (1 - alpha) * g^2`, `d = g / (sqrt(s) + eps)`, `p -= lr * d`. `centered` divides by
    /// `sqrt(s - a^2) + eps`, where `a = alpha * a + (1 - alpha) * g`; with momentum `b = momentum * b + d` and
    /// `p -= lr * b`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Hinton's lecture 6e of 2012, and
    /// Graves, 2013 (arXiv 1308.0850), for `centered`.
    RmspropStep = "rmsprop_step"(params: List + mutated @ Any, grads: List @ Any, square_avgs: List + mutated @ Any,
        grad_avgs: List + mutated @ Any, momentum_buffers: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        alpha: f64 = 0.99, eps: f64 = 1e-8, weight_decay: f64 = 0.0, momentum: f64 = 0.0, centered: bool = false,
        maximize: bool = false,
    }
}
impl Update for RmspropStep {
    fn states(&self) -> usize {
        0b001 | (self.centered as usize) << 1 | ((self.momentum > 0.0) as usize) << 2
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, _counts: &mut [f64]) -> Numbers<f64> {
        numbers([-lr, self.alpha, 1.0 - self.alpha, self.eps, self.weight_decay, self.momentum])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [s, a, b]: States<T>) -> (T, States<T>) {
        let [lr, alpha, new, eps, decay, momentum, ..] = *c;
        let g = decay.mul_add(p, g);
        let s = alpha.mul_add(s, new * g * g);
        let a = new.mul_add(g - a, a);
        let variance = if self.centered { (-a).mul_add(a, s) } else { s };
        // Without momentum nothing is kept of `b`, which comes as 0.
        let b = momentum.mul_add(b, g / (variance.sqrt() + eps));
        (lr.mul_add(b, p), [s, a, b])
    }
    const FLOPS: u64 = 14;
    fn sample_ops() -> Vec<RmspropStep> {
        let op = |momentum, centered| RmspropStep { alpha: 0.9, eps: 1e-2, weight_decay: 0.1, momentum, centered, maximize: false };
        vec![op(0.0, false), op(0.9, false), op(0.0, true), op(0.9, true)]
    }
}
update!(RmspropStep: 0b001, 0b011, 0b101, 0b111);
