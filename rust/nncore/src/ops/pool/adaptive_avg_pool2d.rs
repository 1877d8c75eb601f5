//! Adaptive pooling: as many windows as are asked for, over one, two and three dimensions.
use crate::op::*;
use crate::ops::max_pool2d::{maxima, refused_image};
use crate::ops::mean::Mean;
use crate::ops::max_pool::Tiling;
use crate::ops::window::{batched, spatial, under, Triple};
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Mean over as many windows as `output_size` says, along a line: window i reaches from floor(i * L / L') to
    /// ceil((i + 1) * L / L').
    ///
    /// Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L'). None keeps the size.
    /// Raises `ShapeError` for an empty input.
    pub AdaptiveAvgPool1d = "adaptive_avg_pool1d"(input: One + float @ Any) -> (output; 1) { output_size: Sizes }
}
op! {
    /// Mean over as many windows as `output_size` says: window i of a column reaches from floor(i * H / H') to
    /// ceil((i + 1) * H / H'). With 1 the mean of each channel.
    ///
    /// Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W'). `output_size` is (H', W'), or one
    /// number for both; None keeps a size. Raises `ShapeError` for an empty image.
    pub AdaptiveAvgPool2d = "adaptive_avg_pool2d"(input: One + float @ Any) -> (output; 1) { output_size: Sizes }
}
op! {
    /// Mean over as many windows as `output_size` says: window i along the depth reaches from floor(i * D / D') to
    /// ceil((i + 1) * D / D').
    ///
    /// Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W'). `output_size` is
    /// (D', H', W'), or one number for all; None keeps a size. Raises `ShapeError` for an empty volume.
    pub AdaptiveAvgPool3d = "adaptive_avg_pool3d"(input: One + float @ Any) -> (output; 1) { output_size: Sizes }
}
op! {
    /// Maximum over as many windows as `output_size` says, along a line: window i reaches from floor(i * L / L') to
    /// ceil((i + 1) * L / L'). With `return_indices` also the place of each maximum, int64.
    ///
    /// Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L'). None keeps the size.
    /// Raises `ShapeError` for an empty input.
    pub AdaptiveMaxPool1d = "adaptive_max_pool1d"(input: One + float @ Any) -> (output, indices; +) {
        output_size: Sizes, return_indices: bool = false,
    }
}
op! {
    /// Maximum over as many windows as `output_size` says: window i of a column reaches from floor(i * H / H') to
    /// ceil((i + 1) * H / H'). With `return_indices` also the place of each maximum in its channel's image, row-major, int64.
    ///
    /// Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W'). `output_size` is (H', W'), or one
    /// number for both; None keeps a size. Raises `ShapeError` for an empty image.
    pub AdaptiveMaxPool2d = "adaptive_max_pool2d"(input: One + float @ Any) -> (output, indices; +) {
        output_size: Sizes, return_indices: bool = false,
    }
}
op! {
    /// Maximum over as many windows as `output_size` says: window i along the depth reaches from floor(i * D / D') to
    /// ceil((i + 1) * D / D'). With `return_indices` also the place of each maximum in its channel's volume, row-major, int64.
    ///
    /// Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W'). `output_size` is
    /// (D', H', W'), or one number for all; None keeps a size. Raises `ShapeError` for an empty volume.
    pub AdaptiveMaxPool3d = "adaptive_max_pool3d"(input: One + float @ Any) -> (output, indices; +) {
        output_size: Sizes, return_indices: bool = false,
    }
}

/// How many windows along each dimension of `size`.
fn windows(wanted: &Sizes, size: Triple, n: usize) -> Result<Triple> {
    let given = &wanted.0;
    if given.len() != 1 && given.len() != n {
        return Err(err(Kind::Value, format!("output_size must be one number or {n}, got {given:?}")));
    }
    let output: Triple = std::array::from_fn(|a| match a + n {
        0..=2 => 1,
        at => given[(at - 3) % given.len()].unwrap_or(size[a]),
    });
    if output.iter().any(|v| *v < 0 || *v > i32::MAX as i64) {
        return Err(err(Kind::Value, format!("output_size must not be negative, got {:?}", &output[3 - n..])));
    }
    Ok(output)
}
fn not_empty(size: Triple) -> Result<Triple> {
    match size.contains(&0) {
        true => Err(err(Kind::Shape, "something to pool expected, got an empty dimension")),
        false => Ok(size),
    }
}
fn average(x: &Tensor, wanted: &Sizes, n: usize) -> Result<Outputs> {
    let size = spatial(&x.spec);
    let output = windows(wanted, size, n)?;
    if output == [1; 3] {
        // One window is a plain mean, whose kernel reads memory as it lies; of nothing it is NaN, as in PyTorch.
        let dim = (2..x.spec.rank() as i64).collect();
        return Ok(smallvec![dispatch::one(&Mean { dim: Some(dim), keepdim: true }, &[x])?]);
    }
    Ok(smallvec![dispatch::one(&Tiling::adaptive(not_empty(size)?, output).avg_pool(false, None), &[x])?])
}
fn maximum(x: &Tensor, wanted: &Sizes, n: usize, indices: bool) -> Result<Outputs> {
    let size = spatial(&x.spec);
    maxima(x, &Tiling::adaptive(not_empty(size)?, windows(wanted, size, n)?), indices)
}

