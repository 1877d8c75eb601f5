use crate::op::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::States;

op! {
    /// One step of resilient propagation over all parameters at once, in place. Each element has a step size, at first
    /// `lr`. Where the gradient keeps its sign that is times `etaplus`, where it turns times `etaminus`, within
    /// `[step_size_min, step_size_max]`; where it turned the gradient then counts as 0. `p -= sign(g) * size`.
    ///
    /// `lr` and the steps made, for each parameter, are float64 scalar tensors. Source: Riedmiller and Braun, 1993, in the
    /// form without going back (iRprop-) that PyTorch has.
    RpropStep = "rprop_step"(params: List + mutated @ Any, grads: List @ Any, prevs: List + mutated @ Any,
        step_sizes: List + mutated @ Any, steps: List + mutated, lr: One) -> (; 0) {
        etaminus: f64 = 0.5, etaplus: f64 = 1.2, step_size_min: f64 = 1e-6, step_size_max: f64 = 50.0, maximize: bool = false,
    }
}
impl Update for RpropStep {
    fn states(&self) -> usize {
        0b011
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64> {
        // On the first step every size is `lr`, whatever it was.
        let (start, keep) = if counts[0] == 1.0 { (lr, 0.0) } else { (0.0, 1.0) };
        numbers([start, keep, self.etaminus, self.etaplus, self.step_size_min, self.step_size_max])
    }
    #[inline(always)]
    fn eval<T: Float>(&self, c: &Numbers<T>, p: T, g: T, [prev, size, _]: States<T>) -> (T, States<T>) {
        let [start, keep, minus, plus, least, most, ..] = *c;
        let turn = g * prev;
        let factor = if turn > T::ZERO { plus } else { T::ONE };
        let factor = if turn < T::ZERO { minus } else { factor };
        let size = keep.mul_add(size, start) * factor;
        let size = if size < least { least } else { size };
        let size = if size > most { most } else { size };
        let g = if turn < T::ZERO { T::ZERO } else { g };
        // A gradient that is NaN moves nothing, as in PyTorch.
        let step = if g > T::ZERO { size } else { T::ZERO };
        let step = if g < T::ZERO { -size } else { step };
        (p - step, [g, size, T::ZERO])
    }
    const FLOPS: u64 = 4;
    fn sample_ops() -> Vec<RpropStep> {
        let op = |maximize| RpropStep { etaminus: 0.5, etaplus: 1.2, step_size_min: 1e-6, step_size_max: 0.7, maximize };
        vec![op(false), op(true)]
    }
}
update!(RpropStep: 0b011);
