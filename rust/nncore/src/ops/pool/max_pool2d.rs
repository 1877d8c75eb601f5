use crate::ops::window::Window;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, DType, Result, Tensor};
use nncore_kernels::pooling;
use smallvec::smallvec;

op! {
    /// Maximum over sliding windows. NaN is the maximum of its window; of equal values the first one gets the gradient.
    ///
    /// Shapes: `input` (N, C, H, W); the result is (N, C, H', W') with
    /// `H' = (H + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). Each of the
    /// sizes is one number or (vertical, horizontal); `stride` is `kernel_size` unless given. Padding counts as minus
    /// infinity. Raises `ShapeError` where the window is larger than the image.
    pub MaxPool2d = "max_pool2d"(input: One + float @ ChannelsLast) -> (output, indices; 1) {
        kernel_size: Pair, stride: Option<Pair> = None, padding: Pair = (0, 0), dilation: Pair = (1, 1), ceil_mode: bool = false,
    }
}
impl MaxPool2d {
    fn window(&self) -> Window {
        let MaxPool2d { kernel_size: kernel, stride, padding, dilation, ceil_mode } = *self;
        Window { kernel, stride: stride.unwrap_or(kernel), padding, dilation, ceil_mode }
    }
    /// A maximum's place in its window: one byte does for windows of up to 255 elements.
    fn index_type(&self) -> DType {
        if self.kernel_size.0 * self.kernel_size.1 <= 255 {
            DType::U8
        } else {
            DType::I32
        }
    }
}
impl Op for MaxPool2d {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let s = self.window().slide(&x[0])?;
        out.fresh(s)?;
        out.fresh(s.with_dtype(self.index_type()))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.window().geometry(cx.spec(0), cx.out_spec(0));
        floats!(cx.out_spec(0).dtype, T => match self.index_type() {
            DType::U8 => pooling::max_pool2d::<T, u8>(&p, cx.get(0), cx.out(0), cx.out(1)),
            _ => pooling::max_pool2d::<T, i32>(&p, cx.get(0), cx.out(0), cx.out(1)),
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let x = cx.spec(0);
        let MaxPool2d { kernel_size, stride, padding, dilation, .. } = *self;
        let op = MaxPool2dGrad { size: (x.d(2) as i64, x.d(3) as i64), kernel_size, stride: stride.unwrap_or(kernel_size), padding, dilation };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0), &cx.output(1)?])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let window = (self.kernel_size.0 * self.kernel_size.1) as u64;
        Cost { flops: window * outs[0].spec.numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<MaxPool2d> {
        let case = |kernel_size, stride, padding, dilation, ceil_mode, d: &[u32]| {
            (MaxPool2d { kernel_size, stride, padding, dilation, ceil_mode }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case((2, 2), None, (0, 0), (1, 1), false, &[2, 3, 5, 4]),
            case((3, 2), Some((2, 1)), (1, 0), (1, 1), false, &[2, 2, 6, 5]),
            case((2, 2), Some((2, 2)), (0, 0), (1, 1), true, &[1, 2, 5, 5]),
            case((2, 2), Some((1, 1)), (1, 1), (2, 1), false, &[1, 2, 4, 4]),
        ]
    }
}

op! {
    /// Gradient of `max_pool2d` for an input of height and width `size`: each gradient goes to where its maximum was.
    MaxPool2dGrad = "max_pool2d_grad"(grad: One @ ChannelsLast, indices: One @ ChannelsLast) -> (grad_input; 1) {
        size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair,
    }
}
impl MaxPool2dGrad {
    fn window(&self) -> Window {
        let MaxPool2dGrad { kernel_size: kernel, stride, padding, dilation, .. } = *self;
        Window { kernel, stride, padding, dilation, ceil_mode: false }
    }
}
impl Op for MaxPool2dGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(image(&x[0], self.size))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.window().geometry(cx.out_spec(0), cx.spec(0));
        floats!(cx.out_spec(0).dtype, T => match cx.spec(1).dtype {
            DType::U8 => pooling::max_pool2d_grad::<T, u8>(&p, cx.get(0), cx.get(1), cx.out(0)),
            _ => pooling::max_pool2d_grad::<T, i32>(&p, cx.get(0), cx.get(1), cx.out(0)),
        });
        Ok(())
    }
    fn samples() -> Samples<MaxPool2dGrad> {
        let op = MaxPool2dGrad { size: (4, 4), kernel_size: (2, 2), stride: (2, 2), padding: (0, 0), dilation: (1, 1) };
        let places = Tensor::from_slice(&[0u8, 1, 2, 3], &[1, 1, 2, 2]).expect("places");
        vec![(op, vec![Some(crate::ops::sample(1, &[1, 1, 2, 2])), Some(places)])]
    }
}
/// The spec of the image whose pooled form has the spec `y`.
pub fn image(y: &Spec, size: Pair) -> Spec {
    Spec::new(y.dtype, &[y.dims()[0], y.dims()[1], size.0 as u32, size.1 as u32]).channels_last()
}

/// Maximum over square windows that do not overlap.
pub fn max_pool2d(x: &Tensor, kernel: i64) -> Result<Tensor> {
    let op = MaxPool2d { kernel_size: (kernel, kernel), stride: None, padding: (0, 0), dilation: (1, 1), ceil_mode: false };
    Ok(dispatch::apply(&op, &[Some(x)])?.swap_remove(0))
}
