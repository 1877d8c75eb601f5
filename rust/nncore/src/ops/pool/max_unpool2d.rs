//! The way back from max pooling: values to the places that their indices name, zeros elsewhere.
use crate::op::*;
use crate::ops::conv2d::numbers;
use crate::ops::window::{batched, sized, spatial, under, Triple, Window};
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::pooling;
use smallvec::smallvec;

op! {
    /// A partial inverse of `max_pool1d`: zeros, with the values of `input` where `indices` say.
    ///
    /// Shapes: `input` and `indices` (int64) (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with
    /// `L' = (L - 1) * stride - 2 * padding + kernel_size`, or as `output_size` says, which is less than a stride away from that.
    /// Of values for one place the last stays. Raises `ShapeError` where shapes do not fit, `ValueError` for an index out of range.
    pub MaxUnpool1d = "max_unpool1d"(input: One + float @ Any, indices: One @ Any) -> (output; 1) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0),
        output_size: Option<Ints> = None,
    }
}
op! {
    /// A partial inverse of `max_pool2d`: zeros, with the values of `input` where `indices` say.
    ///
    /// Shapes: `input` and `indices` (int64) (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    /// `H' = (H - 1) * stride - 2 * padding + kernel_size`, or as `output_size` says, which is less than a stride away from that.
    /// Of values for one place the last stays. Raises `ShapeError` where shapes do not fit, `ValueError` for an index out of range.
    pub MaxUnpool2d = "max_unpool2d"(input: One + float @ Any, indices: One @ Any) -> (output; 1) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0),
        output_size: Option<Ints> = None,
    }
}
op! {
    /// A partial inverse of `max_pool3d`: zeros, with the values of `input` where `indices` say.
    ///
    /// Shapes: `input` and `indices` (int64) (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    /// `D' = (D - 1) * stride - 2 * padding + kernel_size`, or as `output_size` says, which is less than a stride away from that.
    /// Of values for one place the last stays. Raises `ShapeError` where shapes do not fit, `ValueError` for an index out of range.
    pub MaxUnpool3d = "max_unpool3d"(input: One + float @ Any, indices: One @ Any) -> (output; 1) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0),
        output_size: Option<Ints> = None,
    }
}
/// The size that unpooling gives.
fn unpooled(w: &Window, from: Triple, wanted: &Option<Ints>, n: usize) -> Result<Triple> {
    let plain: Triple = std::array::from_fn(|a| (from[a] - 1) * w.stride[a] - 2 * w.padding[a] + w.kernel[a]);
    let size = match wanted {
        None => plain,
        Some(v) => {
            // The whole shape will do, too.
            let v = if v.len() == n + 2 { &v[2..] } else { &v[..] };
            if v.len() != n {
                return Err(err(Kind::Value, format!("output_size must have {n} or {} numbers, got {v:?}", n + 2)));
            }
            std::array::from_fn(|a| if a + n < 3 { plain[a] } else { v[a + n - 3] })
        }
    };
    if (3 - n..3).any(|a| size[a] < 0 || (size[a] - plain[a]).abs() >= w.stride[a] && size[a] != plain[a]) {
        let text = format!("output_size {:?} must be less than a stride from {:?}", &size[3 - n..], &plain[3 - n..]);
        return Err(err(Kind::Value, text));
    }
    Ok(size)
}
macro_rules! unpools {
    ($($S:ident $name:literal $n:literal: $samples:expr;)*) => { $(impl Function for $S {
        fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
            let run = || {
                let one = OneOrMore::One(1);
                let window = Window::new($n, &self.kernel_size, &self.stride, &self.padding, &one)?;
                let (x, indices) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
                if x.spec.dims() != indices.spec.dims() {
                    return Err(err(Kind::Shape, "input and indices of one shape expected"));
                }
                batched(&[x, indices], $n, |given| {
                    let size = unpooled(&window, spatial(&given[0].spec), &self.output_size, $n)?;
                    let op = PlaneScatter { size, add: false };
                    Ok(smallvec![dispatch::one(&op, &[&given[0], &given[1]])?])
                })
            };
            run().map_err(under($name, ins))
        }
        fn cases() -> Vec<Case> {
            let case = |kernel: i64, stride: Option<i64>, padding, size: &[i64], x: &[u32], indices: &[i64]| {
                let op = $S {
                    kernel_size: numbers(&[kernel]),
                    stride: stride.map(OneOrMore::One),
                    padding: numbers(&[padding]),
                    output_size: (!size.is_empty()).then(|| size.into()),
                };
                let indices = Tensor::from_slice(indices, x).expect("a small tensor");
                Case { attrs: op.attrs(), inputs: vec![Some(crate::ops::sample(1, x)), Some(indices)] }
            };
            #[allow(clippy::redundant_closure_call)]
            ($samples)(&case)
        }
        fn refusals() -> Vec<Refusal> {
            let plain =
                |output_size| $S { kernel_size: numbers(&[2]), stride: None, padding: numbers(&[0]), output_size };
            let dims = [&[1, 1][..], &[1; $n]].concat();
            let given = |d: &[u32], i: i64| {
                vec![Some(crate::ops::sample(1, &dims)), Some(Tensor::from_slice(&[i], d).expect("a small tensor"))]
            };
            refusals(vec![
                (plain(Some(smallvec![9; $n])), given(&dims, 0), Kind::Value, "less than a stride from"),
                (plain(Some(smallvec![2; 7])), given(&dims, 0), Kind::Value, "output_size must have"),
                (plain(None), given(&[1], 0), Kind::Shape, "of one shape"),
                ($S { padding: numbers(&[2]), ..plain(None) }, given(&dims, 0), Kind::Value, "at most half of the window"),
                (plain(None), crate::op::given::floats(&[&dims, &dims]), Kind::DType, "floats and int64 indices expected, got float64 and float64"),
                (plain(None), given(&dims, 99), Kind::Value, "index 99 is out of range"),
                (plain(None), given(&dims, -1), Kind::Value, "index -1 is out of range"),
            ])
        }
    })* };
}
type Make<'a> = &'a dyn Fn(i64, Option<i64>, i64, &[i64], &[u32], &[i64]) -> Case;
unpools! {
    MaxUnpool1d "max_unpool1d" 1: |case: Make| vec![
        case(2, None, 0, &[], &[1, 2, 2], &[1, 2, 0, 3]),
        case(3, Some(2), 1, &[4], &[2, 2], &[0, 3, 1, 2]),
    ];
    MaxUnpool2d "max_unpool2d" 2: |case: Make| vec![
        case(2, None, 0, &[], &[1, 2, 1, 2], &[1, 6, 4, 3]),
        case(2, None, 0, &[1, 1, 3, 5], &[1, 1, 1, 2], &[14, 3]),
    ];
    MaxUnpool3d "max_unpool3d" 3: |case: Make| vec![case(2, None, 0, &[], &[1, 1, 1, 2], &[9, 6])];
}

