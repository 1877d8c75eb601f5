use crate::ops::{add::add, div::div, full, mean::Mean, mul::mul, sqrt::sqrt, sub::sub};
use crate::op::*;
use crate::shape::{Dim, Spec};
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::norm;
use smallvec::smallvec;

op! {
    /// Layer normalization over the last dimensions: `(x - mean) / sqrt(var + eps) * weight + bias`.
    ///
    /// Shapes: `input` (*, normalized_shape); `weight` and `bias` of normalized_shape, or None; the result has the input's
    /// shape. Mean and biased variance are those of each row. Raises `ShapeError` where the input does not end in
    /// normalized_shape. Source: Ba, Kiros and Hinton, 2016.
    pub LayerNorm = "layer_norm"(input: One + float, weight: Optional, bias: Optional) -> (output, mean, rstd; 1) {
        normalized_shape: Ints, eps: f64 = 1e-5,
    } [input, normalized_shape, weight, bias, eps]
}
op! {
    /// Gradients of `layer_norm`, and without a mean of `rms_norm`: input, weight and bias in one pass.
    LayerNormGrad = "layer_norm_grad"(grad: One, input: One, rstd: One, mean: Optional, weight: Optional)
        -> (grad_input, grad_weight, grad_bias; 3) { affine: bool = true }
}

/// Checks input, weight and bias, and gives the spec of what there is once a row.
pub(super) fn check_rows(x: Specs, shape: &Ints) -> Result<Spec> {
    let a = &x[0];
    if !a.dtype.is_float() {
        return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", a.dtype)));
    }
    let lead = a.rank().checked_sub(shape.len()).filter(|_| !shape.is_empty());
    let own = |lead: usize| a.shape()[lead..] == shape[..];
    let Some(lead) = lead.filter(|&lead| own(lead)) else {
        let text = format!("an input that ends in normalized_shape {:?} expected, got {:?}", &shape[..], a.dims());
        return Err(err(Kind::Shape, text));
    };
    for (i, name) in [(1, "weight"), (2, "bias")] {
        if let Some(s) = x.opt(i).filter(|s| s.dims() != &a.dims()[lead..] || s.dtype != a.dtype) {
            let text = format!("{name} of {} expected, got {s}", Spec::new(a.dtype, &a.dims()[lead..]));
            return Err(err(Kind::Shape, text));
        }
    }
    Ok(Spec::new(a.dtype, &a.dims()[..lead]))
}
impl Op for LayerNorm {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let rows = check_rows(x, &self.normalized_shape)?;
        out.fresh(x[0].contiguous())?;
        out.fresh(rows)?;
        out.fresh(rows)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => {
            let (y, mean, rstd) = (cx.out(0), cx.out(1), cx.out(2));
            norm::rows::<T>(cx.get(0), cx.opt(1), cx.opt(2), self.eps, y, Some(mean), rstd);
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b11, 0b110)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        row_grads(cx, self.normalized_shape.len(), self.eps, true)
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 8 * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LayerNorm> {
        row_samples().into_iter().map(|(normalized_shape, ins)| (LayerNorm { normalized_shape, eps: 1e-5 }, ins)).collect()
    }
    fn refusals() -> Refusals<LayerNorm> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = |shape: &[i64]| LayerNorm { normalized_shape: shape.into(), eps: 1e-5 };
        vec![
            (op(&[4]), vec![s(&[3, 5]), None, None], Kind::Shape, "ends in normalized_shape [4]"),
            (op(&[]), vec![s(&[3, 5]), None, None], Kind::Shape, "normalized_shape []"),
            (op(&[2, 3, 5]), vec![s(&[3, 5]), None, None], Kind::Shape, "got [3, 5]"),
            (op(&[5]), vec![s(&[3, 5]), s(&[4]), None], Kind::Shape, "weight of float64(5,) expected"),
            (op(&[5]), vec![s(&[3, 5]), None, s(&[3, 5])], Kind::Shape, "bias of float64(5,) expected"),
        ]
    }
}
/// Inputs for both kinds of norms of rows.
pub(super) fn row_samples() -> Vec<(Ints, Vec<Option<Tensor>>)> {
    let case = |shape: &[i64], d: &[Dim], weight: bool, bias: bool| {
        let own: Vec<Dim> = shape.iter().map(|&d| d as Dim).collect();
        let one = |seed| Some(crate::ops::sample(seed, &own));
        let x = Some(crate::ops::sample(1, d));
        (shape.into(), vec![x, one(2).filter(|_| weight), one(3).filter(|_| bias)])
    };
    vec![
        case(&[5], &[3, 5], true, true),
        case(&[3, 2], &[2, 4, 3, 2], true, false),
        case(&[3], &[3], false, false),
        case(&[7], &[2, 7], false, true),
        case(&[4], &[0, 4], true, true),
    ]
}
/// The gradients of a norm of rows, over the last `k` dimensions.
pub(super) fn row_grads(cx: &GradCx, k: usize, eps: f64, centred: bool) -> Result<Grads> {
    let count = cx.inputs();
    let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None; count]) };
    let affine = (1..count).any(|i| cx.needs(i));
    if cx.create_graph {
        let dims: Ints = (1..=k as i64).map(|d| -d).collect();
        let mut grads = cx.through(&[0, 1], |ins| {
            let [x, weight] = ins else { unreachable!("two inputs") };
            let y = standardized(x.as_ref().expect("input"), &dims, eps, centred)?;
            weight.as_ref().map_or(Ok(y.clone()), |w| mul(&y, w))
        })?;
        if count > 2 && cx.needs(2) {
            grads[2] = Some(crate::ops::sum::sum_to(dy, cx.spec(2).dims())?);
        }
        return Ok(grads);
    }
    let weight = if cx.has(1) { Some(cx.input(1)?) } else { None };
    let x = cx.input(0)?;
    let mean = if centred { Some(cx.output(1)?.detach()) } else { None };
    let rstd = cx.output(if centred { 2 } else { 1 })?.detach();
    let ins = [Some(dy), Some(&x), Some(&rstd), mean.as_ref(), weight.as_ref()];
    let o = cx.emit_all(&LayerNormGrad { affine }, &ins)?;
    Ok((0..count).map(|i| cx.needs(i).then(|| o[i].clone())).collect())
}
/// `(x - mean) / sqrt(var + eps)` over some dimensions, or without the mean `x / sqrt(mean(x^2) + eps)`.
pub(super) fn standardized(x: &Tensor, dims: &Ints, eps: f64, centred: bool) -> Result<Tensor> {
    let mean = |x: &Tensor| dispatch::one(&Mean { dim: Some(dims.clone()), keepdim: true }, &[x]);
    let x = if centred { sub(x, &mean(x)?)? } else { x.clone() };
    let var = mean(&mul(&x, &x)?)?;
    div(&x, &sqrt(&add(&var, &full::scalar(eps, x.spec.dtype)?)?)?)
}

