use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of rectified Adam over all parameters at once, in place. `m` and `v` are Adam's; `rho_t` is the length of
    /// the mean that `v` amounts to: `rho_inf = 2 / (1 - beta2) - 1`, `rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t)`.
    /// Up to 5 the step is `p -= lr * m / (1 - beta1^t)`; above it that is times
    /// `sqrt((rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t)) * sqrt(1 - beta2^t) / (sqrt(v) + eps)`.
    /// `weight_decay` as in `adam_step`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Liu and others, 2020, with the
    /// bound of PyTorch's form.
    RadamStep = "radam_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        exp_avg_sqs: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.999, eps: f64 = 1e-8, weight_decay: f64 = 0.0, decoupled: bool = false,
        maximize: bool = false,
    }
}
impl Update for RadamStep {
    fn states(&self) -> usize {
        0b011
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        let RadamStep { beta1, beta2, eps, .. } = *self;
        let t = counts[0];
        let left = 1.0 - beta2.powf(t);
        let most = 2.0 / (1.0 - beta2) - 1.0;
        let length = most - 2.0 * t * beta2.powf(t) / left;
        let plain = -lr / (1.0 - beta1.powf(t));
        // Before the variance is known the step is that of momentum: the root then counts for nothing.
        let (rate, root, eps) = if length > 5.0 {
            let rect = (length - 4.0) * (length - 2.0) * most / ((most - 4.0) * (most - 2.0) * length);
            (plain * rect.sqrt() * left.sqrt(), 1.0, eps)
        } else {
            (plain, 0.0, 1.0)
        };
        let (shrink, decay) = decays(self.decoupled, lr, self.weight_decay);
        numbers([rate, root, 1.0 - beta1, beta2, 1.0 - beta2, eps, shrink, decay])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [m, v, _]: States<T>) -> (T, States<T>) {
        let [rate, root, b1_new, b2, b2_new, eps, shrink, decay, ..] = *c;
        let old = p * shrink;
        let g = decay.mul_add(p, g);
        let m = b1_new.mul_add(g - m, m);
        let v = b2.mul_add(v, b2_new * g * g);
        (rate.mul_add(m / root.mul_add(v.sqrt(), eps), old), [m, v, T::ZERO])
    }
    const FLOPS: u64 = 14;
    fn sample_ops() -> Vec<RadamStep> {
        let op = |beta2, decoupled| RadamStep { beta1: 0.9, beta2, eps: 1e-8, weight_decay: 0.1, decoupled, maximize: decoupled };
        vec![op(0.99, false), op(0.5, true)]
    }
}
update!(RadamStep: 0b011);
