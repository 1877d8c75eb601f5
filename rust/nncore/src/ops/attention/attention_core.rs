use crate::ops::scaled_dot_product_attention::composed;
use crate::op::*;
use crate::shape::{Dims, Spec};
use crate::{err, DType, Kind, Result, Tensor};
use nncore_kernels::attention::{self as kernels, Attention, Mask};
use nncore_kernels::pool;
use smallvec::smallvec;

op! {
    /// `softmax(scale * query key^T + mask) value` by blocks. Also gives the logarithm of each query's sum of weights, which
    /// its gradient reads.
    ///
    /// Shapes: query (..., L, E), key (..., S, E), value (..., S, V), alike in their leading sizes, of which the last may be a
    /// multiple for the query; mask (..., L, S), bool or added, of any strides, with the query's leading sizes.
    AttentionCore = "attention_core"(query: One, key: One, value: One, mask: Optional + constant @ Any) -> (output, sums; 1) {
        scale: f64 = 1.0, causal: bool = false,
    }
}
op! {
    /// Gradients of `attention_core` by query, key and value.
    AttentionCoreGrad = "attention_core_grad"(grad: One, query: One, key: One, value: One, output: One, sums: One,
        mask: Optional + constant @ Any) -> (grad_query, grad_key, grad_value; 3) { scale: f64 = 1.0, causal: bool = false }
}
/// Checks shapes; how many batches of queries share one of keys.
fn check(q: &Spec, k: &Spec, v: &Spec, mask: Option<&Spec>) -> Result<usize> {
    let (n, wrong) = (q.rank(), |text: String| Err(err(Kind::Shape, text)));
    if !q.dtype.is_float() || k.dtype != q.dtype || v.dtype != q.dtype {
        return Err(err(Kind::DType, format!("floats of one dtype expected, got {}, {} and {}", q.dtype, k.dtype, v.dtype)));
    }
    if n < 2 || k.rank() != n || v.rank() != n {
        let text = "query (..., L, E), key (..., S, E) and value (..., S, V) expected, got";
        return wrong(format!("{text} {:?}, {:?} and {:?}", q.dims(), k.dims(), v.dims()));
    }
    if k.d(n - 1) != q.d(n - 1) || v.d(n - 2) != k.d(n - 2) || k.dims()[..n - 2] != v.dims()[..n - 2] {
        return wrong(format!("a query of {:?} does not fit a key of {:?} and a value of {:?}", q.dims(), k.dims(), v.dims()));
    }
    let group = if n > 2 { q.d(n - 3) / k.d(n - 3).max(1) } else { 1 };
    let alike = |i: usize| q.d(i) == k.d(i) * if i + 3 == n { group } else { 1 };
    if !(0..n - 2).all(alike) {
        return wrong(format!("leading sizes that fit expected, got {:?} and {:?}", q.dims(), k.dims()));
    }
    if let Some(m) = mask {
        let mut dims: Dims = q.dims().into();
        dims[n - 1] = k.dims()[n - 2];
        if m.dims() != &dims[..] || m.dtype != DType::Bool && m.dtype != q.dtype {
            return wrong(format!("a mask of bool or {} and shape {:?} expected, got {m}", q.dtype, &dims[..]));
        }
    }
    Ok(group.max(1))
}
/// The mask of a batch.
fn mask_of<T>(mask: Option<View>, b: usize) -> Mask<T> {
    let Some(m) = mask else { return Mask::None };
    let n = m.spec.rank();
    let (mut rest, mut at) = (b, 0);
    for i in (0..n - 2).rev() {
        at += (rest % m.spec.d(i)) as isize * m.spec.s(i);
        rest /= m.spec.d(i);
    }
    let (r, c) = (m.spec.s(n - 2), m.spec.s(n - 1));
    // A batch of its spec.
    match m.spec.dtype {
        DType::Bool => Mask::Bool(unsafe { (m.ptr() as *const bool).offset(at) }, r, c),
        _ => Mask::Added(unsafe { (m.ptr() as *const T).offset(at) }, r, c),
    }
}
/// The problem as the kernels take it.
fn problem<'a, T>(
    q: &Spec,
    k: &Spec,
    v: &Spec,
    group: usize,
    scale: f64,
    causal: bool,
    mask: &'a (dyn Fn(usize) -> Mask<T> + Sync),
) -> Attention<'a, T> {
    let n = q.rank();
    Attention {
        batches: (0..n - 2).map(|i| q.d(i)).product(),
        group,
        queries: q.d(n - 2),
        keys: k.d(n - 2),
        width: q.d(n - 1),
        values: v.d(n - 1),
        scale,
        causal,
        mask,
    }
}
/// A view that other threads may read.
#[derive(Clone, Copy)]
struct Shared<'a>(Option<View<'a>>);
// The dispatcher holds the memory while the kernel runs, and nothing writes to it.
unsafe impl Sync for Shared<'_> {}
impl<'a> Shared<'a> {
    fn view(&self) -> Option<View<'a>> {
        self.0
    }
}
/// Multiply-adds, of which a causal mask leaves half.
fn products(x: [&Spec; 3], causal: bool) -> u64 {
    let n = x[0].rank();
    let pairs = x[0].numel() as u64 / x[0].d(n - 1).max(1) as u64 * x[1].d(n - 2) as u64;
    pairs * (x[0].d(n - 1) + x[2].d(n - 1)) as u64 / if causal { 2 } else { 1 }
}
impl Op for AttentionCore {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (q, n) = (&x[0], x[0].rank());
        check(q, &x[1], &x[2], x.opt(3))?;
        let mut dims: Dims = q.dims().into();
        dims[n - 1] = x[2].dims()[n - 1];
        out.fresh(Spec::new(q.dtype, &dims))?;
        out.fresh(Spec::new(q.dtype, &dims[..n - 1]))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let Ok(group) = check(&x[0], &x[1], &x[2], x.opt(3)) else { return 0 };
        floats!(x[0].dtype, T => {
            let none = |_: usize| Mask::<T>::None;
            kernels::attention_bytes(&problem(&x[0], &x[1], &x[2], group, 1.0, false, &none), pool::threads())
        })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (q, k, v) = (cx.spec(0), cx.spec(1), cx.spec(2));
        let group = check(q, k, v, None)?;
        let mask = Shared(cx.ins.get(3).copied().flatten());
        floats!(q.dtype, T => {
            let of = |b: usize| mask_of::<T>(mask.view(), b);
            let p = problem(q, k, v, group, self.scale, self.causal, &of);
            // Scratch of this many bytes, for as many threads; the mask was checked by `infer`.
            unsafe {
                let (out, sums) = (cx.out(0), cx.out(1));
                kernels::attention(&p, cx.get(0), cx.get(1), cx.get(2), out, sums, cx.scratch, pool::threads())
            }
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::Low;
    const PRECISION: Option<Precision> = Some(Precision::Highest);
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b1111, 0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None; 4]) };
        if cx.create_graph {
            return cx.through(&[0, 1, 2, 3], |ins| {
                let [Some(q), Some(k), Some(v), mask] = ins else { unreachable!("three are given") };
                composed(q, k, v, mask.as_ref(), self.scale, self.causal)
            });
        }
        let AttentionCore { scale, causal } = *self;
        let mask = if cx.has(3) { Some(cx.input(3)?) } else { None };
        let (y, sums) = (cx.output(0)?.detach(), cx.output(1)?.detach());
        let (q, k, v) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let ins = [Some(dy), Some(&q), Some(&k), Some(&v), Some(&y), Some(&sums), mask.as_ref()];
        let o = cx.emit_all(&AttentionCoreGrad { scale, causal }, &ins)?;
        Ok((0..4).map(|i| (i < 3 && cx.needs(i)).then(|| o[i].clone())).collect())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let flops = 2 * products([&x[0], &x[1], &x[2]], self.causal);
        Cost { flops, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<AttentionCore> {
        let case = |scale, causal, q: &[u32], k: &[u32], v: &[u32], mask: Option<Tensor>| {
            let s = |seed, d: &[u32]| Some(crate::ops::sample(seed, d));
            (AttentionCore { scale, causal }, vec![s(1, q), s(2, k), s(3, v), mask])
        };
        vec![
            case(0.5, false, &[2, 3, 4], &[2, 5, 4], &[2, 5, 3], None),
            case(1.0, true, &[4, 3, 2], &[2, 3, 2], &[2, 3, 2], None),
            case(0.7, false, &[3, 2], &[4, 2], &[4, 2], Some(crate::ops::sample(4, &[3, 4]))),
        ]
    }
}
impl Op for AttentionCoreGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check(&x[1], &x[2], &x[3], x.opt(6))?;
        (1..4).try_for_each(|i| out.fresh(x[i]))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let Ok(group) = check(&x[1], &x[2], &x[3], x.opt(6)) else { return 0 };
        floats!(x[1].dtype, T => {
            let none = |_: usize| Mask::<T>::None;
            kernels::attention_gradient_bytes(&problem(&x[1], &x[2], &x[3], group, 1.0, false, &none), pool::threads())
        })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (q, k, v) = (cx.spec(1), cx.spec(2), cx.spec(3));
        let group = check(q, k, v, None)?;
        let mask = Shared(cx.ins.get(6).copied().flatten());
        floats!(q.dtype, T => {
            let of = |b: usize| mask_of::<T>(mask.view(), b);
            let p = problem(q, k, v, group, self.scale, self.causal, &of);
            let (ins, outs) = ([cx.get(1), cx.get(2), cx.get(3)], [cx.out(0), cx.out(1), cx.out(2)]);
            // Scratch of this many bytes, for as many threads; the mask was checked by `infer`.
            unsafe {
                kernels::attention_gradient(&p, ins, cx.get(4), cx.get(5), cx.get(0), outs, cx.scratch, pool::threads())
            }
        });
        Ok(())
    }
    const PRECISION: Option<Precision> = Some(Precision::Highest);
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let flops = 5 * products([&x[1], &x[2], &x[3]], self.causal);
        Cost { flops, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<AttentionCoreGrad> {
        let s = |seed, d: &[u32]| Some(crate::ops::sample(seed, d));
        let inputs = vec![
            s(1, &[2, 3, 4]),
            s(2, &[2, 3, 4]),
            s(3, &[2, 5, 4]),
            s(4, &[2, 5, 4]),
            s(5, &[2, 3, 4]),
            Some(crate::ops::sample_in(6, &[2, 3], 2.0, 3.0)),
            None,
        ];
        vec![(AttentionCoreGrad { scale: 0.5, causal: false }, inputs)]
    }
}
