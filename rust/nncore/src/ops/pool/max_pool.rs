//! Max pooling of any number of dimensions as an op, with its gradient: what `max_pool1d` to `adaptive_max_pool3d` run. And
//! how windows lie, which average pooling shares.
use crate::op::*;
use crate::ops::window::{last_dims, sized, sizes, spatial, text, Triple, Window};
use crate::shape::Spec;
use crate::{err, DType, Kind, Result};
use nncore_kernels::pooling::{self, Pool};
use smallvec::smallvec;

/// How windows lie: sliding ones, or adaptive ones, whose number says all.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    pub kernel: Triple,
    pub stride: Triple,
    pub padding: Triple,
    pub dilation: Triple,
    /// How many windows there are.
    pub output: Triple,
    pub adaptive: bool,
}
impl Tiling {
    pub fn sliding(w: &Window, output: Triple) -> Tiling {
        let Window { kernel, stride, padding, dilation } = *w;
        Tiling { kernel, stride, padding, dilation, output, adaptive: false }
    }
    /// Adaptive windows from `size` to `output` places; sliding ones where that divides evenly.
    pub fn adaptive(size: Triple, output: Triple) -> Tiling {
        let kernel: Triple = std::array::from_fn(|a| Pool::adaptive_kernel(size[a] as usize, output[a] as usize) as i64);
        let adaptive = (0..3).any(|a| output[a] == 0 || size[a] % output[a] != 0);
        Tiling { kernel, stride: kernel, padding: [0; 3], dilation: [1; 3], output, adaptive }
    }
    pub fn max_pool(&self) -> MaxPool {
        let Tiling { kernel, stride, padding, dilation, output, adaptive } = *self;
        MaxPool { kernel, stride, padding, dilation, output, adaptive }
    }
    fn max_pool_grad(&self, size: Triple) -> MaxPoolGrad {
        let Tiling { kernel, stride, padding, dilation, output, adaptive } = *self;
        MaxPoolGrad { size, kernel, stride, padding, dilation, output, adaptive }
    }
    pub fn indices(&self, size: Triple) -> PoolIndices {
        let Tiling { kernel, stride, padding, dilation, output, adaptive } = *self;
        PoolIndices { size, kernel, stride, padding, dilation, output, adaptive }
    }
    /// For kernels: between images of `size` and their pooled form, both with the batch and channels of `x`.
    pub fn geometry(&self, x: &Spec, size: Triple) -> Pool {
        Pool {
            batch: x.d(0),
            channels: x.d(1),
            input: sizes(size),
            output: sizes(self.output),
            kernel: sizes(self.kernel),
            stride: sizes(self.stride),
            padding: sizes(self.padding),
            dilation: sizes(self.dilation),
            adaptive: self.adaptive,
        }
    }
    pub fn places(&self) -> i64 {
        self.kernel.iter().fold(1i64, |n, k| n.saturating_mul(*k))
    }
    /// A maximum's place in its window: one byte does for windows of up to 255 elements.
    fn place_type(&self) -> DType {
        if self.places() <= 255 {
            DType::U8
        } else {
            DType::I32
        }
    }
    fn check(&self, x: &Spec) -> Result<()> {
        if !(3..=5).contains(&x.rank()) {
            return Err(err(Kind::Shape, "(N, C, ...) with one to three more dimensions expected"));
        }
        let least = [(self.kernel, 1), (self.stride, 1), (self.padding, 0), (self.dilation, 1), (self.output, 0)];
        if least.iter().any(|(t, least)| t.iter().any(|v| v < least || *v > i32::MAX as i64)) {
            return Err(err(Kind::Value, "kernel, stride and dilation must be at least 1, all numbers below 2**31"));
        }
        if self.places() > i32::MAX as i64 {
            return Err(err(Kind::Value, format!("a window of {} has too many places", text(self.kernel, x.rank() - 2))));
        }
        Ok(())
    }
    /// The pooled form of `x`.
    pub fn pooled(&self, x: &Spec) -> Result<Spec> {
        self.check(x)?;
        if !x.dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x.dtype)));
        }
        sized(x.dtype, x.dims()[0], x.dims()[1], self.output, x.rank() - 2)
    }
    /// Images of `size`, of whose pooled form there is something like `y`.
    pub fn image(&self, y: &Spec, size: Triple) -> Result<Spec> {
        self.check(y)?;
        if spatial(y) != self.output {
            let (want, got) = (text(self.output, y.rank() - 2), last_dims(y));
            return Err(err(Kind::Shape, format!("{want} windows expected, got {got:?}")));
        }
        sized(y.dtype, y.dims()[0], y.dims()[1], size, y.rank() - 2)
    }
}
macro_rules! tilings {
    ($($S:ident)*) => { $(impl $S {
        fn tiling(&self) -> $crate::ops::max_pool::Tiling {
            let $S { kernel, stride, padding, dilation, output, adaptive, .. } = *self;
            $crate::ops::max_pool::Tiling { kernel, stride, padding, dilation, output, adaptive }
        }
    })* };
}
pub(crate) use tilings;
tilings!(MaxPool MaxPoolGrad PoolIndices);
macro_rules! places {
    ($dtype:expr, $P:ident => $code:expr) => {
        match $dtype {
            DType::U8 => {
                type $P = u8;
                $code
            }
            _ => {
                type $P = i32;
                $code
            }
        }
    };
}
/// Adaptive windows, and sliding ones that overlap, with a place outside.
pub fn sample_tilings() -> [(Tiling, &'static [u32]); 3] {
    let wide = Tiling {
        kernel: [1, 3, 2],
        stride: [1, 2, 1],
        padding: [0, 1, 1],
        dilation: [1; 3],
        output: [1, 2, 4],
        adaptive: false,
    };
    let deep = Tiling { kernel: [2; 3], stride: [2; 3], padding: [0; 3], dilation: [1; 3], output: [1, 1, 2], adaptive: false };
    [(wide, &[2, 3, 4, 3]), (Tiling::adaptive([1, 1, 5], [1, 1, 3]), &[1, 2, 5]), (deep, &[1, 2, 2, 3, 4])]
}

op! {
    /// Maximum over windows, and the place of each inside its window.
    MaxPool = "max_pool"(input: One + float @ ChannelsLast) -> (output, places; 1) {
        kernel: Triple, stride: Triple, padding: Triple, dilation: Triple, output: Triple, adaptive: bool,
    }
}
impl Op for MaxPool {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let s = self.tiling().pooled(&x[0])?;
        out.fresh(s)?;
        out.fresh(s.with_dtype(self.tiling().place_type()))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.tiling().geometry(cx.spec(0), spatial(cx.spec(0)));
        floats!(cx.out_spec(0).dtype, T => places!(cx.out_spec(1).dtype, P => {
            pooling::max_pool::<T, P>(&p, cx.get(0), cx.out(0), cx.out(1))
        }));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let op = self.tiling().max_pool_grad(spatial(cx.spec(0)));
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0), &cx.output(1)?])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let flops = self.tiling().places() as u64 * outs[0].spec.numel() as u64;
        Cost { flops, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<MaxPool> {
        sample_tilings().map(|(t, d)| (t.max_pool(), vec![Some(crate::ops::sample(1, d))])).into()
    }
}

