use crate::ops::max_pool2d::image;
use crate::ops::window::Window;
use crate::op::*;
use crate::Result;
use nncore_kernels::pooling;
use smallvec::smallvec;

op! {
    /// Mean over sliding windows.
    ///
    /// Shapes: `input` (N, C, H, W); the result is (N, C, H', W') with `H' = (H + 2 * padding - kernel_size) // stride + 1`
    /// (rounded up with `ceil_mode`). Each of the sizes is one number or (vertical, horizontal); `stride` is `kernel_size`
    /// unless given. Padding counts as zeros, or not at all without `count_include_pad`. Raises `ShapeError` where the window
    /// is larger than the image.
    pub AvgPool2d = "avg_pool2d"(input: One + float @ ChannelsLast) -> (output; 1) {
        kernel_size: Pair, stride: Option<Pair> = None, padding: Pair = (0, 0), ceil_mode: bool = false, count_include_pad: bool = true,
    }
}
op! {
    /// Gradient of `avg_pool2d` for an input of height and width `size`.
    AvgPool2dGrad = "avg_pool2d_grad"(grad: One @ ChannelsLast) -> (grad_input; 1) {
        size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, ceil_mode: bool, count_include_pad: bool,
    }
}
impl AvgPool2d {
    fn window(&self) -> Window {
        let AvgPool2d { kernel_size: kernel, stride, padding, ceil_mode, .. } = *self;
        Window { kernel, stride: stride.unwrap_or(kernel), padding, dilation: (1, 1), ceil_mode }
    }
}
impl Op for AvgPool2d {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(self.window().slide(&x[0])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.window().geometry(cx.spec(0), cx.out_spec(0));
        floats!(cx.out_spec(0).dtype, T => pooling::avg_pool2d::<T>(&p, self.count_include_pad, cx.get(0), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let x = cx.spec(0);
        let AvgPool2d { kernel_size, stride, padding, ceil_mode, count_include_pad } = *self;
        let (size, stride) = ((x.d(2) as i64, x.d(3) as i64), stride.unwrap_or(kernel_size));
        let op = AvgPool2dGrad { size, kernel_size, stride, padding, ceil_mode, count_include_pad };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let window = (self.kernel_size.0 * self.kernel_size.1) as u64;
        Cost { flops: window * outs.numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<AvgPool2d> {
        let case = |kernel_size, stride, padding, ceil_mode, count_include_pad, d: &[u32]| {
            (AvgPool2d { kernel_size, stride, padding, ceil_mode, count_include_pad }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case((2, 2), None, (0, 0), false, true, &[2, 3, 5, 4]),
            case((3, 2), Some((2, 1)), (1, 1), false, true, &[1, 2, 6, 5]),
            case((3, 3), Some((2, 2)), (1, 1), true, false, &[1, 2, 6, 6]),
        ]
    }
}
impl Op for AvgPool2dGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(image(&x[0], self.size))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let AvgPool2dGrad { kernel_size: kernel, stride, padding, ceil_mode, .. } = *self;
        let window = Window { kernel, stride, padding, dilation: (1, 1), ceil_mode };
        let p = window.geometry(cx.out_spec(0), cx.spec(0));
        floats!(cx.out_spec(0).dtype, T => pooling::avg_pool2d_grad::<T>(&p, self.count_include_pad, cx.get(0), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // Linear: its gradient is the forward pass.
        let AvgPool2dGrad { kernel_size, stride, padding, ceil_mode, count_include_pad, .. } = *self;
        let forward = AvgPool2d { kernel_size, stride: Some(stride), padding, ceil_mode, count_include_pad };
        Ok(smallvec![Some(cx.emit(&forward, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<AvgPool2dGrad> {
        let op = AvgPool2dGrad {
            size: (5, 5),
            kernel_size: (3, 3),
            stride: (2, 2),
            padding: (1, 1),
            ceil_mode: false,
            count_include_pad: true,
        };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 2, 3, 3]))])]
    }
}
