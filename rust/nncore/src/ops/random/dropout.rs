use crate::ops::rng::{check_ticket, generator, next, seed_and_draw};
use crate::op::*;
use crate::shape::{Dim, Spec};
use crate::{err, DType, Kind, Result, Tensor};
use nncore_kernels::random;
use smallvec::smallvec;

op! {
    /// Zeroes each element with probability `p` and divides the others by `1 - p`. Which ones is a function of the ticket and
    /// the element's place (row-major) alone. `kept` has a bit for each element, for the gradient: drawing the mask again would
    /// cost six times as much as reading that.
    ///
    /// Shape: any; the result has the same. Raises `ValueError` unless `0 <= p < 1`.
    Dropout = "dropout"(input: One, ticket: One) -> (output, kept; 1) { p: f64 = 0.5 }
}
op! {
    /// Gradient of `dropout`: `grad / (1 - p)` where the mask of bits has kept the element, else 0.
    DropoutGrad = "dropout_grad"(grad: One, kept: One + constant) -> (grad_input; 1) { p: f64 = 0.5 }
}
/// The mask of an input of `x`.
fn mask(x: &Spec) -> Spec {
    Spec::new(DType::U8, &[random::mask_bytes(x.numel()) as Dim])
}
pub(super) fn check_p(p: f64) -> Result<()> {
    if !(0.0..1.0).contains(&p) {
        return Err(err(Kind::Value, format!("p is the probability of dropping, 0 <= p < 1, got {p}")));
    }
    Ok(())
}
impl Op for Dropout {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_p(self.p)?;
        check_ticket(&x[1])?;
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        out.fresh(Spec::new(x[0].dtype, x[0].dims()))?;
        out.fresh(mask(&x[0]))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let ((seed, draw), scale) = (seed_and_draw(cx, 1), 1.0 / (1.0 - self.p));
        floats!(cx.spec(0).dtype, T => random::dropout(seed, draw, self.p, scale as T, cx.get::<T>(0), cx.out(0), cx.out(1)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None, None]) };
        Ok(smallvec![Some(cx.emit(&DropoutGrad { p: self.p }, &[dy, &cx.output(1)?.detach()])?), None])
    }
    fn samples() -> Samples<Dropout> {
        let case = |p, d: &[u32]| (Dropout { p }, vec![Some(crate::ops::sample(1, d)), Some(generator(5))]);
        vec![case(0.5, &[3, 40]), case(0.1, &[2, 3, 2, 2]), case(0.0, &[4]), case(0.5, &[]), case(0.5, &[0, 2])]
    }
    fn refusals() -> Refusals<Dropout> {
        vec![
            (Dropout { p: 1.0 }, vec![given::float(&[2]), Some(generator(5))], Kind::Value, "0 <= p < 1, got 1"),
            (Dropout { p: 0.5 }, given::floats(&[&[2], &[2]]), Kind::DType, "a ticket is int64 of shape [2], got float64(2,)"),
        ]
    }
}

impl Op for DropoutGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_p(self.p)?;
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        let want = mask(&x[0]);
        if x[1].dtype != want.dtype || x[1].dims() != want.dims() {
            return Err(err(Kind::Shape, format!("a mask of {want} expected, got {}", x[1])));
        }
        out.fresh(Spec::new(x[0].dtype, x[0].dims()))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let scale = 1.0 / (1.0 - self.p);
        floats!(cx.spec(0).dtype, T => random::masked(cx.get(1), scale as T, cx.get::<T>(0), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    /// It is linear, and its own transpose.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(self, &[cx.dy(0), &cx.input(1)?])?), None])
    }
    fn samples() -> Samples<DropoutGrad> {
        let case = |p, d: &[u32], kept: &[u8]| {
            let kept = Tensor::from_slice(kept, &[kept.len() as Dim]).expect("a small tensor");
            (DropoutGrad { p }, vec![Some(crate::ops::sample(1, d)), Some(kept)])
        };
        vec![case(0.5, &[3, 4], &[0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0]), case(0.2, &[], &[1; 16]), case(0.1, &[2, 35], &[0x6b; 16])]
    }
    fn refusals() -> Refusals<DropoutGrad> {
        let op = |p| DropoutGrad { p };
        vec![
            (op(0.5), vec![given::float(&[65]), given::zeros(DType::U8, &[8])], Kind::Shape, "a mask of uint8(16,) expected, got uint8(8,)"),
            (op(2.0), vec![given::float(&[5]), given::zeros(DType::U8, &[8])], Kind::Value, "0 <= p < 1, got 2"),
        ]
    }
}

op! {
    /// Dropout: while `training`, each element is zeroed with probability `p` and the others are divided by `1 - p`, so that
    /// the expected value stays; otherwise the input as it is.
    ///
    /// `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: any; the result has the same.
    /// Raises `ValueError` unless `0 <= p < 1`. Where a text calls `p` the probability of keeping, pass `1 - p`.
    /// Source: Srivastava et al., 2014.
    pub RandomDropout = "random_dropout"(input: One @ Any, generator: One + mutated) -> (output; 1) {
        p: f64 = 0.5, training: bool = true,
    }
}
impl Function for RandomDropout {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, generator) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        check_p(self.p)?;
        if !self.training || self.p == 0.0 {
            return Ok(smallvec![x.clone()]);
        }
        // Before the generator has moved on.
        if !x.spec.dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x.spec.dtype)));
        }
        let ticket = next(generator)?;
        crate::dispatch::apply(&Dropout { p: self.p }, &[Some(x), Some(&ticket)])
    }
    fn cases() -> Vec<Case> {
        let case = |p, training, d: &[u32]| {
            let op = RandomDropout { p, training };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d)), Some(generator(5))] }
        };
        vec![case(0.5, true, &[3, 40]), case(0.5, false, &[4]), case(0.0, true, &[2, 3, 2, 2]), case(0.2, true, &[])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |p| RandomDropout { p, training: true };
        refusals(vec![
            (op(1.0), vec![given::float(&[2, 3]), Some(generator(5))], Kind::Value, "0 <= p < 1, got 1"),
            (op(f64::NAN), vec![given::float(&[2, 3]), Some(generator(5))], Kind::Value, "got NaN"),
            (op(0.5), vec![given::int64(&[1]), Some(generator(5))], Kind::DType, "float32 or float64 expected, got int64"),
            (op(0.5), given::floats(&[&[2, 3], &[2]]), Kind::DType, "a generator's state is int64 of shape [2], got float64(2,)"),
        ])
    }
}
