//! The geometry that pooling ops share: a window that slides over height and width.
use crate::op::Pair;
use crate::shape::{Dim, Spec};
use crate::{err, Kind, Result};
use nncore_kernels::pooling::Pool2d;

/// Kernel size, stride, padding and dilation, as (vertical, horizontal).
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub kernel: Pair,
    pub stride: Pair,
    pub padding: Pair,
    pub dilation: Pair,
    pub ceil_mode: bool,
}
impl Window {
    /// The shape that sliding over `x` (N, C, H, W) gives, channels-last.
    pub fn slide(&self, x: &Spec) -> Result<Spec> {
        if !x.dtype.is_float() {
            return Err(err(Kind::DType, "float32 or float64 expected"));
        }
        if x.ndim != 4 {
            return Err(err(Kind::Shape, "an input (N, C, H, W) expected"));
        }
        let pairs = [("kernel_size", self.kernel), ("stride", self.stride), ("dilation", self.dilation)];
        if let Some((name, p)) = pairs.into_iter().find(|(_, p)| p.0 < 1 || p.1 < 1) {
            return Err(err(Kind::Value, format!("{name} must be at least 1, got {p:?}")));
        }
        let numbers = [self.kernel, self.stride, self.padding, self.dilation];
        if numbers.iter().any(|p| p.0.max(p.1) > i32::MAX as i64) {
            return Err(err(Kind::Value, "kernel_size, stride, padding and dilation must be below 2**31"));
        }
        let (kernel, padding) = (self.kernel, self.padding);
        if padding.0 < 0 || padding.1 < 0 || 2 * padding.0 > kernel.0 || 2 * padding.1 > kernel.1 {
            return Err(err(
                Kind::Value,
                format!("padding must be at least 0 and at most half of kernel_size, got {padding:?} for {kernel:?}"),
            ));
        }
        let h = self.extent(x.d(2) as i64, self.kernel.0, self.stride.0, self.padding.0, self.dilation.0);
        let w = self.extent(x.d(3) as i64, self.kernel.1, self.stride.1, self.padding.1, self.dilation.1);
        if h < 1 || w < 1 {
            return Err(err(
                Kind::Shape,
                format!(
                    "a window of {kernel:?} is larger than the image of {}x{} with padding {padding:?}",
                    x.d(2),
                    x.d(3)
                ),
            ));
        }
        Ok(Spec::new(x.dtype, &[x.dims()[0], x.dims()[1], h as Dim, w as Dim]).channels_last())
    }
    /// The same for kernels, between an image and its pooled form.
    pub fn geometry(&self, x: &Spec, y: &Spec) -> Pool2d {
        let pair = |p: Pair| [p.0 as usize, p.1 as usize];
        Pool2d {
            batch: x.d(0),
            channels: x.d(1),
            input: [x.d(2), x.d(3)],
            output: [y.d(2), y.d(3)],
            kernel: pair(self.kernel),
            stride: pair(self.stride),
            padding: pair(self.padding),
            dilation: pair(self.dilation),
        }
    }
    fn extent(&self, size: i64, kernel: i64, stride: i64, padding: i64, dilation: i64) -> i64 {
        let room = size + 2 * padding - dilation * (kernel - 1) - 1;
        if room < 0 {
            return 0;
        }
        let mut n = room / stride + 1;
        // With ceil_mode a last window may hang over the end, if it starts inside the image or its left padding.
        if self.ceil_mode && room % stride != 0 && n * stride < size + padding {
            n += 1
        }
        n
    }
}
