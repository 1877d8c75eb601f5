//! Elementwise ops: a scalar function is the whole kernel.
use super::*;
use crate::dtype::DType;
use crate::shape::{broadcast, Dims, Spec, MAX_NDIM};
use nncore_kernels::num::Float;

/// An elementwise op on up to three inputs that broadcast, with an output of the same dtype.
pub trait Pointwise: Signature {
    /// Mark it `#[inline(always)]`: it becomes the inner loop, once for each instruction set.
    fn eval<T: Float>(&self, x: [T; 3]) -> T;
    /// Integers keep their type where this is set (and `eval_int` is given); else they become float32 before they come here.
    const INTEGERS: bool = false;
    /// On integers, wrapped to their own width afterwards, as in NumPy.
    fn eval_int(&self, _x: [i64; 3]) -> i64 {
        unreachable!("integers are refused by infer")
    }
    /// Gradients of elementwise ops take shapes as they are.
    const BROADCASTS: bool = true;
    /// Arithmetic operations an element.
    const FLOPS: u64 = 1;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, needs: u32) -> Keep;
    fn grad(&self, cx: &GradCx) -> Result<Grads>;
    /// The attributes to test with; inputs are made from the signature.
    fn sample_ops() -> Vec<Self>;
    /// Test inputs lie in this range.
    const SAMPLES: (f64, f64) = (-2.0, 2.0);
}