impl Op for LayerNormGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(x[1])?;
        // Nobody asks for the others: they hold nothing then.
        let own = if self.affine { x[1].dims()[x[2].rank()..].into() } else { crate::shape::Dims::from_slice(&[0]) };
        out.fresh(Spec::new(x[1].dtype, &own))?;
        out.fresh(Spec::new(x[1].dtype, &own))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let rows = x[2].numel();
        if self.affine && rows > 0 {
            8 * norm::rows_scratch(rows, x[1].numel() / rows)
        } else {
            0
        }
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(1).dtype, T => {
            let (dw, db) = (cx.out::<T>(1), cx.out::<T>(2));
            if cx.spec(1).numel() == 0 {
                dw.fill(0.0);
                db.fill(0.0);
                return Ok(());
            }
            let length = Op::scratch(self, Specs(&[None, Some(cx.spec(1)), Some(cx.spec(2))])) / 8;
            // The scratch is aligned for float64 and as long as that.
            let scratch = match length {
                0 => &mut [][..],
                n => unsafe { std::slice::from_raw_parts_mut(cx.scratch as *mut f64, n) },
            };
            let affine = self.affine.then_some((dw, db, scratch));
            norm::rows_gradient::<T>(cx.get(1), cx.get(0), cx.opt(3), cx.get(2), cx.opt(4), cx.out(0), affine);
        });
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 14 * x[1].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LayerNormGrad> {
        let s = |seed, d: &[Dim]| Some(crate::ops::sample_in(seed, d, 0.5, 1.5));
        let case = |affine, mean| {
            (LayerNormGrad { affine }, vec![s(1, &[3, 4]), s(2, &[3, 4]), s(4, &[3]), s(3, &[3]).filter(|_| mean), s(5, &[4])])
        };
        vec![case(true, true), case(true, false), case(false, true)]
    }
}

/// Over the last `weight.rank()` dimensions.
pub fn layer_norm(x: &Tensor, weight: &Tensor, bias: &Tensor, eps: f64) -> Result<Tensor> {
    let op = LayerNorm { normalized_shape: weight.spec.shape(), eps };
    Ok(dispatch::apply(&op, &[Some(x), Some(weight), Some(bias)])?.swap_remove(0))
}
