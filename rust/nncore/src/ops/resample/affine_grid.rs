use crate::ops::pair_loss::{named, promoted};
use crate::ops::{cast::cast, matmul::matmul, permute::t, reshape::reshape};
use crate::op::*;
use crate::shape::Spec;
use crate::{err, Kind, Result, Tensor};

op! {
    /// The grid of points at which `grid_sample` reads an input that affine maps have moved: the maps `theta` of the points of
    /// an even grid over [-1, 1] in each dimension.
    ///
    /// Shapes: `theta` (N, 2, 3) and `size` (N, C, H, W), the result (N, H, W, 2), which holds x and y; or (N, 3, 4) and
    /// (N, C, D, H, W), the result (N, D, H, W, 3). With `align_corners` the outermost points are -1 and 1, else these are the
    /// outer edges of elements whose middles are the points; None is False. Raises `ShapeError` where shapes do not go together.
    pub AffineGrid = "affine_grid"(theta: One + float @ Any) -> (grid; 1) { size: Ints, align_corners: Option<bool> = None }
}
impl Function for AffineGrid {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |align_corners, theta: &[u32], size: &[i64]| Case {
            attrs: AffineGrid { size: size.into(), align_corners }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, theta))],
        };
        vec![
            case(None, &[2, 2, 3], &[2, 1, 3, 4]),
            case(Some(true), &[1, 2, 3], &[1, 5, 1, 2]),
            case(Some(false), &[2, 3, 4], &[2, 1, 2, 3, 2]),
            case(Some(true), &[1, 3, 4], &[1, 1, 2, 1, 3]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |size: &[i64]| AffineGrid { size: size.into(), align_corners: None };
        let theta = |d: &[u32]| vec![Some(crate::ops::sample(1, d))];
        refusals(vec![
            (op(&[1, 1, 2]), theta(&[1, 2, 3]), Kind::Shape, "a size (N, C, H, W)"),
            (op(&[1, 1, 2, 0]), theta(&[1, 2, 3]), Kind::Shape, "a size (N, C, H, W)"),
            (op(&[2, 1, 2, 2]), theta(&[1, 2, 3]), Kind::Shape, "theta of shape (2, 2, 3) expected, got [1, 2, 3]"),
        ])
    }
}
impl AffineGrid {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(ins)?;
        let theta = own[0].as_ref().expect("theta");
        if !(4..=5).contains(&self.size.len()) || self.size.iter().any(|d| *d < 1) {
            let text = format!("a size (N, C, H, W) or (N, C, D, H, W) of numbers above 0 expected, got {:?}", &self.size[..]);
            return Err(err(Kind::Shape, text));
        }
        let n = self.size.len() - 2;
        if theta.spec.shape()[..] != [self.size[0], n as i64, n as i64 + 1] {
            let text = format!("theta of shape ({}, {n}, {}) expected, got {:?}", self.size[0], n + 1, theta.spec.dims());
            return Err(err(Kind::Shape, text));
        }
        let spatial: Ints = self.size[2..].into();
        let mut shape: Ints = spatial.clone();
        shape.insert(0, self.size[0]);
        shape.push(n as i64);
        Spec::checked(theta.spec.dtype, &shape)?;
        let base = cast(&self.points(&spatial)?, theta.spec.dtype)?;
        reshape(&matmul(&base, &t(theta)?)?, &shape)
    }
    /// A row (x, y, 1) or (x, y, z, 1) for each point of the even grid, the last dimension first.
    fn points(&self, spatial: &[i64]) -> Result<Tensor> {
        let n = spatial.len();
        let total: i64 = spatial.iter().product();
        let mut rows = Vec::with_capacity(total as usize * (n + 1));
        for flat in 0..total {
            let mut rest = flat;
            for d in spatial.iter().rev() {
                let (i, d) = ((rest % d) as f64, *d as f64);
                rest /= d as i64;
                rows.push(match self.align_corners == Some(true) {
                    // One point alone lies in the middle.
                    true if d == 1.0 => 0.0,
                    true => 2.0 * i / (d - 1.0) - 1.0,
                    false => (2.0 * i + 1.0) / d - 1.0,
                });
            }
            rows.push(1.0);
        }
        Tensor::from_slice(&rows, &[total as u32, n as u32 + 1])
    }
}
