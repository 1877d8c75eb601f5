use crate::ops::permute::t;
use crate::ops::reshape::reshape;
use crate::op::*;
use crate::shape::{broadcast, Dim, Dims, Spec};
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::gemm::{self, Matrix, Output};
use nncore_kernels::num::Float;
use nncore_kernels::pool;
use smallvec::smallvec;

op! {
    /// Matrix product.
    ///
    /// Shapes: (M, K) and (K, N) give (M, N); a vector stands for a row on the left and a column on the right, and its
    /// dimension vanishes; leading dimensions are batches and broadcast. Transposed views are read in place.
    /// Raises `ShapeError` where the inner sizes differ.
    pub Matmul = "matmul"(input: One + float @ Any, other: One + float @ Any) -> (output; 1) {}
}
impl Function for Matmul {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = (ins[0].expect("input"), ins[1].expect("other"));
        Ok(smallvec![matmul(a, b)?])
    }
    fn cases() -> Vec<Case> {
        let case = |a: &[Dim], b: &[Dim]| Case { attrs: vec![], inputs: vec![Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))] };
        vec![
            case(&[3, 4], &[4, 5]),
            case(&[4], &[4]),
            case(&[4], &[4, 3]),
            case(&[2, 3, 4], &[4]),
            case(&[2, 3, 4], &[4, 5]),
            case(&[2, 1, 3, 4], &[3, 4, 2]),
            case(&[0, 4], &[4, 2]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Matmul {}, given::floats(&[&[2, 3], &[2, 3]]), Kind::Shape, "(M, K) and (K, N) expected, got [2, 3] and [2, 3]"),
            (Matmul {}, given::floats(&[&[], &[3]]), Kind::Shape, "vectors, matrices or batches of them expected"),
            (Matmul {}, given::floats(&[&[3], &[4]]), Kind::Shape, "expected, got"),
            (Matmul {}, given::floats(&[&[2, 2, 3], &[4, 3, 2]]), Kind::Shape, "leading dimensions that broadcast expected, got [2] and [4]"),
            (Matmul {}, given::floats(&[&[2, 3], &[4]]), Kind::Shape, "expected, got"),
        ])
    }
}

op! {
    /// Product of (M, K) and (K, N), or of batches of them: (B, M, K) and (B, K, N).
    Product = "product"(input: One + float @ Matrix, other: One + float @ Matrix) -> (output; 1) {}
}
/// Row and column strides of the last two dimensions of a matrix that was laid out. The stride of a dimension of one
/// element means nothing: the kernels get the one that they like.
pub fn strides(s: &Spec) -> (usize, usize) {
    let (r, c) = (s.rank() - 2, s.rank() - 1);
    match (s.s(r), s.s(c)) {
        _ if s.is_contiguous() => (s.d(c).max(1), 1),
        (row, _) if s.d(c) == 1 && row != 1 => (row as usize, 1),
        (_, col) if s.d(r) == 1 && col != 1 => (1, col as usize),
        (row, col) => (row as usize, col as usize),
    }
}
impl Op for Product {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, b) = (&x[0], &x[1]);
        let n = a.rank();
        if a.dtype != b.dtype || !a.dtype.is_float() {
            return Err(err(Kind::DType, format!("two float matrices of one dtype expected, got {} and {}", a.dtype, b.dtype)));
        }
        if b.rank() != n || !(2..=3).contains(&n) || a.d(n - 1) != b.d(n - 2) || n == 3 && a.d(0) != b.d(0) {
            return Err(err(Kind::Shape, format!("(M, K) and (K, N) expected, got {:?} and {:?}", a.dims(), b.dims())));
        }
        let mut dims: Dims = a.dims().into();
        dims[n - 1] = b.dims()[n - 1];
        out.fresh(Spec::new(a.dtype, &dims))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let (a, b) = (&x[0], &x[1]);
        let n = a.rank();
        let (sa, sb) = (strides(a), strides(b));
        floats!(a.dtype, T => gemm::scratch_bytes::<T>(a.d(n - 2), b.d(n - 1), a.d(n - 1), sa, sb, pool::threads()))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.out_spec(0).dtype, T => product::<T>(cx));
        Ok(())
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::crossed(needs)
    }
    const DIFFERENTIABLE: bool = true;
    const AUTOCAST: Autocast = Autocast::Low;
    const PRECISION: Option<Precision> = Some(Precision::Highest);
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let left = cx.needs(0).then(|| product_of(cx.dy(0), &t(&cx.input(1)?)?)).transpose()?;
        let right = cx.needs(1).then(|| product_of(&t(&cx.input(0)?)?, cx.dy(0))).transpose()?;
        Ok(smallvec![left, right])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let k = x[0].d(x[0].rank() - 1);
        Cost { flops: 2 * (outs.numel() * k) as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Product> {
        let case = |a: &[Dim], b: &[Dim]| (Product {}, vec![Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))]);
        vec![case(&[3, 4], &[4, 5]), case(&[1, 4], &[4, 1]), case(&[2, 3, 4], &[2, 4, 2]), case(&[3, 0], &[0, 2])]
    }
}
fn product<T: Float>(cx: &Cpu) {
    let (a, b, c) = (cx.spec(0), cx.spec(1), cx.out_spec(0));
    let n = a.rank();
    let (sa, sb) = (strides(a), strides(b));
    let (rows, cols, inner) = (a.d(n - 2), b.d(n - 1), a.d(n - 1));
    for i in 0..if n == 3 { a.d(0) } else { 1 } {
        let step = |s: &Spec| if n == 3 { i as isize * s.s(0) } else { 0 };
        unsafe {
            let a = Matrix { ptr: cx.ptr::<T>(0).offset(step(a)), row: sa.0, col: sa.1 };
            let b = Matrix { ptr: cx.ptr::<T>(1).offset(step(b)), row: sb.0, col: sb.1 };
            let c = Output::new(cx.out_ptr::<T>(0).offset(step(c)), cols);
            gemm::gemm(rows, cols, inner, a, b, c, cx.scratch, pool::threads());
        }
    }
}
/// The product of two matrices, or of two batches of equal length.
pub fn product_of(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Product {}, &[a, b])
}

