use crate::ops::index_select::{around, check_range};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::{Element, Number};
use nncore_kernels::places;
use smallvec::smallvec;

op! {
    /// Picks one element along `dim` for each entry of `index`: `out[i][j] = input[i][index[i][j]]` for `dim=1`.
    ///
    /// `index` is int64, with as many dimensions as the input and no larger in any but `dim`; negative entries count from the
    /// end. Shape: that of `index`. Raises `DTypeError` or `ShapeError` for an index that does not fit, `ValueError` for an
    /// entry out of range. The gradients of elements that are taken more than once add up, in row-major order of `index`.
    pub Gather = "gather"(input: One, index: One) -> (output; 1) { dim: i64 } [input, dim, index]
}
/// Is this an index for entries of `x` along `axis`?
pub fn fits(x: &Spec, index: &Spec, axis: usize) -> Result<()> {
    if index.dtype != DType::I64 {
        return Err(err(Kind::DType, format!("index must be int64, got {}", index.dtype)));
    }
    let larger = |i: usize| i != axis && index.d(i) > x.d(i) && index.numel() > 0;
    if index.rank() != x.rank() || (0..x.rank()).any(larger) {
        let text = format!("an index of shape {:?} does not fit {:?} along dim {axis}", index.dims(), x.dims());
        return Err(err(Kind::Shape, text));
    }
    Ok(())
}
/// For each stretch of the index (row-major): the number of its first entry, and the places in `whole` that its entries lead to.
pub fn each(whole: &Spec, index: &Spec, axis: usize, entries: &[i64], f: &mut dyn FnMut(usize, &[u32])) {
    const STRETCH: usize = 256;
    if entries.is_empty() {
        return;
    }
    // The input's strides, 0 along the axis: where an entry's line of candidates begins.
    let mut strides = [0i32; crate::shape::MAX_NDIM];
    for i in (0..whole.rank()).filter(|&i| i != axis) {
        strides[i] = whole.strides()[i];
    }
    let lines = Spec::strided(whole.dtype, index.dims(), &strides[..whole.rank()]);
    let (n, step) = (around(whole, axis).n, if whole.rank() == 0 { 1 } else { whole.strides()[axis] as usize });
    let index = Spec::new(index.dtype, index.dims());
    let mut near = [0; STRETCH];
    // Row-major memory is walked by ones.
    walk(&index, &[lines], &mut |at, o, run, steps, _| {
        let (at, apart) = (at[0] as usize, steps[0] as usize);
        for start in (0..run).step_by(STRETCH) {
            let first = o as usize + start;
            let entries = &entries[first..first + STRETCH.min(run - start)];
            let near = &mut near[..entries.len()];
            places::places(entries, n, step, at + start * apart, apart, near);
            f(first, near)
        }
    })
}
impl Op for Gather {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        fits(&x[0], &x[1], x[0].axis(self.dim)?)?;
        out.fresh(Spec::new(x[0].dtype, x[1].dims()))
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_range(cx, 1, around(cx.spec(0), cx.spec(0).axis(self.dim)?).n)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        fn go<E: Element>(cx: &Cpu, axis: usize) {
            let (x, out) = (cx.get::<E>(0), cx.out::<E>(0));
            // Layout is row-major, but strides of size-1 dimensions may be anything.
            each(&cx.spec(0).contiguous(), cx.spec(1), axis, cx.get(1), &mut |to, from| {
                places::pick(x, from, &mut out[to..to + from.len()])
            })
        }
        let axis = cx.spec(0).axis(self.dim)?;
        match cx.spec(0).dtype.size() {
            // By size alone: a copy does not look at its values.
            1 => go::<u8>(cx, axis),
            4 => go::<i32>(cx, axis),
            _ => go::<i64>(cx, axis),
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(scatter(cx.dy(0), &cx.input(1)?, cx.spec(0), self.dim)?), None])
    }
    fn samples() -> Samples<Gather> {
        let case = |dim, d: &[u32], index: &[i64], di: &[u32]| {
            let index = Tensor::from_slice(index, di).expect("a small tensor");
            (Gather { dim }, vec![Some(crate::ops::sample(1, d)), Some(index)])
        };
        vec![
            case(1, &[2, 3], &[2, 2, -3, 1], &[2, 2]),
            case(0, &[3, 2, 2], &[0, 2, 1, 1], &[1, 2, 2]),
            case(-1, &[3], &[2, 0, 2, 2], &[4]),
            case(0, &[], &[0], &[]),
            case(1, &[2, 3], &[], &[2, 0]),
        ]
    }
    fn refusals() -> Refusals<Gather> {
        let op = || Gather { dim: 0 };
        vec![
            (op(), vec![given::float(&[3]), given::int64(&[3])], Kind::Value, "index 3 (element 0 of the index) is out of range for size 3"),
            (op(), vec![given::float(&[3]), given::int64(&[0, -4])], Kind::Value, "index -4 (element 1"),
            (op(), given::floats(&[&[3], &[3]]), Kind::DType, "index must be int64, got float64"),
            (op(), vec![given::float(&[2, 3]), given::int64(&[0])], Kind::Shape, "an index of shape [1] does not fit [2, 3] along dim 0"),
            (op(), vec![given::float(&[2, 3]), given::zeros(DType::I64, &[2, 4])], Kind::Shape, "an index of shape [2, 4] does not fit [2, 3] along dim 0"),
        ]
    }
}

