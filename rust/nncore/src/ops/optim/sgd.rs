use crate::op::*;
use crate::{err, DType, Kind, Result, Spec};
use nncore_kernels::optim;

op! {
    /// One step of stochastic gradient descent over all parameters at once, in place:
    /// `p -= lr * (g + weight_decay * p)`. `lr` is a float64 scalar tensor, so that a schedule reaches a captured step.
    SgdStep = "sgd_step"(params: List + mutated @ Any, grads: List @ Any, lr: One) -> (; 0) { weight_decay: f64 = 0.0 }
}
op! {
    /// One step with momentum over all parameters at once, in place: `g += weight_decay * p`,
    /// `v = momentum * v + (1 - dampening) * g` (a parameter's first step sets `v = g`), then `p -= lr * v`, or with
    /// `nesterov` `p -= lr * (g + momentum * v)`. The steps, a count for each parameter, are float64 scalar tensors that
    /// go up in place.
    SgdMomentumStep = "sgd_momentum_step"(params: List + mutated @ Any, grads: List @ Any, velocities: List + mutated @ Any,
        steps: List + mutated, lr: One) -> (; 0) {
        momentum: f64, dampening: f64 = 0.0, weight_decay: f64 = 0.0, nesterov: bool = false,
    }
}
/// What every optimizer step checks: `lists` lists of equal length whose i-th members lie alike, then `counts` lists of
/// float64 scalars, then the learning rate, one more.
pub fn check_lists(x: Specs, lists: usize, counts: usize) -> Result<usize> {
    let n = x.len().saturating_sub(1) / (lists + counts);
    if x.len() != n * (lists + counts) + 1 {
        return Err(err(Kind::Shape, "as many gradients and states as parameters expected"));
    }
    for s in (n * lists..x.len()).map(|k| &x[k]) {
        if s.dtype != DType::F64 || s.numel() != 1 {
            return Err(err(Kind::DType, format!("a float64 scalar expected for the learning rate or a count, got {s}")));
        }
    }
    for i in 0..n {
        let p = &x[i];
        let fits = |s: &Spec| s.dtype == p.dtype && s.same_walk(p);
        if !p.dtype.is_float() || !p.is_dense() || !(1..lists).all(|k| fits(&x[k * n + i])) {
            let others: Vec<String> = (1..lists).map(|k| format!("{:?}", x[k * n + i])).collect();
            return Err(err(Kind::Shape, format!("parameter {i} is {p:?}, its gradient and states are {}", others.join(", "))));
        }
    }
    Ok(n)
}
impl Op for SgdStep {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        check_lists(x, 2, 0).map(|_| ())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let n = cx.ins.len() / 2;
        let lr = cx.get::<f64>(2 * n)[0];
        let rule = optim::Sgd { lr, weight_decay: self.weight_decay, ..Default::default() };
        for i in 0..n {
            floats!(cx.spec(i).dtype, T => optim::sgd::<T>(&rule, cx.mutated(i), cx.get(n + i), &mut []));
        }
        Ok(())
    }
    fn cost(&self, x: Specs, _outs: &Outs) -> Cost {
        Cost { flops: 2 * (x.bytes() / 8) as u64, bytes: x.bytes() as u64 * 3 / 2 }
    }
    fn samples() -> Samples<SgdStep> {
        vec![(SgdStep { weight_decay: 0.1 }, state(2, &[]))]
    }
}
impl Op for SgdMomentumStep {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        if self.momentum == 0.0 {
            return Err(err(Kind::Value, "momentum is 0: sgd_step needs no velocities"));
        }
        check_lists(x, 3, 1).map(|_| ())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let n = cx.ins.len() / 4;
        let lr = cx.get::<f64>(4 * n)[0];
        let SgdMomentumStep { momentum, dampening, weight_decay, nesterov } = *self;
        for i in 0..n {
            // Each parameter counts its own steps: one may get its first gradient late.
            let count = &mut cx.mutated::<f64>(3 * n + i)[0];
            *count += 1.0;
            let rule = optim::Sgd { lr, momentum, dampening, nesterov, weight_decay, first: *count == 1.0 };
            floats!(cx.spec(i).dtype, T => optim::sgd::<T>(&rule, cx.mutated(i), cx.get(n + i), cx.mutated(2 * n + i)));
        }
        Ok(())
    }
    fn cost(&self, x: Specs, _outs: &Outs) -> Cost {
        Cost { flops: 2 * (x.bytes() / 6) as u64, bytes: x.bytes() as u64 * 5 / 3 }
    }
    fn samples() -> Samples<SgdMomentumStep> {
        let op = |nesterov| SgdMomentumStep { momentum: 0.9, dampening: 0.1, weight_decay: 0.1, nesterov };
        vec![(op(false), state(3, &[0.0, 3.0])), (op(true), state(3, &[0.0, 3.0]))]
    }
}
/// `lists` lists for two parameters, their counts, and a learning rate.
pub fn state(lists: u64, counts: &[f64]) -> Vec<Option<crate::Tensor>> {
    let list = |k: u64| [Some(crate::ops::sample_in(k, &[2, 3], 0.1, 1.0)), Some(crate::ops::sample_in(9 + k, &[4], 0.1, 1.0))];
    let mut v: Vec<_> = (0..lists).flat_map(list).collect();
    v.extend(counts.iter().chain(&[0.1]).map(|&c| Some(crate::Tensor::scalar(c).expect("a scalar"))));
    v
}