macro_rules! adaptive {
    ($($Avg:ident $avg:literal $Max:ident $max:literal $n:literal: $samples:expr;)*) => { $(
        impl Function for $Avg {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let x = ins[0].expect("a required input");
                batched(&[x], $n, |x| average(&x[0], &self.output_size, $n)).map_err(under($avg, ins))
            }
            fn cases() -> Vec<Case> {
                let case = |(size, x, _): &(Sizes, Vec<u32>, bool)| {
                    let inputs = vec![Some(crate::ops::sample(1, x))];
                    Case { attrs: $Avg { output_size: size.clone() }.attrs(), inputs }
                };
                $samples.iter().map(case).collect()
            }
            fn refusals() -> Vec<Refusal> {
                let op = |size: &[Option<i64>]| $Avg { output_size: Sizes(size.into()) };
                refusals(vec![
                    (op(&[Some(-1)]), vec![refused_image($n, 5)], Kind::Value, "output_size must not be negative"),
                    (op(&[Some(1); 5]), vec![refused_image($n, 5)], Kind::Value, "output_size must be one number or"),
                    (op(&[Some(2)]), given::floats(&[&[4]]), Kind::Shape, "got 1 dimensions"),
                    (op(&[Some(2)]), vec![refused_image($n, 0)], Kind::Shape, "an empty dimension"),
                ])
            }
        }
        impl Function for $Max {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let x = ins[0].expect("a required input");
                batched(&[x], $n, |x| maximum(&x[0], &self.output_size, $n, self.return_indices)).map_err(under($max, ins))
            }
            fn cases() -> Vec<Case> {
                let case = |(size, x, return_indices): &(Sizes, Vec<u32>, bool)| {
                    let inputs = vec![Some(crate::ops::sample(1, x))];
                    let op = $Max { output_size: size.clone(), return_indices: *return_indices };
                    Case { attrs: op.attrs(), inputs }
                };
                $samples.iter().map(case).collect()
            }
            fn refusals() -> Vec<Refusal> {
                let op = |size: &[Option<i64>]| $Max { output_size: Sizes(size.into()), return_indices: false };
                refusals(vec![
                    (op(&[Some(-1)]), vec![refused_image($n, 5)], Kind::Value, "output_size must not be negative"),
                    (op(&[Some(1); 5]), vec![refused_image($n, 5)], Kind::Value, "output_size must be one number or"),
                    (op(&[Some(2)]), given::floats(&[&[4]]), Kind::Shape, "got 1 dimensions"),
                    (op(&[Some(2)]), vec![refused_image($n, 0)], Kind::Shape, "an empty dimension"),
                ])
            }
        }
    )* };
}
fn sample(size: &[Option<i64>], x: &[u32], indices: bool) -> (Sizes, Vec<u32>, bool) {
    (Sizes(size.into()), x.into(), indices)
}
adaptive! {
    AdaptiveAvgPool1d "adaptive_avg_pool1d" AdaptiveMaxPool1d "adaptive_max_pool1d" 1:
        [sample(&[Some(3)], &[2, 3, 5], false), sample(&[Some(1)], &[2, 4], true), sample(&[Some(7)], &[1, 2, 3], true)];
    AdaptiveAvgPool2d "adaptive_avg_pool2d" AdaptiveMaxPool2d "adaptive_max_pool2d" 2: [
        sample(&[Some(1)], &[2, 3, 3, 4], false),
        sample(&[Some(2), None], &[1, 2, 5, 3], true),
        sample(&[Some(2)], &[2, 4, 6], true),
        sample(&[Some(4), Some(3)], &[1, 2, 3, 4], false),
        sample(&[Some(2)], &[0, 2, 3, 3], false)
    ];
    AdaptiveAvgPool3d "adaptive_avg_pool3d" AdaptiveMaxPool3d "adaptive_max_pool3d" 3: [
        sample(&[Some(1), Some(2), None], &[2, 2, 3, 4, 2], true),
        sample(&[Some(2)], &[2, 3, 2, 2], false)
    ];
}
