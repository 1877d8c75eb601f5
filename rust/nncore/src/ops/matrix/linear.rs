use crate::ops::matmul::{product_of, strides};
use crate::ops::permute::t;
use crate::ops::reshape::reshape;
use crate::ops::sum::Sum;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::gemm::{self, Matrix, Output};
use nncore_kernels::num::Float;
use nncore_kernels::pool;
use smallvec::smallvec;

op! {
    /// Affine map, `input @ weight.T + bias`.
    ///
    /// Shapes: `input` (*, in), `weight` (out, in), `bias` (out,), or what broadcasts to the result, or None; the
    /// result is (*, out).
    /// Raises `ShapeError` where they do not fit.
    pub Linear = "linear"(input: One + float @ Any, weight: One + float @ Any, bias: Optional + float @ Any) -> (output; 1) {}
}
impl Function for Linear {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("input");
        if let (Some(bias), Some(w)) = (ins[2], ins[1].filter(|w| w.spec.rank() == 2)) {
            if bias.spec.dims() != &w.spec.dims()[..1] && x.spec.rank() > 0 {
                return broadcast_bias(x, w, bias);
            }
        }
        if x.spec.rank() == 2 {
            return dispatch::apply(&Affine {}, ins);
        }
        let mut s = x.spec.shape();
        let Some(last) = s.pop() else {
            let mut e = err(Kind::Shape, "an input of at least one dimension expected");
            e.op = "linear";
            return Err(e);
        };
        let rows = reshape(x, &[s.iter().product(), last])?;
        let y = dispatch::apply(&Affine {}, &[Some(&rows), ins[1], ins[2]])?.swap_remove(0);
        s.push(y.spec.d(1) as i64);
        Ok(smallvec![reshape(&y, &s)?])
    }
    fn cases() -> Vec<Case> {
        let x = |d: &[u32]| Some(crate::ops::sample(1, d));
        vec![
            Case { attrs: vec![], inputs: vec![x(&[3, 4]), Some(crate::ops::sample(2, &[5, 4])), Some(crate::ops::sample(3, &[5]))] },
            Case { attrs: vec![], inputs: vec![x(&[2, 3, 4]), Some(crate::ops::sample(2, &[5, 4])), None] },
            Case { attrs: vec![], inputs: vec![x(&[4]), Some(crate::ops::sample(2, &[2, 4])), Some(crate::ops::sample(3, &[2]))] },
        ]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Linear {}, vec![given::float(&[3, 4]), given::float(&[5, 3]), None], Kind::Shape, "input (*, in) and weight (out, in), got [3, 4] and [5, 3]"),
            (Linear {}, vec![given::float(&[]), given::float(&[5, 3]), None], Kind::Shape, "at least one dimension expected"),
            (Linear {}, vec![given::float(&[4]), given::float(&[4]), None], Kind::Shape, "got [1, 4] and [4]"),
            (Linear {}, given::floats(&[&[3, 4], &[5, 4], &[4]]), Kind::Shape, "a bias of shape (5,) expected, got [4]"),
        ])
    }
}

/// A bias that is no vector is added to the product.
fn broadcast_bias(x: &Tensor, w: &Tensor, bias: &Tensor) -> Result<Outputs> {
    let y = Linear {}.call(&[Some(x), Some(w), None])?.swap_remove(0);
    if crate::shape::broadcast(y.spec.dims(), bias.spec.dims()).is_none_or(|dims| dims[..] != *y.spec.dims()) {
        let text = format!("a bias of shape ({},) expected, got {:?}", w.spec.d(0), bias.spec.dims());
        return Err(err(Kind::Shape, text));
    }
    Ok(smallvec![crate::ops::add::add(&y, bias)?])
}
op! {
    /// `linear` on rows: (N, in) by (out, in), with the bias in the product's own pass.
    Affine = "affine"(input: One + float @ Matrix, weight: One + float @ Matrix, bias: Optional + float) -> (output; 1) {}
}
impl Op for Affine {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, w) = (&x[0], &x[1]);
        if a.dtype != w.dtype || !a.dtype.is_float() {
            return Err(err(Kind::DType, format!("floats of one dtype expected, got {} and {}", a.dtype, w.dtype)));
        }
        if a.ndim != 2 || w.ndim != 2 || a.d(1) != w.d(1) {
            return Err(err(
                Kind::Shape,
                format!("linear takes input (*, in) and weight (out, in), got {:?} and {:?}", a.dims(), w.dims()),
            ));
        }
        if let Some(b) = x.opt(2) {
            if b.dims() != &w.dims()[..1] {
                return Err(err(Kind::Shape, format!("a bias of shape ({},) expected, got {:?}", w.d(0), b.dims())));
            }
        }
        out.fresh(Spec::new(a.dtype, &[a.dims()[0], w.dims()[0]]))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let (a, w) = (&x[0], &x[1]);
        let (sw, threads) = (strides(w), pool::threads());
        floats!(a.dtype, T => gemm::scratch_bytes::<T>(a.d(0), w.d(0), a.d(1), strides(a), (sw.1, sw.0), threads))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.out_spec(0).dtype, T => affine::<T>(cx));
        Ok(())
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::crossed(needs)
    }
    const DIFFERENTIABLE: bool = true;
    const AUTOCAST: Autocast = Autocast::Low;
    const PRECISION: Option<Precision> = Some(Precision::Highest);
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let dy = cx.dy(0);
        let input = cx.needs(0).then(|| product_of(dy, &cx.input(1)?)).transpose()?;
        let weight = cx.needs(1).then(|| product_of(&t(dy)?, &cx.input(0)?)).transpose()?;
        let rows = Sum { dim: Some(smallvec![0]), keepdim: false };
        let bias = cx.needs(2).then(|| cx.emit(&rows, &[dy])).transpose()?;
        Ok(smallvec![input, weight, bias])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 2 * (outs.numel() * x[0].d(1)) as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Affine> {
        let w = || Some(crate::ops::sample(2, &[5, 4]));
        vec![
            (Affine {}, vec![Some(crate::ops::sample(1, &[3, 4])), w(), Some(crate::ops::sample(3, &[5]))]),
            (Affine {}, vec![Some(crate::ops::sample(1, &[1, 4])), w(), None]),
            (Affine {}, vec![Some(crate::ops::sample(1, &[0, 4])), w(), Some(crate::ops::sample(3, &[5]))]),
        ]
    }
}
fn affine<T: Float>(cx: &Cpu) {
    let (a, w) = (cx.spec(0), cx.spec(1));
    let ((ar, ac), (wr, wc)) = (strides(a), strides(w));
    unsafe {
        let a_view = Matrix { ptr: cx.ptr::<T>(0), row: ar, col: ac };
        let w_view = Matrix { ptr: cx.ptr::<T>(1), row: wc, col: wr };
        let out = Output::new(cx.out_ptr::<T>(0), w.d(0)).bias(cx.ptr_or_null(2));
        gemm::gemm(a.d(0), w.d(0), a.d(1), a_view, w_view, out, cx.scratch, pool::threads());
    }
}

/// `x @ weight.T + bias`.
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    Ok(Linear {}.call(&[Some(x), Some(weight), bias])?.swap_remove(0))
}
