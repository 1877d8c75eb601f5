use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::{Element, Number};
use nncore_kernels::places;
use smallvec::smallvec;

op! {
    /// The elements at `index` along dimension `dim`: for `dim=0`, row `index[k]` of the input is row `k` of the result.
    ///
    /// `index` is an int64 vector (or 0-d); negative entries count from the end. Shape: the input's, with the length of
    /// `index` at `dim`. Raises `DTypeError` for another index dtype, `ShapeError` for another index shape, `ValueError` for
    /// an entry out of range. The gradients of rows that are taken more than once add up, in the order of `index`.
    pub IndexSelect = "index_select"(input: One, index: One) -> (output; 1) { dim: i64 } [input, dim, index]
}
/// A tensor as (outer, n, inner) around a dimension.
pub struct Around {
    pub outer: usize,
    pub n: usize,
    pub inner: usize,
}
pub fn around(s: &Spec, axis: usize) -> Around {
    let size = |r: &[u32]| r.iter().map(|&d| d as usize).product();
    let d = s.dims();
    match d.len() {
        0 => Around { outer: 1, n: 1, inner: 1 },
        _ => Around { outer: size(&d[..axis]), n: d[axis] as usize, inner: size(&d[axis + 1..]) },
    }
}
/// Is every entry of the index (input `i`) within `-n..n`?
pub fn check_range(cx: &Cpu, i: usize, n: usize) -> Result<()> {
    let (n, index) = (n as i64, cx.get::<i64>(i));
    let outside = |k: i64| k < -n || k >= n;
    let (low, high) = places::range(index);
    if index.is_empty() || !outside(low) && !outside(high) {
        return Ok(());
    }
    match index.iter().position(|&k| outside(k)) {
        None => Ok(()),
        Some(at) => {
            let k = index[at];
            Err(err(Kind::Value, format!("index {k} (element {at} of the index) is out of range for size {n}")))
        }
    }
}
/// An entry that has been checked, counted from the start.
#[inline(always)]
pub fn from_start(k: i64, n: usize) -> usize {
    (if k < 0 { k + n as i64 } else { k }) as usize
}
/// Is this an index of one dimension at most?
pub fn vector(index: &Spec) -> Result<()> {
    if index.dtype != DType::I64 {
        return Err(err(Kind::DType, format!("index must be int64, got {}", index.dtype)));
    }
    if index.rank() > 1 {
        return Err(err(Kind::Shape, format!("index must have one dimension, got {:?}", index.dims())));
    }
    Ok(())
}
impl Op for IndexSelect {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        vector(&x[1])?;
        let axis = x[0].axis(self.dim)?;
        let mut shape = x[0].shape();
        if let Some(d) = shape.get_mut(axis) {
            *d = x[1].numel() as i64
        } else if x[1].numel() != 1 {
            return Err(err(Kind::Shape, format!("a 0-d input takes an index of one element, got {:?}", x[1].dims())));
        }
        out.fresh(Spec::checked(x[0].dtype, &shape)?)
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_range(cx, 1, around(cx.spec(0), cx.spec(0).axis(self.dim)?).n)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let a = around(cx.spec(0), cx.spec(0).axis(self.dim)?);
        match cx.spec(0).dtype.size() {
            // By size alone: a copy does not look at its values.
            1 => select::<u8>(cx.get(0), cx.get(1), &a, cx.out(0)),
            4 => select::<i32>(cx.get(0), cx.get(1), &a, cx.out(0)),
            _ => select::<i64>(cx.get(0), cx.get(1), &a, cx.out(0)),
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let back = IndexSelectGrad { shape: cx.spec(0).shape(), dim: self.dim };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0), &cx.input(1)?])?), None])
    }
    fn cost(&self, _x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: 2 * outs.bytes() as u64 }
    }
    fn samples() -> Samples<IndexSelect> {
        let case = |dim, d: &[u32], index: &[i64]| {
            let index = Tensor::from_slice(index, &[index.len() as u32]).expect("a small tensor");
            (IndexSelect { dim }, vec![Some(crate::ops::sample(1, d)), Some(index)])
        };
        vec![
            case(0, &[4, 3], &[2, 0, 2, -1]),
            case(1, &[2, 3, 2, 2], &[-1, 0]),
            case(-1, &[2, 5], &[4, 4, 1]),
            case(0, &[3, 2], &[]),
        ]
    }
    fn refusals() -> Refusals<IndexSelect> {
        let op = || IndexSelect { dim: 0 };
        vec![
            (op(), vec![given::float(&[3]), given::int64(&[0, 3])], Kind::Value, "index 3 (element 1 of the index) is out of range for size 3"),
            (op(), given::floats(&[&[3], &[1]]), Kind::DType, "index must be int64, got float64"),
            (op(), vec![given::float(&[3]), given::zeros(DType::I64, &[1, 1])], Kind::Shape, "index must have one dimension, got [1, 1]"),
            (op(), vec![given::float(&[]), given::int64(&[0, 0])], Kind::Shape, "a 0-d input takes an index of one element, got [2]"),
        ]
    }
}
/// Elements that a thread moves at least.
const GRAIN: usize = 64 << 10;