/// Indices of elements in planes of that size.
fn check_indices(cx: &Cpu, size: Triple) -> Result<()> {
    let n = size.iter().product::<i64>();
    match cx.get::<i64>(1).iter().find(|i| !(0..n).contains(*i)) {
        Some(i) => Err(err(Kind::Value, format!("index {i} is out of range for planes of {n} elements"))),
        None => Ok(()),
    }
}
fn check_planes(x: Specs) -> Result<usize> {
    if !(3..=5).contains(&x[0].rank()) || x[0].rank() != x[1].rank() {
        return Err(err(Kind::Shape, "(N, C, ...) with one to three more dimensions expected"));
    }
    if !x[0].dtype.is_float() || x[1].dtype != DType::I64 {
        return Err(err(Kind::DType, format!("floats and int64 indices expected, got {} and {}", x[0].dtype, x[1].dtype)));
    }
    Ok(x[0].rank() - 2)
}
fn plane(s: &Spec) -> usize {
    spatial(s).iter().product::<i64>() as usize
}

op! {
    /// Zeros in planes of `size`, with each element of `input` where its index says: the last of those for one place, or
    /// their sum with `add`.
    PlaneScatter = "plane_scatter"(input: One + float @ ChannelsLast, indices: One @ ChannelsLast) -> (output; 1) {
        size: Triple, add: bool,
    }
}
impl Op for PlaneScatter {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let n = check_planes(x)?;
        if x[0].dims() != x[1].dims() {
            return Err(err(Kind::Shape, "input and indices of one shape expected"));
        }
        out.fresh(sized(x[0].dtype, x[0].dims()[0], x[0].dims()[1], self.size, n)?)
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_indices(cx, self.size)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let s = cx.out_spec(0);
        floats!(s.dtype, T => {
            pooling::plane_scatter::<T>(s.d(0), s.d(1), plane(s), self.add, cx.get(0), cx.get(1), cx.out(0))
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(plane_gather(cx.dy(0), &cx.input(1)?)?), None])
    }
    fn samples() -> Samples<PlaneScatter> {
        let case = |add, size, d: &[u32], v: &[i64]| {
            let indices = Tensor::from_slice(v, d).expect("a small tensor");
            (PlaneScatter { size, add }, vec![Some(crate::ops::sample(1, d)), Some(indices)])
        };
        vec![case(true, [1, 2, 2], &[1, 2, 1, 3], &[0, 3, 0, 1, 1, 2]), case(false, [1, 1, 3], &[2, 1, 2], &[0, 2, 1, 0])]
    }
}

op! {
    /// The elements of each channel's plane that `indices` name.
    PlaneGather = "plane_gather"(input: One + float @ ChannelsLast, indices: One @ ChannelsLast) -> (output; 1) {}
}
impl Op for PlaneGather {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_planes(x)?;
        if x[0].dims()[..2] != x[1].dims()[..2] {
            return Err(err(Kind::Shape, "input and indices of one batch and as many channels expected"));
        }
        out.fresh(x[1].with_dtype(x[0].dtype).channels_last())
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_indices(cx, spatial(cx.spec(0)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let s = cx.spec(0);
        floats!(s.dtype, T => pooling::plane_gather::<T>(s.d(0), s.d(1), plane(s), cx.get(0), cx.get(1), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let op = PlaneScatter { size: spatial(cx.spec(0)), add: true };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0), &cx.input(1)?])?), None])
    }
    fn samples() -> Samples<PlaneGather> {
        let indices = Tensor::from_slice(&[0i64, 3, 0, 1, 1, 2], &[1, 2, 1, 3]).expect("a small tensor");
        vec![(PlaneGather {}, vec![Some(crate::ops::sample(1, &[1, 2, 2, 2])), Some(indices)])]
    }
}

/// The elements of each channel's plane that `indices` name.
pub fn plane_gather(x: &Tensor, indices: &Tensor) -> Result<Tensor> {
    dispatch::one(&PlaneGather {}, &[x, indices])
}
