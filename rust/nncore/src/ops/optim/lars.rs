use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of LARS over all parameters at once, in place: momentum whose rate follows the norms of each parameter and
    /// its gradient. `rate = lr * trust_coefficient * |p| / (|g| + weight_decay * |p| + eps)`, or `lr` where one of the
    /// norms is 0; `v = momentum * v + rate * (g + weight_decay * p)`, `p -= v`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: You and others, 2017 (arXiv
    /// 1708.03888), algorithm 1.
    LarsStep = "lars_step"(params: List + mutated @ Any, grads: List @ Any, momentum_buffers: List + mutated @ Any,
        steps: List + mutated, lr: One) -> (; 0) {
        momentum: f64 = 0.9, weight_decay: f64 = 0.0, trust_coefficient: f64 = 0.001, eps: f64 = 0.0, maximize: bool = false,
    }
}
impl Update for LarsStep {
    fn states(&self) -> usize {
        0b001
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, _counts: &mut [f64]) -> Numbers<f64> {
        numbers([lr, self.momentum, self.weight_decay])
    }
    const NORMS: bool = true;
    #[inline(always)]
    fn measure<T: Float>(&self, _c: &Numbers<T>, p: T, g: T, s: States<T>) -> ([T; 2], States<T>) {
        ([p, g], s)
    }
    fn trust(&self, numbers: &mut Numbers<f64>, [p, g]: [f64; 2]) {
        if p != 0.0 && g != 0.0 {
            numbers[0] *= self.trust_coefficient * p / (g + self.weight_decay * p + self.eps);
        }
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [v, ..]: States<T>) -> (T, States<T>) {
        let [rate, momentum, decay, ..] = *c;
        let v = momentum.mul_add(v, rate * decay.mul_add(p, g));
        (p - v, [v, T::ZERO, T::ZERO])
    }
    const FLOPS: u64 = 10;
    fn sample_ops() -> Vec<LarsStep> {
        let op = |momentum, eps| LarsStep { momentum, weight_decay: 0.1, trust_coefficient: 0.02, eps, maximize: false };
        vec![op(0.9, 0.0), op(0.0, 1e-8)]
    }
}
update!(LarsStep: 0b001);