/// Rows of `a.inner` elements at `index`, into `out`: whole rows where they are long, elements where they are one.
pub fn select<T: Element>(x: &[T], index: &[i64], a: &Around, out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let rows = a.outer * index.len();
    let to = out.as_mut_ptr() as usize;
    if a.inner == 1 {
        let near = near(index, a.n);
        return shares(a.outer, index.len(), &|from, end| {
            for row in from..end {
                // Each row of the output belongs to one share.
                let to = unsafe {
                    std::slice::from_raw_parts_mut((to as *mut T).add(row * index.len()), index.len())
                };
                places::pick(&x[row * a.n..(row + 1) * a.n], &near, to)
            }
        });
    }
    let part = |from: usize, end: usize| {
        for row in from..end {
            let (o, k) = (row / index.len(), row % index.len());
            let at = (o * a.n + from_start(index[k], a.n)) * a.inner;
            // Each row of the output belongs to one share.
            unsafe {
                let to = (to as *mut T).add(row * a.inner);
                std::ptr::copy_nonoverlapping(x[at..at + a.inner].as_ptr(), to, a.inner)
            }
        }
    };
    shares(rows, a.inner, &part)
}
/// The index's entries as numbers of elements of a row.
fn near(index: &[i64], n: usize) -> Vec<u32> {
    let mut near = vec![0; index.len()];
    places::places(index, n, 1, 0, 0, &mut near);
    near
}
/// Runs `f(start, end)` over rows of `width` elements, on several threads where it pays.
fn shares(rows: usize, width: usize, f: &(dyn Fn(usize, usize) + Sync)) {
    let parts = (rows * width / GRAIN).clamp(1, nncore_kernels::pool::threads());
    nncore_kernels::pool::run(parts, &|i| {
        let r = nncore_kernels::pool::share(rows, parts, i);
        f(r.start, r.end)
    })
}

