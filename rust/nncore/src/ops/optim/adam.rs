use crate::ops::sgd::{check_lists, state};
use crate::op::*;
use crate::Result;
use nncore_kernels::optim;

op! {
    /// One step of Adam over all parameters at once, in place, with bias correction: `t += 1`,
    /// `m = beta1 * m + (1 - beta1) * g`, `v = beta2 * v + (1 - beta2) * g^2`,
    /// `p -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
    /// `weight_decay` is added to the gradient, or with `decoupled` (AdamW) taken off the parameter as `lr * weight_decay * p`.
    ///
    /// `lr` and the steps, a count for each parameter, are float64 scalar tensors; the counts go up in place. Source: Kingma and Ba, 2015; Loshchilov and
    /// Hutter, 2019.
    AdamStep = "adam_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        exp_avg_sqs: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.999, eps: f64 = 1e-8, weight_decay: f64 = 0.0, decoupled: bool = false,
    }
}
impl Op for AdamStep {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        check_lists(x, 4, 1).map(|_| ())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let n = cx.ins.len() / 5;
        let lr = cx.get::<f64>(5 * n)[0];
        let AdamStep { beta1, beta2, eps, weight_decay, decoupled } = *self;
        for i in 0..n {
            // Each parameter counts its own steps: one may get its first gradient late.
            let count = &mut cx.mutated::<f64>(4 * n + i)[0];
            *count += 1.0;
            let rule = optim::Adam { lr, beta1, beta2, eps, weight_decay, decoupled, step: *count as u64 };
            floats!(cx.spec(i).dtype, T => {
                optim::adam::<T>(&rule, cx.mutated(i), cx.get(n + i), cx.mutated(2 * n + i), cx.mutated(3 * n + i))
            });
        }
        Ok(())
    }
    fn cost(&self, x: Specs, _outs: &Outs) -> Cost {
        Cost { flops: 12 * (x.bytes() / 16) as u64, bytes: x.bytes() as u64 * 7 / 4 }
    }
    fn samples() -> Samples<AdamStep> {
        let op = |decoupled| AdamStep { beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1, decoupled };
        vec![(op(false), state(4, &[0.0, 3.0])), (op(true), state(4, &[0.0, 3.0]))]
    }
}
