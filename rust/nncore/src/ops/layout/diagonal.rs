use crate::ops::copy::copy_strided;
use crate::op::*;
use crate::shape::{Dims, Spec, MAX_NDIM};
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::{smallvec, SmallVec};

/// The diagonal of two axes as the last dimension: its spec, and where it begins.
fn window(x: &Spec, offset: i64, dim1: i64, dim2: i64) -> Result<(Spec, isize)> {
    if x.rank() < 2 {
        return Err(err(Kind::Shape, format!("at least two dimensions expected, got {:?}", x.dims())));
    }
    let (a, b) = (x.axis(dim1)?, x.axis(dim2)?);
    if a == b {
        return Err(err(Kind::Shape, format!("two dimensions expected, got {dim1} and {dim2}")));
    }
    let (down, right) = (offset.saturating_neg().max(0) as usize, offset.max(0) as usize);
    let n = x.d(a).saturating_sub(down).min(x.d(b).saturating_sub(right));
    let (mut dims, mut strides) = (Dims::new(), SmallVec::<[i32; MAX_NDIM]>::new());
    for i in (0..x.rank()).filter(|i| *i != a && *i != b) {
        dims.push(x.dims()[i]);
        strides.push(x.strides()[i]);
    }
    dims.push(n as u32);
    strides.push(x.strides()[a].saturating_add(x.strides()[b]));
    let spec = Spec::strided(x.dtype, &dims, &strides);
    let start = if spec.numel() == 0 { 0 } else { down as isize * x.s(a) + right as isize * x.s(b) };
    Ok((spec, start))
}