impl<P: Pointwise> Op for P {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let d = x[0].dtype;
        if !d.is_float() && !P::INTEGERS || d == DType::Bool {
            return Err(err(
                Kind::DType,
                if P::INTEGERS { "numbers expected, got bool" } else { "float32 or float64 expected" },
            ));
        }
        if let Some(other) = x.iter().find(|s| s.dtype != d) {
            return Err(err(Kind::DType, format!("inputs of one dtype expected, got {d} and {}", other.dtype)));
        }
        if !P::BROADCASTS && x.iter().any(|s| s.dims() != x[0].dims()) {
            return Err(err(Kind::Shape, "inputs of one shape expected"));
        }
        out.fresh(elementwise(x)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        match cx.out_spec(0).dtype {
            d if d.is_float() => crate::floats!(d, T => run_floats::<T, P>(self, cx)),
            _ => run_ints(self, cx),
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = P::DIFFERENTIABLE;
    fn keeps(&self, needs: u32) -> Keep {
        Pointwise::keeps(self, needs)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Pointwise::grad(self, cx)
    }
    const REUSES: u32 = !0;
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: P::FLOPS * outs.numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<P> {
        let n = P::info().inputs.len() as u64;
        let (low, high) = P::SAMPLES;
        let inputs = |d: &[u32]| (0..n).map(|k| Some(crate::ops::sample_in(3 + k, d, low, high))).collect::<Vec<_>>();
        P::sample_ops()
            .into_iter()
            .flat_map(|op| {
                let mut cases =
                    vec![(op.clone(), inputs(&[3, 4])), (op.clone(), inputs(&[2, 3, 2, 2])), (op.clone(), inputs(&[]))];
                if n > 1 && P::BROADCASTS {
                    let mut mixed = inputs(&[3, 1]);
                    mixed[1] = inputs(&[2, 1, 4])[1].clone();
                    cases.push((op, mixed));
                }
                cases
            })
            .collect()
    }
}

/// The spec of an elementwise result: the broadcast shape, in the layout of the first input that has it.
pub fn elementwise(x: Specs) -> Result<Spec> {
    let a = &x[0];
    let mut same = true;
    for s in x.iter() {
        same &= s.dims() == a.dims();
    }
    if same {
        let dense = x.iter().find(|s| s.is_dense()).copied();
        return Ok(dense.map_or_else(|| a.contiguous(), |s| s.with_dtype(a.dtype)));
    }
    let mut dims: Dims = a.dims().into();
    for s in x.iter() {
        dims = broadcast(&dims, s.dims())
            .ok_or_else(|| err(Kind::Shape, format!("shapes do not broadcast: {:?} with {:?}", &dims[..], s.dims())))?;
    }
    let whole = x.iter().find(|s| s.dims() == &dims[..] && s.is_dense());
    Ok(whole.map_or_else(|| Spec::new(a.dtype, &dims), |s| s.with_dtype(a.dtype)))
}

nncore_kernels::simd! {
    fn flat1<T: Float, P: Pointwise>(op: &P, a: &[T], o: &mut [T]) {
        for (o, a) in o.iter_mut().zip(a) {
            *o = op.eval([*a, T::ZERO, T::ZERO])
        }
    }
    fn flat2<T: Float, P: Pointwise>(op: &P, a: &[T], b: &[T], o: &mut [T]) {
        for ((o, a), b) in o.iter_mut().zip(a).zip(b) {
            *o = op.eval([*a, *b, T::ZERO])
        }
    }
    fn flat3<T: Float, P: Pointwise>(op: &P, a: &[T], b: &[T], c: &[T], o: &mut [T]) {
        for (((o, a), b), c) in o.iter_mut().zip(a).zip(b).zip(c) {
            *o = op.eval([*a, *b, *c])
        }
    }
    fn left1<T: Float, P: Pointwise>(op: &P, a: T, b: &[T], o: &mut [T]) {
        for (o, b) in o.iter_mut().zip(b) {
            *o = op.eval([a, *b, T::ZERO])
        }
    }
    fn right1<T: Float, P: Pointwise>(op: &P, a: &[T], b: T, o: &mut [T]) {
        for (o, a) in o.iter_mut().zip(a) {
            *o = op.eval([*a, b, T::ZERO])
        }
    }
}
/// Elements of a thread's share at least: below that a fork costs more than it saves.
const GRAIN: usize = 32 << 10;

fn run_floats<T: Float, P: Pointwise>(op: &P, cx: &Cpu) {
    let (n, out) = (cx.ins.len(), cx.out_spec(0));
    let p: [*const T; 3] = std::array::from_fn(|k| if k < n { cx.ptr(k) } else { std::ptr::null() });
    let o: *mut T = cx.out_ptr(0);
    if (0..n).all(|k| cx.spec(k).same_walk(out)) && out.is_dense() {
        let len = out.numel();
        // Ranges of a dense tensor in memory order; the output may be one of the inputs, element by element.
        let (p, o) = (p.map(|p| p as usize), o as usize);
        let part = |s: usize, e: usize| unsafe {
            let (p, o) = (p.map(|p| p as *const T), o as *mut T);
            let x = |k: usize| std::slice::from_raw_parts(p[k].add(s), e - s);
            let o = std::slice::from_raw_parts_mut(o.add(s), e - s);
            match n {
                1 => flat1(op, x(0), o),
                2 => flat2(op, x(0), x(1), o),
                _ => flat3(op, x(0), x(1), x(2), o),
            }
        };
        return split(len, &part);
    }
    let specs: [Spec; 3] =
        std::array::from_fn(|k| if k < n { cx.spec(k).broadcast_to(out.dims()).expect("infer") } else { *out });
    walk(out, &specs[..n], &mut |offsets, o_at, run, steps, o_step| unsafe {
        let o = o.offset(o_at);
        let q: [*const T; 3] = std::array::from_fn(|k| if k < n { p[k].offset(offsets[k]) } else { p[0] });
        if o_step == 1 {
            let os = std::slice::from_raw_parts_mut(o, run);
            let x = |k: usize| std::slice::from_raw_parts(q[k], run);
            match (n, *steps) {
                (1, [1, ..]) => return flat1(op, x(0), os),
                (2, [1, 1, _]) => return flat2(op, x(0), x(1), os),
                (2, [0, 1, _]) => return left1(op, *q[0], x(1), os),
                (2, [1, 0, _]) => return right1(op, x(0), *q[1], os),
                (3, [1, 1, 1]) => return flat3(op, x(0), x(1), x(2), os),
                _ => {}
            }
        }
        for i in 0..run as isize {
            let mut v = [T::ZERO; 3];
            for k in 0..n {
                v[k] = *q[k].offset(i * steps[k]);
            }
            *o.offset(i * o_step) = op.eval(v);
        }
    });
}
/// Runs `f(start, end)` over `0..n`, on several threads where it pays.
pub fn split(n: usize, f: &(dyn Fn(usize, usize) + Sync)) {
    let shares = (n / GRAIN).min(nncore_kernels::pool::threads());
    if shares <= 1 {
        return f(0, n);
    }
    nncore_kernels::pool::run(shares, &|i| {
        let r = nncore_kernels::pool::share(n, shares, i);
        f(r.start, r.end)
    })
}
fn run_ints<P: Pointwise>(op: &P, cx: &Cpu) {
    let (n, out) = (cx.ins.len(), cx.out_spec(0));
    let specs: [Spec; 3] =
        std::array::from_fn(|k| if k < n { cx.spec(k).broadcast_to(out.dims()).expect("infer") } else { *out });
    crate::numbers!(out.dtype, T => {
        let p: [*const T; 3] = std::array::from_fn(|k| if k < n { cx.ptr(k) } else { std::ptr::null() });
        let o: *mut T = cx.out_ptr(0);
        walk(out, &specs[..n], &mut |offsets, o_at, run, steps, o_step| unsafe {
            for i in 0..run as isize {
                let mut v = [0i64; 3];
                for k in 0..n {
                    v[k] = *p[k].offset(offsets[k] + i * steps[k]) as i64;
                }
                *o.offset(o_at + i * o_step) = op.eval_int(v) as T;
            }
        });
    });
}
/// Visits a broadcast problem run by run: offsets of each input, offset of the output, length, steps of each input, step of
/// the output. The innermost dimension is the output's unit stride where it has one.
pub fn walk(out: &Spec, ins: &[Spec], f: &mut dyn FnMut(&[isize; 3], isize, usize, &[isize; 3], isize)) {
    let nd = out.rank();
    if out.numel() == 0 {
        return;
    }
    if nd == 0 {
        return f(&[0; 3], 0, 1, &[0; 3], 0);
    }
    let inner = (0..nd).rev().find(|&i| out.d(i) > 1 && out.s(i) == 1).unwrap_or(nd - 1);
    let steps: [isize; 3] = std::array::from_fn(|k| ins.get(k).map_or(0, |s| s.s(inner)));
    let run = out.d(inner);
    let mut index = [0usize; MAX_NDIM];
    let (mut at, mut o_at) = ([0isize; 3], 0isize);
    loop {
        f(&at, o_at, run, &steps, out.s(inner));
        let mut i = nd;
        loop {
            if i == 0 {
                return;
            }
            i -= 1;
            if i == inner {
                continue;
            }
            index[i] += 1;
            o_at += out.s(i);
            for (k, s) in ins.iter().enumerate() {
                at[k] += s.s(i)
            }
            if index[i] < out.d(i) {
                break;
            }
            let back = index[i] as isize;
            o_at -= back * out.s(i);
            for (k, s) in ins.iter().enumerate() {
                at[k] -= back * s.s(i)
            }
            index[i] = 0;
        }
    }
}
