//! The one rule of windows: what convolution and pooling of one, two and three dimensions share.
//!
//! Inside, every geometry has three dimensions, (depth, height, width). With fewer the first ones are 1, so that one
//! kernel serves all.
use crate::op::*;
use crate::ops::squeeze::{unsqueeze, Squeeze};
use crate::shape::{Dim, Dims, Spec};
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

/// Numbers along depth, height and width.
pub type Triple = [i64; 3];

/// Numbers for the last `n` dimensions, `fill` for those before.
fn lead(n: usize, fill: i64, last: impl Fn(usize) -> i64) -> Triple {
    std::array::from_fn(|i| if i + n < 3 { fill } else { last(i + n - 3) })
}
/// An argument of `n` dimensions, given as one number for all of them or a number for each, none below `least`.
pub fn triple(name: &str, given: &OneOrMore, n: usize, least: i64) -> Result<Triple> {
    let numbers: &[i64] = match given {
        OneOrMore::One(v) => std::slice::from_ref(v),
        OneOrMore::More(v) => v,
    };
    if numbers.len() != 1 && numbers.len() != n {
        let text = if n == 1 { "one number".into() } else { format!("one number or {n}") };
        return Err(err(Kind::Value, format!("{name} must be {text}, got {numbers:?}")));
    }
    if numbers.iter().any(|v| *v < least || *v > i32::MAX as i64) {
        let text = format!("{name} must be at least {least} and below 2**31, got {numbers:?}");
        return Err(err(Kind::Value, text));
    }
    Ok(lead(n, least.max(0), |i| numbers[i % numbers.len()]))
}
/// Kernels count in unsigned numbers.
pub fn sizes(t: Triple) -> [usize; 3] {
    t.map(|v| v as usize)
}

/// Sizes of what follows batch and channels in a spec of 3 to 5 dimensions.
pub fn spatial(x: &Spec) -> Triple {
    let n = x.rank() - 2;
    lead(n, 1, |i| x.d(i + 2) as i64)
}
/// (batch, channels, the last `n` of `size`), channels-last.
pub fn sized(dtype: DType, batch: Dim, channels: Dim, size: Triple, n: usize) -> Result<Spec> {
    let mut dims: Ints = smallvec![batch as i64, channels as i64];
    dims.extend_from_slice(&size[3 - n..]);
    Ok(Spec::checked(dtype, &dims)?.channels_last())
}
/// A triple as text of `n` dimensions.
pub fn text(t: Triple, n: usize) -> String {
    t[3 - n..].iter().map(i64::to_string).collect::<Vec<_>>().join("x")
}

/// How far a window reaches.
pub fn reach(kernel: Triple, dilation: Triple) -> Triple {
    std::array::from_fn(|a| dilation[a] * (kernel[a] - 1) + 1)
}
/// How often a window that reaches so far fits into `room`, `stride` apart; 0 when it does not.
pub fn count(room: i64, reach: i64, stride: i64) -> i64 {
    if room < reach {
        0
    } else {
        (room - reach) / stride + 1
    }
}

/// A sliding window of pooling.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub kernel: Triple,
    pub stride: Triple,
    pub padding: Triple,
    pub dilation: Triple,
}
impl Window {
    /// From the arguments of a function of `n` dimensions; the stride is the kernel size unless given.
    pub fn new(
        n: usize,
        kernel: &OneOrMore,
        stride: &Option<OneOrMore>,
        padding: &OneOrMore,
        dilation: &OneOrMore,
    ) -> Result<Window> {
        let kernel = triple("kernel_size", kernel, n, 1)?;
        let stride = match stride {
            // An empty list means the same as None, as in PyTorch.
            None => kernel,
            Some(OneOrMore::More(v)) if v.is_empty() => kernel,
            Some(s) => triple("stride", s, n, 1)?,
        };
        let (padding, dilation) = (triple("padding", padding, n, 0)?, triple("dilation", dilation, n, 1)?);
        let w = Window { kernel, stride, padding, dilation };
        let reach = reach(kernel, dilation);
        if (0..3).any(|a| 2 * padding[a] > reach[a]) {
            let most = text(reach.map(|r| r / 2), n);
            let text = format!("padding must be at most half of the window, that is {most}, got {}", text(padding, n));
            return Err(err(Kind::Value, text));
        }
        Ok(w)
    }
    /// The size of what sliding over an image gives. With `ceil_mode` a last window may hang over the end, if it begins
    /// inside the image or the padding before it.
    pub fn slide(&self, size: Triple, ceil_mode: bool, n: usize) -> Result<Triple> {
        let reach = reach(self.kernel, self.dilation);
        let along = |a: usize| {
            let (room, stride) = (size[a] + 2 * self.padding[a], self.stride[a]);
            let mut count = count(room, reach[a], stride);
            if ceil_mode {
                // Rounded up, also where the only window hangs over.
                count = (room - reach[a] + stride - 1).div_euclid(stride) + 1;
                if (count - 1) * stride >= size[a] + self.padding[a] {
                    count -= 1
                }
            }
            count
        };
        let out: Triple = std::array::from_fn(along);
        if out.iter().any(|v| *v < 1) || size.contains(&0) {
            let (window, size, padding) = (text(reach, n), text(size, n), text(self.padding, n));
            let text = format!("a window of {window} does not fit an image of {size} with padding {padding}");
            return Err(err(Kind::Shape, text));
        }
        Ok(out)
    }
}

/// What is said of an input of `n` dimensions.
const IMAGES: [&str; 3] = ["(N, C, L) or (C, L)", "(N, C, H, W) or (C, H, W)", "(N, C, D, H, W) or (C, D, H, W)"];

/// Runs `f` on inputs of `n` dimensions with a batch: those without one get one of size 1, which the results lose again.
pub fn batched(xs: &[&Tensor], n: usize, f: impl FnOnce(&[Tensor]) -> Result<Outputs>) -> Result<Outputs> {
    let rank = xs[0].spec.rank();
    if rank != n + 1 && rank != n + 2 {
        let text = format!("an input {} expected, got {} dimensions", IMAGES[n - 1], rank);
        return Err(err(Kind::Shape, text));
    }
    if rank == n + 2 {
        return f(&xs.iter().map(|x| (*x).clone()).collect::<Vec<_>>());
    }
    let xs = xs.iter().map(|x| unsqueeze(x, 0)).collect::<Result<Vec<_>>>()?;
    f(&xs)?.iter().map(|y| dispatch::one(&Squeeze { dim: Some(smallvec![0]) }, &[y])).collect()
}

/// The error of an internal op under the name that the user called, with what they gave.
pub fn under(name: &'static str, ins: &[Option<&Tensor>]) -> impl Fn(Box<crate::Error>) -> Box<crate::Error> {
    let specs = ins.iter().flatten().map(|t| t.spec).collect::<smallvec::SmallVec<[Spec; 4]>>();
    move |mut e| {
        e.op = name;
        e.specs = specs.clone();
        e
    }
}
/// The dimensions of a spec but for the first two.
pub fn last_dims(x: &Spec) -> Dims {
    x.dims()[2..].into()
}
