use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of NAdam, Adam with Nesterov's momentum, over all parameters at once, in place. With
    /// `mu_t = beta1 * (1 - 0.96^(t * momentum_decay) / 2)` and `M` the product of all `mu` so far:
    /// `m = beta1 * m + (1 - beta1) * g`, `v = beta2 * v + (1 - beta2) * g^2`, then
    /// `p -= lr * ((1 - mu_t) / (1 - M) * g + mu_{t+1} / (1 - M * mu_{t+1}) * m) / (sqrt(v / (1 - beta2^t)) + eps)`.
    /// `weight_decay` as in `adam_step`.
    ///
    /// `lr`, the steps made and `M`, for each parameter, are float64 scalar tensors. Source: Dozat, 2016, in PyTorch's form.
    NadamStep = "nadam_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        exp_avg_sqs: List + mutated @ Any, steps: List + mutated, mu_products: List + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.999, eps: f64 = 1e-8, weight_decay: f64 = 0.0, momentum_decay: f64 = 0.004,
        decoupled: bool = false, maximize: bool = false,
    }
}
impl Update for NadamStep {
    fn states(&self) -> usize {
        0b011
    }
    const COUNTS: usize = 2;
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        let NadamStep { beta1, beta2, eps, momentum_decay, .. } = *self;
        let mu = |t: f64| beta1 * (1.0 - 0.5 * 0.96f64.powf(t * momentum_decay));
        let (now, next) = (mu(counts[0]), mu(counts[0] + 1.0));
        counts[1] *= now;
        let direct = -lr * (1.0 - now) / (1.0 - counts[1]);
        let ahead = -lr * next / (1.0 - counts[1] * next);
        let root = 1.0 / (1.0 - beta2.powf(counts[0])).sqrt();
        let (shrink, decay) = decays(self.decoupled, lr, self.weight_decay);
        numbers([direct, ahead, root, 1.0 - beta1, beta2, 1.0 - beta2, eps, shrink, decay])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [m, v, _]: States<T>) -> (T, States<T>) {
        let [direct, ahead, root, b1_new, b2, b2_new, eps, shrink, decay, ..] = *c;
        let old = p * shrink;
        let g = decay.mul_add(p, g);
        let m = b1_new.mul_add(g - m, m);
        let v = b2.mul_add(v, b2_new * g * g);
        let step = direct.mul_add(g, ahead * m);
        (old + step / v.sqrt().mul_add(root, eps), [m, v, T::ZERO])
    }
    const FLOPS: u64 = 17;
    fn sample_ops() -> Vec<NadamStep> {
        let op = |decoupled| NadamStep { beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1, momentum_decay: 0.004, decoupled, maximize: decoupled };
        vec![op(false), op(true)]
    }
}
update!(NadamStep: 0b011);
