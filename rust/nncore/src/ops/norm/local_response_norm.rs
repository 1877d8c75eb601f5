use crate::ops::{add::add, div::div, exp::exp, full, log::log, mul::mul, scale::scale, slice::narrow};
use crate::op::*;
use crate::{err, Kind, Result, Spec, Tensor};
use nncore_kernels::norm::{self, Response};
use smallvec::smallvec;

op! {
    /// Local response normalization: `x / (k + alpha * m) ** beta`, where m is the mean of the squares of `size` neighbouring
    /// channels, `size // 2` of them before the own one; channels outside count as zeros.
    ///
    /// Shape: (N, C, ...); the result has the same. The papers multiply alpha with the sum of the squares instead of their
    /// mean: `average=False` does that (AlexNet: size=5, alpha=1e-4, beta=0.75, k=2). Raises `ShapeError` for fewer than 3
    /// dimensions. Source: Krizhevsky, Sutskever and Hinton, 2012, section 3.3.
    pub LocalResponseNorm = "local_response_norm"(input: One + float @ Dense) -> (output, scale; 1) {
        size: i64, alpha: f64 = 1e-4, beta: f64 = 0.75, k: f64 = 1.0, average: bool = true,
    }
}
op! {
    /// Gradient of `local_response_norm`, from what it divided by (before the power).
    LocalResponseNormGrad = "local_response_norm_grad"(grad: One @ Dense, input: One @ Dense, scale: One @ Dense) -> (grad_input; 1) {
        size: i64, alpha: f64 = 1e-4, beta: f64 = 0.75, k: f64 = 1.0, average: bool = true,
    }
}
/// Alpha as a factor of the sum.
fn factor(alpha: f64, size: i64, average: bool) -> f64 {
    if average {
        alpha / size as f64
    } else {
        alpha
    }
}
fn response(x: &Spec, size: i64, alpha: f64, beta: f64, k: f64) -> Response {
    let inner = if x.is_contiguous() { (2..x.rank()).map(|i| x.d(i)).product() } else { 1 };
    // There are no neighbours beyond the last channel.
    let (size, channels) = (size as usize, x.d(1));
    Response { channels, inner, before: (size / 2).min(channels), after: ((size - 1) / 2).min(channels), alpha, beta, k }
}
impl Op for LocalResponseNorm {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        if x[0].rank() < 3 {
            return Err(err(Kind::Shape, format!("an input (N, C, ...) of 3 dimensions or more expected, got {:?}", x[0].dims())));
        }
        if !(1..1 << 31).contains(&self.size) {
            return Err(err(Kind::Value, format!("size is a number of channels from 1 on and below 2**31, got {}", self.size)));
        }
        out.fresh(x[0])?;
        out.fresh(x[0])
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = response(cx.spec(0), self.size, factor(self.alpha, self.size, self.average), self.beta, self.k);
        floats!(cx.spec(0).dtype, T => norm::response::<T>(&p, cx.get(0), cx.out(0), cx.out(1)));
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b1, 0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        if cx.create_graph {
            return cx.through(&[0], |ins| self.composed(ins[0].as_ref().expect("input")));
        }
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None]) };
        let x = cx.input(0)?;
        let dy = if dy.spec.same_walk(&x.spec) { dy.clone() } else { crate::ops::copy::like(dy, &x.spec)? };
        let LocalResponseNorm { size, alpha, beta, k, average } = *self;
        let op = LocalResponseNormGrad { size, alpha, beta, k, average };
        Ok(smallvec![Some(cx.emit(&op, &[&dy, &x, &cx.output(1)?.detach()])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: (2 * self.size.max(1) as u64 + 6) * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LocalResponseNorm> {
        let case = |size, alpha, beta, k, average, d: &[u32]| {
            (LocalResponseNorm { size, alpha, beta, k, average }, vec![Some(crate::ops::sample_in(1, d, -2.0, 2.0))])
        };
        let last = crate::ops::copy::to_layout(&crate::ops::sample(1, &[2, 7, 2, 3]), Layout::ChannelsLast).expect("a copy");
        vec![
            case(5, 1e-4, 0.75, 2.0, false, &[2, 6, 3, 2]),
            case(4, 0.5, 0.6, 1.0, true, &[2, 3, 2]),
            case(9, 0.5, 0.75, 1.0, true, &[1, 3, 2]),
            (LocalResponseNorm { size: 3, alpha: 0.3, beta: 0.75, k: 1.0, average: true }, vec![Some(last)]),
            case(2, 0.5, 0.75, 1.0, true, &[0, 3, 2]),
        ]
    }
    fn refusals() -> Refusals<LocalResponseNorm> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = |size| LocalResponseNorm { size, alpha: 1e-4, beta: 0.75, k: 1.0, average: true };
        vec![
            (op(0), vec![s(&[2, 6, 3])], Kind::Value, "got 0"),
            (op(5), vec![s(&[2, 6])], Kind::Shape, "3 dimensions or more expected, got [2, 6]"),
        ]
    }
}
impl LocalResponseNorm {
    fn composed(&self, x: &Tensor) -> Result<Tensor> {
        let (c, squares) = (x.spec.d(1) as i64, mul(x, x)?);
        let mut total: Option<Tensor> = None;
        // Shifted copies, with zeros for the channels outside.
        for shift in -(self.size / 2).min(c)..=((self.size - 1) / 2).min(c) {
            let (from, to) = (shift.clamp(0, c), (c + shift).clamp(0, c));
            let own = narrow(&squares, 1, from, to)?;
            let zeros = |n: i64| {
                let mut shape = x.spec.shape();
                shape[1] = n;
                crate::dispatch::one(&full::Full { shape, value: 0.0, dtype: x.spec.dtype }, &[])
            };
            let (low, high) = ((-shift).clamp(0, c), shift.clamp(0, c));
            let shifted = crate::ops::cat::cat(&[&zeros(low)?, &own, &zeros(high)?], 1)?;
            total = Some(total.map_or(Ok(shifted.clone()), |t| add(&t, &shifted))?);
        }
        let sum = scale(&total.expect("size is at least 1"), factor(self.alpha, self.size, self.average))?;
        let d = add(&sum, &full::scalar(self.k, x.spec.dtype)?)?;
        div(x, &exp(&scale(&log(&d)?, self.beta)?)?)
    }
}
impl Op for LocalResponseNormGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].same_walk(&x[1]) || !x[2].same_walk(&x[1]) {
            return Err(err(Kind::Layout, "gradient, input and scale of one layout expected"));
        }
        out.fresh(x[1])
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        x[1].bytes()
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = response(cx.spec(1), self.size, factor(self.alpha, self.size, self.average), self.beta, self.k);
        floats!(cx.spec(1).dtype, T => {
            let scratch: &mut [T] = match cx.spec(1).numel() {
                0 => &mut [],
                // The scratch is aligned and as long as the input.
                n => unsafe { std::slice::from_raw_parts_mut(cx.scratch.cast(), n) },
            };
            norm::response_gradient(&p, cx.get(1), cx.get(2), cx.get(0), cx.out(0), scratch);
        });
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: (self.size.max(1) as u64 + 10) * x[1].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LocalResponseNormGrad> {
        let op = LocalResponseNormGrad { size: 3, alpha: 0.3, beta: 0.75, k: 1.0, average: true };
        let s = |seed, low| Some(crate::ops::sample_in(seed, &[2, 4, 3], low, 2.0));
        vec![(op, vec![s(1, -2.0), s(2, -2.0), s(3, 1.0)])]
    }
}