op! {
    /// Gradient of `index_select`: zeros of `shape`, to which element `k` of `grad` along `dim` is added at `index[k]`, in
    /// order.
    IndexSelectGrad = "index_select_grad"(grad: One, index: One) -> (grad_input; 1) { shape: Ints, dim: i64 }
}
impl Op for IndexSelectGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let whole = Spec::checked(x[0].dtype, &self.shape)?;
        vector(&x[1])?;
        let mut taken = self.shape.clone();
        if let Some(d) = taken.get_mut(whole.axis(self.dim)?) {
            *d = x[1].numel() as i64
        }
        if x[0].shape() != taken {
            return Err(err(Kind::Shape, format!("a gradient of shape {:?} expected, got {:?}", &taken[..], x[0].dims())));
        }
        out.fresh(whole)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let a = around(cx.out_spec(0), cx.out_spec(0).axis(self.dim)?);
        numbers!(cx.out_spec(0).dtype, T => {
            let (g, out) = (cx.get::<T>(0), cx.out::<T>(0));
            out.fill(T::ZERO);
            if a.inner == 1 && !g.is_empty() {
                let near = near(cx.get(1), a.n);
                for (g, out) in g.chunks_exact(near.len()).zip(out.chunks_exact_mut(a.n)) {
                    places::add(g, &near, out)
                }
            } else {
                add_rows::<T>(g, cx.get(1), &a, out, &|_| Some(T::ONE))
            }
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&IndexSelect { dim: self.dim }, &[cx.dy(0), &cx.input(1)?])?), None])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<IndexSelectGrad> {
        let index = |v: &[i64]| Some(Tensor::from_slice(v, &[v.len() as u32]).expect("a small tensor"));
        vec![
            (
                IndexSelectGrad { shape: smallvec![3, 2], dim: 0 },
                vec![Some(crate::ops::sample(1, &[4, 2])), index(&[2, 0, 2, -1])],
            ),
            (IndexSelectGrad { shape: smallvec![2, 3], dim: -1 }, vec![Some(crate::ops::sample(1, &[2, 0])), index(&[])]),
        ]
    }
    fn refusals() -> Refusals<IndexSelectGrad> {
        vec![
            (IndexSelectGrad { shape: smallvec![3, 2], dim: 0 }, vec![given::float(&[2, 2]), given::int64(&[0])], Kind::Shape, "a gradient of shape [1, 2] expected, got [2, 2]"),
        ]
    }
}
/// Columns that a thread takes at least: a line of the cache.
const COLUMNS: usize = 16;

/// Adds row `k` of `g` to row `index[k]` of `out`, times `factor(k)`; None leaves it out.
///
/// Many entries may meet in one row, so each thread takes some columns of all rows, in the order of the index: the sums do
/// not depend on the number of threads.
pub fn add_rows<T: Number>(
    g: &[T],
    index: &[i64],
    a: &Around,
    out: &mut [T],
    factor: &(dyn Fn(usize) -> Option<T> + Sync),
) {
    if g.is_empty() {
        return;
    }
    let parts = (g.len() / GRAIN).min(a.inner / COLUMNS).clamp(1, nncore_kernels::pool::threads());
    let size = out.len();
    let to = out.as_mut_ptr() as usize;
    nncore_kernels::pool::run(parts, &|part| {
        let own = nncore_kernels::pool::share(a.inner, parts, part);
        for (o, g) in g.chunks_exact(index.len() * a.inner).enumerate() {
            for (k, g) in g.chunks_exact(a.inner).enumerate() {
                let Some(factor) = factor(k) else { continue };
                let at = (o * a.n + from_start(index[k], a.n)) * a.inner + own.start;
                // Whoever calls has checked the indices; one that is wrong all the same must not reach other memory.
                assert!(at + own.len() <= size, "index {} is out of range", index[k]);
                // The columns of a share are its own, and lie within.
                let y = unsafe { std::slice::from_raw_parts_mut((to as *mut T).add(at), own.len()) };
                if factor == T::ONE {
                    add(y, &g[own.clone()])
                } else {
                    add_scaled(y, factor, &g[own.clone()])
                }
            }
        }
    })
}
nncore_kernels::simd! {
    fn add<T: Number>(y: &mut [T], x: &[T]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = y.add(*x)
        }
    }
    fn add_scaled<T: Number>(y: &mut [T], factor: T, x: &[T]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = y.add(x.mul(factor))
        }
    }
}

/// `x[index]` along `dim`.
pub fn index_select(x: &Tensor, dim: i64, index: &Tensor) -> Result<Tensor> {
    dispatch::one(&IndexSelect { dim }, &[x, index])
}
