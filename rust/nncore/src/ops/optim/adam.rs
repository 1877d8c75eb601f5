use crate::ops::sgd::{check_lists, state};
use crate::op::*;
use crate::{Result, Tensor};
use nncore_kernels::optim;

op! {
    /// One step of Adam over all parameters at once, in place, with bias correction: `t += 1`,
    /// `m = beta1 * m + (1 - beta1) * g`, `v = beta2 * v + (1 - beta2) * g^2`,
    /// `p -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
    /// `weight_decay` is added to the gradient, or with `decoupled` (AdamW) taken off the parameter as `lr * weight_decay * p`.
    ///
    /// `lr` and `step` are float64 scalar tensors; `step` counts in place. Source: Kingma and Ba, 2015; Loshchilov and
    /// Hutter, 2019.
    AdamStep = "adam_step"(params: List + mutated @ Any, grads: List @ Any, exp_avgs: List + mutated @ Any,
        exp_avg_sqs: List + mutated @ Any, step: One + mutated, lr: One) -> (; 0) {
        beta1: f64 = 0.9, beta2: f64 = 0.999, eps: f64 = 1e-8, weight_decay: f64 = 0.0, decoupled: bool = false,
    }
}
impl Op for AdamStep {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        check_lists(x, 4, 2).map(|_| ())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let n = cx.ins.len() / 4;
        let count = &mut cx.mutated::<f64>(4 * n)[0];
        *count += 1.0;
        let AdamStep { beta1, beta2, eps, weight_decay, decoupled } = *self;
        let rule = optim::Adam { lr: cx.get::<f64>(4 * n + 1)[0], beta1, beta2, eps, weight_decay, decoupled, step: *count as u64 };
        for i in 0..n {
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
        let inputs = || {
            let mut v = state(4);
            v.insert(8, Some(Tensor::scalar(3.0f64).expect("a scalar")));
            v
        };
        vec![(op(false), inputs()), (op(true), inputs())]
    }
}
