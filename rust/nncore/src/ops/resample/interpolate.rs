use crate::ops::pair_loss::{named, promoted};
use crate::ops::resample_axis::{ResampleAxis, ResampleMode};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

choice! {
    /// How values between the samples are found.
    Interpolation {
        Nearest = "nearest", Linear = "linear", Bilinear = "bilinear", Bicubic = "bicubic", Trilinear = "trilinear",
        Area = "area", NearestExact = "nearest-exact",
    }
}
op! {
    /// Resizes sequences, images or volumes, to `size` or by `scale_factor`.
    ///
    /// Shapes: `input` (N, C, L), (N, C, H, W) or (N, C, D, H, W); the result has other sizes after the channels, and the
    /// input's order in memory. One number serves all of them. Modes: "nearest" (the sample at or before), "nearest-exact" (the
    /// one whose middle is nearest), "area" (the mean of what an output covers), "linear" for sequences, "bilinear" and
    /// "bicubic" for images, "trilinear" for volumes. `align_corners` (for the last four) lays the outermost samples of both
    /// on each other. `recompute_scale_factor` takes the ratio of the sizes instead of the given factor. There is no
    /// `antialias`. Raises `ValueError` where mode, dimensions and arguments do not go together.
    pub Interpolate = "interpolate"(input: One + float @ Any) -> (output; 1) {
        size: Option<Ints> = None, scale_factor: Option<Floats> = None, mode: Interpolation = Interpolation::Nearest,
        align_corners: Option<bool> = None, recompute_scale_factor: Option<bool> = None, antialias: bool = false,
    }
}
impl Function for Interpolate {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |size: Option<&[i64]>, factor: Option<&[f64]>, mode, align_corners, d: &[u32]| {
            let op = Interpolate {
                size: size.map(Ints::from_slice),
                scale_factor: factor.map(Floats::from_slice),
                mode,
                align_corners,
                recompute_scale_factor: None,
                antialias: false,
            };
            Case { attrs: op.attrs(), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![
            case(Some(&[5, 2]), None, Interpolation::Nearest, None, &[1, 2, 3, 4]),
            case(Some(&[7]), None, Interpolation::NearestExact, None, &[2, 1, 3]),
            case(None, Some(&[1.7]), Interpolation::Linear, Some(false), &[2, 3, 5]),
            case(Some(&[4, 7]), None, Interpolation::Bilinear, Some(true), &[1, 2, 3, 3]),
            case(None, Some(&[2.0, 0.6]), Interpolation::Bicubic, None, &[1, 1, 3, 5]),
            case(Some(&[2, 3, 3]), None, Interpolation::Trilinear, None, &[1, 1, 3, 2, 2]),
            case(Some(&[2, 3]), None, Interpolation::Area, None, &[1, 2, 5, 4]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        use Interpolation::*;
        let op = |size: Option<i64>, factor: Option<f64>, mode, align_corners, antialias| Interpolate {
            size: size.map(|s| smallvec![s]),
            scale_factor: factor.map(|f| smallvec![f]),
            mode,
            align_corners,
            recompute_scale_factor: None,
            antialias,
        };
        let x = |d: &[u32]| vec![Some(crate::ops::sample(1, d))];
        let of = |size: &[i64]| Interpolate { size: Some(size.into()), ..op(None, None, Nearest, None, false) };
        refusals(vec![
            (op(Some(2), Some(2.0), Nearest, None, false), x(&[1, 1, 3]), Kind::Value, "one of size and scale_factor"),
            (op(None, None, Nearest, None, false), x(&[1, 1, 3]), Kind::Value, "one of size and scale_factor"),
            (op(Some(2), None, Bilinear, None, false), x(&[1, 1, 3]), Kind::Value, "got 3; linear: 3, bilinear"),
            (op(Some(2), None, Nearest, Some(true), false), x(&[1, 1, 3]), Kind::Value, "align_corners is for linear"),
            (op(Some(2), None, Bilinear, None, true), x(&[1, 1, 3, 3]), Kind::Unsupported, "antialias is not there"),
            (op(Some(2), None, Nearest, None, false), x(&[3, 3]), Kind::Shape, "expected, got [3, 3]"),
            (op(None, Some(-1.0), Nearest, None, false), x(&[1, 1, 3]), Kind::Value, "a positive scale_factor expected, got -1"),
            (of(&[1 << 40]), x(&[1, 1, 3]), Kind::Shape, "a size below 2**32 expected, got 1099511627776"),
            (of(&[1 << 31]), x(&[1, 1, 3]), Kind::Shape, "a tensor holds at most"),
            (Interpolate { recompute_scale_factor: Some(true), ..of(&[2]) }, x(&[1, 1, 3]), Kind::Value, "goes with scale_factor, not with size"),
            (of(&[2, 2]), x(&[1, 1, 3]), Kind::Value, "one number or 1 expected, got 2"),
            (of(&[0]), x(&[1, 1, 3]), Kind::Shape, "got 3 to become 0"),
        ])
    }
}
impl Interpolate {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(ins)?;
        let x = own[0].as_ref().expect("input");
        let (n, wrong) = (x.spec.rank(), |text: String| Err(err(Kind::Value, text)));
        if !(3..=5).contains(&n) {
            return Err(err(Kind::Shape, format!("(N, C, L), (N, C, H, W) or (N, C, D, H, W) expected, got {:?}", x.spec.dims())));
        }
        let (mode, fits) = match self.mode {
            Interpolation::Nearest => (ResampleMode::Nearest, true),
            Interpolation::NearestExact => (ResampleMode::NearestExact, true),
            Interpolation::Area => (ResampleMode::Area, true),
            Interpolation::Linear => (ResampleMode::Linear, n == 3),
            Interpolation::Bilinear => (ResampleMode::Linear, n == 4),
            Interpolation::Bicubic => (ResampleMode::Cubic, n == 4),
            Interpolation::Trilinear => (ResampleMode::Linear, n == 5),
        };
        if !fits {
            return wrong(format!("this mode takes another number of dimensions, got {n}; linear: 3, bilinear and bicubic: 4, trilinear: 5"));
        }
        if self.align_corners.is_some() && !matches!(mode, ResampleMode::Linear | ResampleMode::Cubic) {
            return wrong("align_corners is for linear, bilinear, bicubic and trilinear".into());
        }
        if self.antialias {
            return Err(err(Kind::Unsupported, "antialias is not there; use mode=\"area\" to make images smaller"));
        }
        let axes = n - 2;
        let each = |v: usize, what: &str| match v == 1 || v == axes {
            true => Ok(()),
            false => Err(err(Kind::Value, format!("{what} of one number or {axes} expected, got {v}"))),
        };
        let mut plans: smallvec::SmallVec<[(i64, f64); 3]> = smallvec![];
        match (&self.size, &self.scale_factor) {
            (Some(size), None) => {
                each(size.len(), "a size")?;
                if self.recompute_scale_factor == Some(true) {
                    return wrong("recompute_scale_factor goes with scale_factor, not with size".into());
                }
                plans.extend((0..axes).map(|i| (size[if size.len() == 1 { 0 } else { i }], 0.0)));
            }
            (None, Some(factors)) => {
                each(factors.len(), "a scale_factor")?;
                for i in 0..axes {
                    let f = factors[if factors.len() == 1 { 0 } else { i }];
                    let size = (x.spec.d(i + 2) as f64 * f).floor();
                    if !(f > 0.0 && size < i32::MAX as f64) {
                        return wrong(format!("a positive scale_factor expected, got {f}"));
                    }
                    plans.push((size as i64, if self.recompute_scale_factor == Some(true) { 0.0 } else { f }));
                }
            }
            (Some(_), _) => return wrong("one of size and scale_factor expected, got both".into()),
            (None, None) => return wrong("one of size and scale_factor expected, got None for both".into()),
        }
        let align_corners = self.align_corners == Some(true);
        let mut y = x.clone();
        // The last axis first: those before it then go over longer rows.
        for (i, &(size, factor)) in plans.iter().enumerate().rev() {
            let same = size == x.spec.d(i + 2) as i64 && (factor == 0.0 || factor == 1.0);
            if !same {
                let op = ResampleAxis { dim: i as i64 + 2, size, mode, align_corners, factor };
                y = dispatch::one(&op, &[&y])?;
            }
        }
        // In memory of its own even where nothing changes.
        if std::sync::Arc::ptr_eq(&y.storage, &x.storage) { crate::ops::copy::fresh(&y) } else { Ok(y) }
    }
}
