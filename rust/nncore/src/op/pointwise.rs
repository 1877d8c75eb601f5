//! Elementwise ops: a scalar function is the whole kernel.
use super::*;
use crate::dtype::DType;
use crate::shape::{broadcast, Dims, Spec, MAX_NDIM};
use nncore_kernels::num::{Element, Float};
use nncore_kernels::pointwise::{Kernel, Map};

/// An elementwise op on up to three inputs that broadcast, with an output of the same dtype.
pub trait Pointwise: Signature {
    /// Mark it `#[inline(always)]`: it becomes the inner loop, once for each instruction set.
    fn eval<T: Float>(&self, x: [T; 3]) -> T;
    /// Does `eval` leave some arguments to `slow`? Then `rare` tells which. Needs a `COST` of 8 or more.
    const RARE: bool = false;
    #[inline(always)]
    fn rare<T: Float>(&self, _x: [T; 3]) -> bool {
        false
    }
    fn slow<T: Float>(&self, x: [T; 3]) -> T {
        self.eval(x)
    }
    /// Integers keep their type where this is set (and `eval_int` is given); else they become float32 before they come here.
    const INTEGERS: bool = false;
    /// Are bools taken, as the integers 0 and 1 whose result is true unless it is 0?
    const BOOLS: bool = false;
    /// On integers, wrapped to their own width afterwards, as in NumPy.
    fn eval_int(&self, _x: [i64; 3]) -> i64 {
        unreachable!("integers are refused by infer")
    }
    /// Are the attributes' values ones that the op takes? The error names attribute, value and what is expected.
    fn valid(&self) -> Result<()> {
        Ok(())
    }
    /// What only values can tell, as in [`Op::check`].
    const CHECKS: u32 = 0;
    fn check(&self, _cx: &Cpu) -> Result<()> {
        Ok(())
    }
    /// Gradients of elementwise ops take shapes as they are.
    const BROADCASTS: bool = true;
    /// Roughly, nanoseconds for 16 elements: what decides how many threads work.
    const COST: usize = 1;
    /// Arithmetic operations an element.
    const FLOPS: u64 = 1;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, needs: u32) -> Keep;
    fn grad(&self, cx: &GradCx) -> Result<Grads>;
    /// The attributes to test with, the defaults unless given; inputs are made from the signature.
    fn sample_ops() -> Vec<Self> {
        vec![Self::defaults().unwrap_or_else(|| panic!("{} needs sample_ops", Self::info().name))]
    }
    /// Calls that must fail, beside shapes that do not go together and dtypes that it does not take: those are known.
    fn refusals() -> Refusals<Self> {
        vec![]
    }
    /// Test inputs lie in this range.
    const SAMPLES: (f64, f64) = (-2.0, 2.0);
}