/// What `matmul` of Python does.
pub fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (p, q) = (a.spec.rank(), b.spec.rank());
    let named = |mut e: Box<crate::Error>| {
        if e.op.is_empty() || e.op == "product" {
            e.op = "matmul";
            e.specs = smallvec![a.spec, b.spec];
        }
        e
    };
    if p == 2 && q == 2 {
        return product_of(a, b).map_err(named);
    }
    if p == 0 || q == 0 {
        return Err(named(err(Kind::Shape, "vectors, matrices or batches of them expected")));
    }
    let shape = |t: &Tensor| t.spec.shape();
    let as_row = if p == 1 { reshape(a, &[1, shape(a)[0]])? } else { a.clone() };
    let as_col = if q == 1 { reshape(b, &[shape(b)[0], 1])? } else { b.clone() };
    let mut y = batched(&as_row, &as_col).map_err(named)?;
    let mut out = y.spec.shape();
    if q == 1 {
        out.pop();
    }
    if p == 1 {
        out.remove(out.len() - if q == 1 { 1 } else { 2 });
    }
    if out.len() != y.spec.rank() {
        y = reshape(&y, &out)?;
    }
    Ok(y)
}
/// Leading dimensions broadcast. A matrix on the right is shared by the whole batch, which is then one tall product.
fn batched(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (p, q) = (a.spec.rank(), b.spec.rank());
    if q == 2 {
        let s = a.spec.shape();
        let tall = reshape(a, &[s[..p - 1].iter().product(), s[p - 1]])?;
        let y = product_of(&tall, b)?;
        let mut out = s.clone();
        out[p - 1] = b.spec.d(1) as i64;
        return reshape(&y, &out);
    }
    let (left, right) = (&a.spec.dims()[..p - 2], &b.spec.dims()[..q - 2]);
    let apart = || format!("leading dimensions that broadcast expected, got {left:?} and {right:?}");
    let lead = broadcast(left, right).ok_or_else(|| err(Kind::Shape, apart()))?;
    let whole = |t: &Tensor| -> Result<Tensor> {
        let n = t.spec.rank();
        let mut s: Ints = lead.iter().map(|&d| d as i64).collect();
        s.extend(t.spec.shape()[n - 2..].iter().copied());
        let t = crate::ops::expand::expand(t, &s)?;
        let count: i64 = s[..s.len() - 2].iter().product();
        reshape(&t, &[count, s[s.len() - 2], s[s.len() - 1]])
    };
    let y = product_of(&whole(a)?, &whole(b)?)?;
    let mut out: Ints = lead.iter().map(|&d| d as i64).collect();
    out.extend(y.spec.shape()[1..].iter().copied());
    reshape(&y, &out)
}
