use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of LAMB over all parameters at once, in place: Adam's step, made as long as the parameter itself.
    /// `m = beta1 * m + (1 - beta1) * g`, `v = beta2 * v + (1 - beta2) * g^2`,
    /// `r = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay * p`, then `p -= lr * |p| / |r| * r`, or
    /// `p -= lr * r` where one of the norms is 0.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: You and others, 2020 (arXiv
    /// 1904.00962), algorithm 2.
    LambStep = "lamb_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        exp_avg_sqs: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.999, eps: f64 = 1e-6, weight_decay: f64 = 0.0, maximize: bool = false,
    }
}
impl LambStep {
    #[inline(always)]
    fn direction<T: Float>(c: &Numbers<T>, p: T, m: T, v: T) -> T {
        let [_, scale, root, _, _, _, eps, decay, ..] = *c;
        decay.mul_add(p, scale * m / v.sqrt().mul_add(root, eps))
    }
}
impl Update for LambStep {
    fn states(&self) -> usize {
        0b011
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        let LambStep { beta1, beta2, eps, weight_decay, .. } = *self;
        let scale = 1.0 / (1.0 - beta1.powf(counts[0]));
        let root = 1.0 / (1.0 - beta2.powf(counts[0])).sqrt();
        numbers([-lr, scale, root, 1.0 - beta1, beta2, 1.0 - beta2, eps, weight_decay])
    }
    const NORMS: bool = true;
    #[inline(always)]
    fn measure<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [m, v, _]: States<T>) -> ([T; 2], States<T>) {
        let [_, _, _, b1_new, b2, b2_new, ..] = *c;
        let m = b1_new.mul_add(g - m, m);
        let v = b2.mul_add(v, b2_new * g * g);
        ([p, Self::direction(c, p, m, v)], [m, v, T::ZERO])
    }
    fn trust(&self, numbers: &mut Numbers<f64>, [p, r]: [f64; 2]) {
        if p != 0.0 && r != 0.0 {
            numbers[0] *= p / r;
        }
    }
    /// The states have moved already.
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, _g: T, s: States<T>) -> (T, States<T>) {
        (c[0].mul_add(Self::direction(c, p, s[0], s[1]), p), s)
    }
    const FLOPS: u64 = 26;
    fn sample_ops() -> Vec<LambStep> {
        let op = |weight_decay| LambStep { beta1: 0.9, beta2: 0.99, eps: 1e-6, weight_decay, maximize: false };
        vec![op(0.0), op(0.1)]
    }
}
update!(LambStep: 0b011);
