use crate::ops::cat::cat;
use crate::ops::reshape::reshape;
use crate::ops::split::zeros;
use crate::op::*;
use crate::shape::{Dims, Spec, MAX_NDIM};
use crate::{err, Kind, Result};
use smallvec::{smallvec, SmallVec};

op! {
    /// The slices along `dim`, one for each index, without that dimension. Views.
    ///
    /// Shapes: the input's without `dim`. Raises `ShapeError` for a dimension that is out of range.
    pub Unbind = "unbind"(input: One @ Any) -> (slices; *) { dim: i64 = 0 }
}
impl Op for Unbind {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].rank() == 0 {
            return Err(err(Kind::Shape, "a 0-d tensor has no dimension to unbind"));
        }
        let axis = x[0].axis(self.dim)?;
        let (mut dims, mut strides): (Dims, SmallVec<[i32; MAX_NDIM]>) = (x[0].dims().into(), x[0].strides().into());
        dims.remove(axis);
        strides.remove(axis);
        let one = Spec::strided(x[0].dtype, &dims, &strides);
        // An empty slice begins nowhere: its offset must not leave the memory.
        let step = if one.numel() == 0 { 0 } else { x[0].s(axis) };
        (0..x[0].d(axis) as isize).try_for_each(|i| out.view(0, one, i * step))
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("views have no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    /// The slices' gradients, stacked in one pass; zeros for those that nothing came from.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let x = cx.spec(0);
        let mut kept = x.shape();
        kept[x.axis(self.dim)?] = 1;
        let raised = |i: usize| match cx.opt_dy(i) {
            Some(dy) => reshape(dy, &kept),
            None => zeros(&Spec::checked(x.dtype, &kept)?, x.dtype),
        };
        let all = (0..x.d(x.axis(self.dim)?)).map(raised).collect::<Result<Vec<_>>>()?;
        Ok(smallvec![Some(cat(&all.iter().collect::<Vec<_>>(), self.dim)?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<Unbind> {
        let case = |dim, d: &[u32]| (Unbind { dim }, vec![Some(crate::ops::sample(1, d))]);
        vec![case(0, &[3, 2]), case(-1, &[2, 2, 3]), case(1, &[2, 3, 2, 2]), case(0, &[2]), case(0, &[2, 0])]
    }
    fn refusals() -> Refusals<Unbind> {
        vec![
            (Unbind { dim: 0 }, given::floats(&[&[]]), Kind::Shape, "a 0-d tensor has no dimension to unbind"),
        ]
    }
}
