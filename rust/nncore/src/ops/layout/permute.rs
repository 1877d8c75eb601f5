use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::{smallvec, SmallVec};

op! {
    /// Reorders dimensions: dimension `i` of the result is dimension `dims[i]` of the input. A view.
    ///
    /// Shape: `(d0, …)` to `(d[dims[0]], …)`. Raises `ShapeError` unless `dims` names each dimension once.
    pub Permute = "permute"(input: One @ Any) -> (output; 1) { dims: Ints }
}
impl Permute {
    fn order(&self, x: &crate::Spec) -> Result<SmallVec<[usize; 8]>> {
        let order = self.dims.iter().map(|&d| x.axis(d)).collect::<Result<SmallVec<[usize; 8]>>>()?;
        let mut seen = 0u32;
        order.iter().for_each(|&a| seen |= 1 << a);
        if order.len() != x.rank() || seen != (1u32 << x.rank()) - 1 {
            return Err(err(Kind::Shape, format!("{:?} does not name each of {} dimensions once", &self.dims[..], x.rank())));
        }
        Ok(order)
    }
}
impl Op for Permute {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let order = self.order(&x[0])?;
        out.view(0, x[0].permute(&order), 0)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let mut inverse: Ints = smallvec![0; self.dims.len()];
        for (i, &a) in self.order(cx.spec(0))?.iter().enumerate() {
            inverse[a] = i as i64
        }
        Ok(smallvec![Some(cx.emit(&Permute { dims: inverse }, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<Permute> {
        vec![
            (Permute { dims: smallvec![2, 0, 1] }, vec![Some(crate::ops::sample(1, &[2, 3, 4]))]),
            (Permute { dims: smallvec![0, -1, 1, 2] }, vec![Some(crate::ops::sample(2, &[2, 3, 4, 5]))]),
        ]
    }
    fn refusals() -> Refusals<Permute> {
        vec![
            (Permute { dims: smallvec![0] }, given::floats(&[&[2, 3]]), Kind::Shape, "[0] does not name each of 2 dimensions once"),
        ]
    }
}

op! {
    /// Swaps two dimensions. A view.
    ///
    /// Raises `ShapeError` for a dimension that is out of range.
    pub Transpose = "transpose"(input: One @ Any) -> (output; 1) { dim0: i64, dim1: i64 }
}
impl Op for Transpose {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, b) = (x[0].axis(self.dim0)?, x[0].axis(self.dim1)?);
        let mut order: SmallVec<[usize; 8]> = (0..x[0].rank()).collect();
        if !order.is_empty() {
            order.swap(a, b);
        }
        out.view(0, x[0].permute(&order), 0)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(self, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<Transpose> {
        vec![(Transpose { dim0: 0, dim1: -1 }, vec![Some(crate::ops::sample(1, &[2, 3, 4]))])]
    }
}

/// The transpose of a matrix, without a copy.
pub fn t(x: &Tensor) -> Result<Tensor> {
    let n = x.spec.rank();
    if n < 2 || dispatch::recording() || x.requires_grad() && dispatch::grad_enabled() {
        return dispatch::one(&Transpose { dim0: -2, dim1: -1 }, &[x]);
    }
    // Neither tape nor recorder look on, so there is nothing to dispatch: gradients of products ask for this in each step.
    let mut order: SmallVec<[usize; 8]> = (0..n).collect();
    order.swap(n - 2, n - 1);
    Ok(Tensor { spec: x.spec.permute(&order), ..x.detach() })
}