op! {
    /// The diagonal of two dimensions, which becomes the last one. `offset` counts from the main diagonal to the right. A view.
    ///
    /// Shape: the input's without `dim1` and `dim2`, and the diagonal's length at the end. Raises `ShapeError` for dimensions
    /// that are out of range or the same.
    pub Diagonal = "diagonal"(input: One @ Any) -> (output; 1) { offset: i64 = 0, dim1: i64 = 0, dim2: i64 = 1 }
}
impl Op for Diagonal {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (spec, start) = window(&x[0], self.offset, self.dim1, self.dim2)?;
        out.view(0, spec, start)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let back = DiagonalGrad { shape: cx.spec(0).shape(), offset: self.offset, dim1: self.dim1, dim2: self.dim2 };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0)])?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<Diagonal> {
        let case = |offset, dim1, dim2, d: &[u32]| (Diagonal { offset, dim1, dim2 }, vec![Some(crate::ops::sample(1, d))]);
        vec![
            case(0, 0, 1, &[3, 4]),
            case(1, -1, 0, &[3, 2, 4]),
            case(-2, 0, 1, &[4, 3]),
            case(9, 0, 1, &[2, 2]),
            case(0, 2, 3, &[2, 3, 3, 2]),
        ]
    }
    fn refusals() -> Refusals<Diagonal> {
        let op = |dim1, dim2| Diagonal { offset: 0, dim1, dim2 };
        vec![
            (op(0, 1), given::floats(&[&[3]]), Kind::Shape, "at least two dimensions expected, got [3]"),
            (op(1, -1), given::floats(&[&[2, 3]]), Kind::Shape, "two dimensions expected, got 1 and -1"),
        ]
    }
}
op! {
    /// Zeros of `shape` with `grad` on a diagonal: the gradient of `diagonal`, and what `diag_embed` does.
    DiagonalGrad = "diagonal_grad"(grad: One @ Any) -> (grad_input; 1) { shape: Ints, offset: i64, dim1: i64, dim2: i64 }
}
impl Op for DiagonalGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let whole = Spec::checked(x[0].dtype, &self.shape)?;
        let (spec, _) = window(&whole, self.offset, self.dim1, self.dim2)?;
        if spec.dims() != x[0].dims() {
            return Err(err(Kind::Shape, format!("a diagonal of shape {:?} expected, got {:?}", spec.dims(), x[0].dims())));
        }
        out.fresh(whole)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (x, y) = (cx.spec(0), cx.out_spec(0));
        // Zero is all zero bits in every dtype.
        unsafe { cx.out_ptr::<u8>(0).write_bytes(0, y.bytes()) };
        let (to, start) = window(y, self.offset, self.dim1, self.dim2)?;
        if x.numel() > 0 {
            let at = start * y.dtype.size() as isize;
            // A window of the output, which visits no element twice.
            unsafe { copy_strided(x, cx.ptr(0), &to, cx.out_ptr::<u8>(0).offset(at)) };
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let back = Diagonal { offset: self.offset, dim1: self.dim1, dim2: self.dim2 };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<DiagonalGrad> {
        let op = DiagonalGrad { shape: smallvec![3, 4], offset: 1, dim1: 0, dim2: 1 };
        vec![(op, vec![Some(crate::ops::sample(1, &[3]))])]
    }
    fn refusals() -> Refusals<DiagonalGrad> {
        vec![
            (DiagonalGrad { shape: smallvec![3, 4], offset: 0, dim1: 0, dim2: 1 }, given::floats(&[&[4]]), Kind::Shape, "a diagonal of shape [3] expected, got [4]"),
        ]
    }
}
op! {
    /// Matrices with the input's last dimension on a diagonal, and zero elsewhere. `offset` counts from the main diagonal to the
    /// right; `dim1` and `dim2` are the matrix's dimensions in the result.
    ///
    /// Shape: the input's without the last, with two dimensions of its size and `|offset|` more. Raises `ShapeError` for a 0-d
    /// input, and for dimensions that are out of range or the same.
    pub DiagEmbed = "diag_embed"(input: One @ Any) -> (output; 1) { offset: i64 = 0, dim1: i64 = -2, dim2: i64 = -1 }
}
impl Function for DiagEmbed {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = &ins[0].expect("a required input").spec;
        if x.rank() == 0 {
            return Err(err(Kind::Shape, "at least one dimension expected, got a 0-d tensor"));
        }
        // A spec of the result's rank, to count dimensions with.
        let rank = x.rank() + 1;
        let like = Spec::checked(x.dtype, &vec![1; rank])?;
        let (a, b) = (like.axis(self.dim1)?, like.axis(self.dim2)?);
        if a == b {
            return Err(err(Kind::Shape, format!("two dimensions expected, got {} and {}", self.dim1, self.dim2)));
        }
        let n = (x.d(x.rank() - 1) as i64).saturating_add(self.offset.saturating_abs());
        let mut rest = x.shape().into_iter();
        let shape = (0..rank).map(|i| if i == a || i == b { n } else { rest.next().expect("the other sizes") }).collect();
        dispatch::apply(&DiagonalGrad { shape, offset: self.offset, dim1: a as i64, dim2: b as i64 }, ins)
    }
    fn cases() -> Vec<Case> {
        let case = |offset, dim1, dim2, d: &[u32]| {
            let op = DiagEmbed { offset, dim1, dim2 };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![case(0, -2, -1, &[3]), case(-1, -2, -1, &[2, 3]), case(2, 0, 2, &[2, 2]), case(0, -1, 0, &[2])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |offset, dim1, dim2| DiagEmbed { offset, dim1, dim2 };
        refusals(vec![
            (op(0, 0, 1), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor"),
            (op(0, 1, -1), given::floats(&[&[3]]), Kind::Shape, "two dimensions expected, got 1 and -1"),
            (op(i64::MAX, 0, 1), given::floats(&[&[3]]), Kind::Shape, "a tensor holds at most"),
            (op(0, 0, 1), given::floats(&[&[1; 8]]), Kind::Shape, "at most 8 dimensions"),
        ])
    }
}
op! {
    /// Of a vector the matrix with it on a diagonal; of a matrix that diagonal, as a view. `diagonal` counts from the main one to
    /// the right.
    ///
    /// Shape: `(n,)` to `(n + |diagonal|, n + |diagonal|)`, and `(m, n)` to a vector. Raises `ShapeError` for another number of
    /// dimensions.
    pub Diag = "diag"(input: One @ Any) -> (output; 1) { diagonal: i64 = 0 }
}
impl Function for Diag {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        match ins[0].expect("a required input").spec.rank() {
            1 => DiagEmbed { offset: self.diagonal, dim1: -2, dim2: -1 }.call(ins),
            2 => dispatch::apply(&Diagonal { offset: self.diagonal, dim1: 0, dim2: 1 }, ins),
            n => Err(err(Kind::Shape, format!("a vector or a matrix expected, got {n} dimensions"))),
        }
    }
    fn cases() -> Vec<Case> {
        let case = |diagonal, d: &[u32]| Case { attrs: vec![Attr::Int(diagonal)], inputs: vec![Some(crate::ops::sample(1, d))] };
        vec![case(0, &[3]), case(-1, &[2]), case(1, &[3, 4]), case(0, &[4, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |diagonal| Diag { diagonal };
        refusals(vec![
            (op(0), given::floats(&[&[]]), Kind::Shape, "a vector or a matrix expected, got 0 dimensions"),
            (op(1 << 40), given::floats(&[&[2]]), Kind::Shape, "a tensor holds at most"),
            (op(0), given::floats(&[&[2, 2, 2]]), Kind::Shape, "got 3 dimensions"),
        ])
    }
}