impl<P: Pointwise> Op for P {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        self.valid()?;
        out.fresh(result(x, P::INTEGERS, P::BOOLS, P::BROADCASTS)?)
    }
    const CHECKS: u32 = P::CHECKS;
    fn check(&self, cx: &Cpu) -> Result<()> {
        Pointwise::check(self, cx)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        match cx.out_spec(0).dtype {
            d if d.is_float() => crate::floats!(d, T => P::Inputs::run::<T, P>(self, cx)),
            DType::Bool if P::BOOLS => run_ints_as(self, cx, |v| (v != 0) as u8),
            _ if P::INTEGERS => run_ints(self, cx),
            other => unreachable!("infer let {other} through"),
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
    fn refusals() -> Refusals<P> {
        let mut all = Pointwise::refusals();
        let (n, ops) = (P::info().inputs.len(), P::sample_ops());
        let Some(op) = ops.first() else { return all };
        let wrong = |dtype| vec![given::zeros(dtype, &[2]); n];
        match (P::INTEGERS, P::info().inputs[0].float) {
            (true, _) if P::BOOLS => {}
            (true, _) => all.push((op.clone(), wrong(DType::Bool), Kind::DType, "numbers expected, got bool")),
            (_, false) => {
                all.push((op.clone(), wrong(DType::I64), Kind::DType, "float32 or float64 expected, got int64"))
            }
            // Whatever there is becomes a float.
            (false, true) => {}
        }
        if n > 1 {
            let inputs = (0..n).map(|k| given::float(if k == 0 { &[2, 3] } else { &[4] })).collect();
            let says = if P::BROADCASTS {
                "do not broadcast: [2, 3] with [4]"
            } else {
                "one shape expected, got [2, 3] and [4]"
            };
            all.push((op.clone(), inputs, Kind::Shape, says));
        }
        all
    }
    fn samples() -> Samples<P> {
        let cases = sample_inputs(P::info().inputs.len(), P::BROADCASTS, P::SAMPLES);
        P::sample_ops().into_iter().flat_map(|op| cases.iter().map(move |c| (op.clone(), c.clone()))).collect()
    }
}
fn result(x: Specs, integers: bool, bools: bool, broadcasts: bool) -> Result<Spec> {
    let d = x[0].dtype;
    if !d.is_float() && !integers || d == DType::Bool && !bools {
        let wanted = if integers { "numbers" } else { "float32 or float64" };
        return Err(err(Kind::DType, format!("{wanted} expected, got {d}")));
    }
    if let Some(other) = x.iter().find(|s| s.dtype != d) {
        return Err(err(Kind::DType, format!("inputs of one dtype expected, got {d} and {}", other.dtype)));
    }
    if !broadcasts && x.iter().any(|s| s.dims() != x[0].dims()) {
        let other = x.iter().find(|s| s.dims() != x[0].dims()).expect("one that differs");
        return Err(err(
            Kind::Shape,
            format!("inputs of one shape expected, got {:?} and {:?}", x[0].dims(), other.dims()),
        ));
    }
    elementwise(x)
}
/// A matrix, a 4-D tensor and a 0-d one for each of `n` inputs, an empty one; and shapes that broadcast.
fn sample_inputs(n: usize, broadcasts: bool, (low, high): (f64, f64)) -> Vec<Vec<Option<Tensor>>> {
    let inputs =
        |d: &[u32]| (0..n as u64).map(|k| Some(crate::ops::sample_in(3 + k, d, low, high))).collect::<Vec<_>>();
    let mut cases = vec![inputs(&[3, 4]), inputs(&[2, 3, 2, 2]), inputs(&[]), inputs(&[2, 0])];
    if n > 1 && broadcasts {
        let mut mixed = inputs(&[3, 1]);
        mixed[1] = inputs(&[2, 1, 4])[1].clone();
        cases.push(mixed);
    }
    cases
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

/// A pointwise op as the kernels take it.
struct Eval<'a, P, T, const N: usize>(&'a P, std::marker::PhantomData<T>);
#[inline(always)]
fn widened<T: Float, const N: usize>(x: [T; N]) -> [T; 3] {
    let mut all = [T::ZERO; 3];
    all[..N].copy_from_slice(&x);
    all
}
impl<P: Pointwise, T: Float + Element, const N: usize> Map for Eval<'_, P, T, N> {
    type In = [T; N];
    type Out = T;
    const COST: usize = P::COST;
    #[inline(always)]
    fn eval(&self, x: [T; N]) -> T {
        self.0.eval(widened(x))
    }
    // float64 goes through the standard library, which takes all arguments.
    const RARE: bool = P::RARE && T::IS_F32;
    #[inline(always)]
    fn rare(&self, x: [T; N]) -> bool {
        self.0.rare(widened(x))
    }
    fn slow(&self, x: [T; N]) -> T {
        self.0.slow(widened(x))
    }
}
/// The number of a signature's inputs, as a type.
pub struct InputCount<const N: usize>;
/// Runs an elementwise op of that many inputs.
pub trait Count {
    fn run<T: Float + Element, P: Pointwise>(op: &P, cx: &Cpu);
}
impl<const N: usize> Count for InputCount<N> {
    #[inline(always)]
    fn run<T: Float + Element, P: Pointwise>(op: &P, cx: &Cpu) {
        map(&Eval::<P, T, N>(op, Default::default()), cx)
    }
}
/// Runs an elementwise kernel over all inputs, broadcast to output 0: flat where all of them lie alike.
#[inline]
pub fn map<M: Map>(f: &M, cx: &Cpu) {
    run_kernel(&Kernel::new(f), cx)
}
fn run_kernel(f: &Kernel, cx: &Cpu) {
    let (n, out) = (cx.ins.len(), cx.out_spec(0));
    let p: [*const u8; 3] = std::array::from_fn(|k| if k < n { cx.ptr(k) } else { std::ptr::null() });
    if out.is_dense() && (0..n).all(|k| cx.spec(k).same_walk(out)) {
        // `infer` made the output of the inputs' size; in place is allowed element by element.
        return unsafe { f.flat(p, cx.out_ptr(0), out.numel()) };
    }
    run_strided(f, cx, p)
}
#[inline(never)]
fn run_strided(f: &Kernel, cx: &Cpu, p: [*const u8; 3]) {
    let (n, out) = (cx.ins.len(), cx.out_spec(0));
    let r = out.rank();
    let wide = |k: usize| cx.spec(k).broadcast_to(out.dims()).expect("infer has broadcast the shapes").isize_strides();
    let strides: [[isize; MAX_NDIM]; 3] = std::array::from_fn(|k| if k < n { wide(k) } else { [0; MAX_NDIM] });
    let slices: [&[isize]; 3] = std::array::from_fn(|k| &strides[k][..r]);
    // Operands are valid at every index of their specs.
    unsafe { f.map(&out.usize_dims()[..r], p, &slices[..n], cx.out_ptr(0), &out.isize_strides()[..r]) }
}
fn run_ints<P: Pointwise>(op: &P, cx: &Cpu) {
    match cx.out_spec(0).dtype {
        DType::U8 => run_ints_as(op, cx, |v| v as u8),
        DType::I32 => run_ints_as(op, cx, |v| v as i32),
        DType::I64 => run_ints_as(op, cx, |v| v),
        other => unreachable!("infer let {other} through"),
    }
}
fn run_ints_as<P: Pointwise, T: Copy + Into<i64>>(op: &P, cx: &Cpu, to: impl Fn(i64) -> T) {
    let n = cx.ins.len();
    let p: [*const T; 3] = std::array::from_fn(|k| if k < n { cx.ptr(k) } else { std::ptr::null() });
    let o: *mut T = cx.out_ptr(0);
    walk_inputs(cx, &mut |offsets, o_at, run, steps, o_step| unsafe {
        for i in 0..run as isize {
            let mut v = [0i64; 3];
            for k in 0..n {
                v[k] = (*p[k].offset(offsets[k] + i * steps[k])).into();
            }
            *o.offset(o_at + i * o_step) = to(op.eval_int(v));
        }
    });
}
type Visit<'a> = dyn FnMut(&[isize; 3], isize, usize, &[isize; 3], isize) + 'a;
/// [`walk`] over all inputs, broadcast to output 0.
#[inline(never)]
fn walk_inputs(cx: &Cpu, f: &mut Visit) {
    let (n, out) = (cx.ins.len(), cx.out_spec(0));
    let specs: [Spec; 3] =
        std::array::from_fn(|k| if k < n { cx.spec(k).broadcast_to(out.dims()).expect("infer") } else { *out });
    walk(out, &specs[..n], f)
}
/// Visits a broadcast problem run by run: offsets of each input, offset of the output, length, steps of each input, step of
/// the output. The innermost dimension is the output's unit stride where it has one.
pub fn walk(out: &Spec, ins: &[Spec], f: &mut Visit) {
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
