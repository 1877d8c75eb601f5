use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of Adadelta over all parameters at once, in place: `g += weight_decay * p`,
    /// `s = rho * s + (1 - rho) * g^2`, `d = sqrt(a + eps) / sqrt(s + eps) * g`, `a = rho * a + (1 - rho) * d^2`,
    /// `p -= lr * d`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Zeiler, 2012 (arXiv 1212.5701).
    AdadeltaStep = "adadelta_step"(params: List + mutated @ Any, grads: List @ Any, square_avgs: List + mutated @ Any,
        acc_deltas: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        rho: f64 = 0.9, eps: f64 = 1e-6, weight_decay: f64 = 0.0, maximize: bool = false,
    }
}
impl Update for AdadeltaStep {
    fn states(&self) -> usize {
        0b011
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, _counts: &mut [f64]) -> Numbers<f64> {
        numbers([-lr, self.rho, 1.0 - self.rho, self.eps, self.weight_decay])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [s, a, _]: States<T>) -> (T, States<T>) {
        let [lr, rho, new, eps, decay, ..] = *c;
        let g = decay.mul_add(p, g);
        let s = rho.mul_add(s, new * g * g);
        let d = (a + eps).sqrt() / (s + eps).sqrt() * g;
        let a = rho.mul_add(a, new * d * d);
        (lr.mul_add(d, p), [s, a, T::ZERO])
    }
    const FLOPS: u64 = 16;
    fn sample_ops() -> Vec<AdadeltaStep> {
        vec![AdadeltaStep { rho: 0.9, eps: 1e-6, weight_decay: 0.1, maximize: false }]
    }
}
update!(AdadeltaStep: 0b011);