op! {
    /// Gradient of `gather`: zeros of `shape`, to which each element of `grad` is added where `index` took it from, in order.
    GatherGrad = "gather_grad"(grad: One, index: One) -> (grad_input; 1) { shape: Ints, dim: i64 }
}
impl Op for GatherGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let whole = Spec::checked(x[0].dtype, &self.shape)?;
        fits(&whole, &x[1], whole.axis(self.dim)?)?;
        if x[0].dims() != x[1].dims() {
            let text = format!("a gradient of the index's shape {:?} expected, got {:?}", x[1].dims(), x[0].dims());
            return Err(err(Kind::Shape, text));
        }
        out.fresh(whole)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        fn go<T: Number>(cx: &Cpu, axis: usize) {
            let (g, out) = (cx.get::<T>(0), cx.out::<T>(0));
            out.fill(T::ZERO);
            each(cx.out_spec(0), cx.spec(1), axis, cx.get(1), &mut |from, to| places::add(&g[from..], to, out))
        }
        let axis = cx.out_spec(0).axis(self.dim)?;
        numbers!(cx.out_spec(0).dtype, T => go::<T>(cx, axis));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&Gather { dim: self.dim }, &[cx.dy(0), &cx.input(1)?])?), None])
    }
    fn samples() -> Samples<GatherGrad> {
        let index = Tensor::from_slice(&[2i64, 2, -3, 1], &[2, 2]).expect("a small tensor");
        vec![(GatherGrad { shape: smallvec![2, 3], dim: 1 }, vec![Some(crate::ops::sample(1, &[2, 2])), Some(index)])]
    }
    fn refusals() -> Refusals<GatherGrad> {
        let op = || GatherGrad { shape: smallvec![3], dim: 0 };
        vec![
            (op(), vec![given::float(&[2]), given::int64(&[0])], Kind::Shape, "a gradient of the index's shape [1] expected, got [2]"),
            (op(), vec![given::float(&[1, 1]), given::zeros(DType::I64, &[1, 1])], Kind::Shape, "an index of shape [1, 1] does not fit [3]"),
        ]
    }
}

/// `x[.., index, ..]` along `dim`, entry by entry.
pub fn gather(x: &Tensor, dim: i64, index: &Tensor) -> Result<Tensor> {
    dispatch::one(&Gather { dim }, &[x, index])
}
/// Zeros of `whole`'s shape, to which `g` is added where `index` points along `dim`.
pub fn scatter(g: &Tensor, index: &Tensor, whole: &Spec, dim: i64) -> Result<Tensor> {
    dispatch::one(&GatherGrad { shape: whole.shape(), dim }, &[g, index])
}
