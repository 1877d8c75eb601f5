//! Average pooling of any number of dimensions as an op, with its gradient: what `avg_pool1d` to `adaptive_avg_pool3d` run.
use crate::op::*;
use crate::ops::max_pool::{sample_tilings, tilings, Tiling};
use crate::ops::window::{spatial, Triple};
use crate::shape::Spec;
use crate::{err, DType, Kind, Result};
use nncore_kernels::pooling::{self, Divisor};
use smallvec::smallvec;

impl Tiling {
    pub fn avg_pool(&self, count_include_pad: bool, divisor_override: Option<i64>) -> AvgPool {
        let Tiling { kernel, stride, padding, dilation, output, adaptive } = *self;
        AvgPool { kernel, stride, padding, dilation, output, adaptive, count_include_pad, divisor_override }
    }
    fn avg_pool_grad(&self, size: Triple, count_include_pad: bool, divisor_override: Option<i64>) -> AvgPoolGrad {
        let Tiling { kernel, stride, padding, dilation, output, adaptive } = *self;
        AvgPoolGrad { size, kernel, stride, padding, dilation, output, adaptive, count_include_pad, divisor_override }
    }
}
tilings!(AvgPool AvgPoolGrad);
fn divisor(count_include_pad: bool, divisor_override: Option<i64>) -> Divisor {
    match divisor_override {
        Some(n) => Divisor::Given(n as f64),
        None if count_include_pad => Divisor::Padded,
        None => Divisor::Inside,
    }
}
op! {
    /// Mean over windows: divided by what is given, by the places inside the padded image, or by those inside the image.
    AvgPool = "avg_pool"(input: One + float @ ChannelsLast) -> (output; 1) {
        kernel: Triple, stride: Triple, padding: Triple, dilation: Triple, output: Triple, adaptive: bool,
        count_include_pad: bool, divisor_override: Option<i64>,
    }
}
impl Op for AvgPool {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(self.tiling().pooled(&x[0])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.tiling().geometry(cx.spec(0), spatial(cx.spec(0)));
        let by = divisor(self.count_include_pad, self.divisor_override);
        floats!(cx.out_spec(0).dtype, T => pooling::avg_pool::<T>(&p, by, cx.get(0), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let size = spatial(cx.spec(0));
        let op = self.tiling().avg_pool_grad(size, self.count_include_pad, self.divisor_override);
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let flops = self.tiling().places() as u64 * outs.numel() as u64;
        Cost { flops, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<AvgPool> {
        let tilings = sample_tilings();
        let counts = [(true, None), (false, None), (false, Some(-3))];
        let op = |((t, d), (pad, by)): ((Tiling, &[u32]), _)| (t.avg_pool(pad, by), vec![Some(crate::ops::sample(1, d))]);
        tilings.into_iter().zip(counts).map(op).collect()
    }
}

op! {
    /// Gradient of `avg_pool` for images of that size.
    AvgPoolGrad = "avg_pool_grad"(grad: One @ ChannelsLast) -> (grad_input; 1) {
        size: Triple, kernel: Triple, stride: Triple, padding: Triple, dilation: Triple, output: Triple, adaptive: bool,
        count_include_pad: bool, divisor_override: Option<i64>,
    }
}
impl Op for AvgPoolGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        out.fresh(self.tiling().image(&x[0], self.size)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.tiling().geometry(cx.spec(0), self.size);
        let by = divisor(self.count_include_pad, self.divisor_override);
        floats!(cx.out_spec(0).dtype, T => pooling::avg_pool_grad::<T>(&p, by, cx.get(0), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // Linear: its gradient is the forward pass.
        let op = self.tiling().avg_pool(self.count_include_pad, self.divisor_override);
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<AvgPoolGrad> {
        let sized = |(t, d): (Tiling, &[u32])| {
            let image = Spec::new(DType::F64, d);
            let y = t.pooled(&image).expect("a pooled form");
            (t.avg_pool_grad(spatial(&image), true, None), vec![Some(crate::ops::sample(1, y.dims()))])
        };
        sample_tilings().map(sized).into()
    }
}