op! {
    /// Gradient of `max_pool` for images of that size: each gradient goes to where its maximum was.
    MaxPoolGrad = "max_pool_grad"(grad: One @ ChannelsLast, places: One @ ChannelsLast) -> (grad_input; 1) {
        size: Triple, kernel: Triple, stride: Triple, padding: Triple, dilation: Triple, output: Triple, adaptive: bool,
    }
}
impl Op for MaxPoolGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].dims() != x[1].dims() {
            return Err(err(Kind::Shape, "gradients and places of one shape expected"));
        }
        if !x[0].dtype.is_float() || x[1].dtype != self.tiling().place_type() {
            return Err(err(Kind::DType, format!("float gradients and {} places expected", self.tiling().place_type())));
        }
        out.fresh(self.tiling().image(&x[0], self.size)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.tiling().geometry(cx.spec(0), self.size);
        floats!(cx.out_spec(0).dtype, T => places!(cx.spec(1).dtype, P => {
            pooling::max_pool_grad::<T, P>(&p, cx.get(0), cx.get(1), cx.out(0))
        }));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // The elements that were maxima.
        let indices = cx.emit(&self.tiling().indices(self.size), &[&cx.input(1)?])?;
        Ok(smallvec![Some(crate::ops::max_unpool2d::plane_gather(cx.dy(0), &indices)?), None])
    }
    fn samples() -> Samples<MaxPoolGrad> {
        let places = |v: &[u8], d: &[u32]| Some(crate::Tensor::from_slice(v, d).expect("places"));
        let tiling = |n: i64, output| Tiling {
            kernel: [1, 1, n],
            stride: [1, 1, 2],
            padding: [0; 3],
            dilation: [1; 3],
            output,
            adaptive: false,
        };
        let square = Tiling { kernel: [1, 2, 2], stride: [1, 2, 2], ..tiling(2, [1, 2, 2]) };
        vec![
            (square.max_pool_grad([1, 4, 4]), vec![Some(crate::ops::sample(1, &[1, 1, 2, 2])), places(&[0, 1, 2, 3], &[1, 1, 2, 2])]),
            // Windows that overlap, with one maximum for both.
            (tiling(3, [1, 1, 2]).max_pool_grad([1, 1, 5]), vec![Some(crate::ops::sample(1, &[1, 1, 2])), places(&[2, 0], &[1, 1, 2])]),
        ]
    }
}

op! {
    /// From the place of each maximum in its window to its number in the plane of its channel, row-major.
    PoolIndices = "pool_indices"(places: One @ ChannelsLast) -> (indices; 1) {
        size: Triple, kernel: Triple, stride: Triple, padding: Triple, dilation: Triple, output: Triple, adaptive: bool,
    }
}
impl Op for PoolIndices {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].dtype != self.tiling().place_type() {
            return Err(err(Kind::DType, format!("{} places expected", self.tiling().place_type())));
        }
        self.tiling().image(&x[0], self.size)?;
        out.fresh(x[0].with_dtype(DType::I64))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let p = self.tiling().geometry(cx.spec(0), self.size);
        places!(cx.spec(0).dtype, P => pooling::max_pool_indices::<P>(&p, cx.get(0), cx.out(0)));
        Ok(())
    }
    fn samples() -> Samples<PoolIndices> {
        let t = Tiling { kernel: [1, 2, 2], stride: [1, 2, 2], padding: [0; 3], dilation: [1; 3], output: [1, 2, 2], adaptive: false };
        let places = crate::Tensor::from_slice(&[0u8, 1, 2, 3], &[1, 1, 2, 2]).expect("places");
        vec![(t.indices([1, 4, 4]), vec![Some(places)])]
    }
}

