//! Convolution over one, two and three dimensions: arguments, then the op that all of them share.
use crate::op::*;
use crate::ops::convolution::Slide;
use crate::ops::window::{batched, spatial, triple, under};
use crate::{dispatch, err, Kind, Result, Tensor};

op! {
    /// 1-D cross-correlation, as every network library calls convolution.
    ///
    /// Shapes: `input` (N, C, L) or (C, L), `weight` (O, C / groups, k), `bias` (O,) or None; the result is (N, O, L') or (O, L')
    /// with `L' = (L + 2 * padding - dilation * (k - 1) - 1) // stride + 1`. `padding="valid"` is none, `"same"` as much as keeps
    /// the size with a stride of 1, at the end one more where it does not divide evenly.
    /// Raises `ShapeError` where shapes do not fit or the window is larger than the padded input.
    pub Conv1d = "conv1d"(input: One + float @ Any, weight: One + float @ Any, bias: Optional + float) -> (output; 1) {
        stride: OneOrMore = OneOrMore::One(1), padding: Padding = Padding::Given(OneOrMore::One(0)),
        dilation: OneOrMore = OneOrMore::One(1), groups: i64 = 1,
    }
}
op! {
    /// 2-D cross-correlation, as every network library calls convolution.
    ///
    /// Shapes: `input` (N, C, H, W) or (C, H, W), `weight` (O, C / groups, kH, kW), `bias` (O,) or None; the result is
    /// (N, O, H', W') or (O, H', W') with `H' = (H + 2 * padding - dilation * (kH - 1) - 1) // stride + 1`. `stride`, `padding` and
    /// `dilation` are one number or (vertical, horizontal). `padding="valid"` is none, `"same"` as much as keeps the size with a
    /// stride of 1, at the end one more where it does not divide evenly. Activations and weights lie channels-last in memory;
    /// other layouts are copied at the door.
    /// Raises `ShapeError` where shapes do not fit or the window is larger than the padded image.
    pub Conv2d = "conv2d"(input: One + float @ Any, weight: One + float @ Any, bias: Optional + float) -> (output; 1) {
        stride: OneOrMore = OneOrMore::One(1), padding: Padding = Padding::Given(OneOrMore::One(0)),
        dilation: OneOrMore = OneOrMore::One(1), groups: i64 = 1,
    }
}
op! {
    /// 3-D cross-correlation, as every network library calls convolution.
    ///
    /// Shapes: `input` (N, C, D, H, W) or (C, D, H, W), `weight` (O, C / groups, kD, kH, kW), `bias` (O,) or None; the result is
    /// (N, O, D', H', W') or (O, D', H', W') with `D' = (D + 2 * padding - dilation * (kD - 1) - 1) // stride + 1`. `stride`,
    /// `padding` and `dilation` are one number or (depth, vertical, horizontal). `padding="valid"` is none, `"same"` as much as
    /// keeps the size with a stride of 1, at the end one more where it does not divide evenly.
    /// Raises `ShapeError` where shapes do not fit or the window is larger than the padded volume.
    pub Conv3d = "conv3d"(input: One + float @ Any, weight: One + float @ Any, bias: Optional + float) -> (output; 1) {
        stride: OneOrMore = OneOrMore::One(1), padding: Padding = Padding::Given(OneOrMore::One(0)),
        dilation: OneOrMore = OneOrMore::One(1), groups: i64 = 1,
    }
}

/// What the three have in common.
struct Arguments<'a> {
    stride: &'a OneOrMore,
    padding: &'a Padding,
    dilation: &'a OneOrMore,
    groups: i64,
}
impl Arguments<'_> {
    fn slide(&self, w: &Tensor, n: usize) -> Result<Slide> {
        if w.spec.rank() != n + 2 {
            let text = format!("a weight of {} dimensions expected, got {}", n + 2, w.spec.rank());
            return Err(err(Kind::Shape, text));
        }
        let (stride, dilation) = (triple("stride", self.stride, n, 1)?, triple("dilation", self.dilation, n, 1)?);
        let (before, after) = match self.padding {
            Padding::Given(p) => {
                let p = triple("padding", p, n, 0)?;
                (p, p)
            }
            Padding::Valid => ([0; 3], [0; 3]),
            Padding::Same => {
                if stride != [1; 3] {
                    let text = format!("padding=\"same\" needs a stride of 1, got {:?}", &stride[3 - n..]);
                    return Err(err(Kind::Value, text));
                }
                let kernel = spatial(&w.spec);
                let whole: [i64; 3] = std::array::from_fn(|a| dilation[a] * (kernel[a] - 1).max(0));
                (whole.map(|v| v / 2), whole.map(|v| v - v / 2))
            }
        };
        Ok(Slide { stride, before, after, dilation, groups: self.groups })
    }
    fn run(&self, ins: &[Option<&Tensor>], n: usize) -> Result<Outputs> {
        let (x, w) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let slide = self.slide(w, n)?;
        batched(&[x], n, |x| dispatch::apply(&slide.convolution(), &[Some(&x[0]), Some(w), ins[2]]))
    }
}

macro_rules! convolutions {
    ($($S:ident $name:literal $n:literal: $samples:expr;)*) => { $(impl Function for $S {
        fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
            let $S { stride, padding, dilation, groups } = self;
            Arguments { stride, padding, dilation, groups: *groups }.run(ins, $n).map_err(under($name, ins))
        }
        fn cases() -> Vec<Case> {
            let case = |stride: &[i64], padding, dilation: &[i64], groups, x: &[u32], w: &[u32], bias: bool| {
                let (stride, dilation) = (numbers(stride), numbers(dilation));
                let inputs = [Some((1, x)), Some((2, w)), bias.then_some((3, &w[..1]))];
                let inputs = inputs.map(|given| given.map(|(seed, dims)| crate::ops::sample(seed, dims)));
                Case { attrs: $S { stride, padding, dilation, groups }.attrs(), inputs: inputs.into() }
            };
            #[allow(clippy::redundant_closure_call)]
            ($samples)(&case)
        }
        fn refusals() -> Vec<Refusal> {
            let plain = || $S { stride: numbers(&[1]), padding: zeros(&[0]), dilation: numbers(&[1]), groups: 1 };
            let fits = || refused_inputs($n, 5, 3, 4);
            let with_bias = vec![fits().swap_remove(0), fits().swap_remove(1), Some(crate::ops::sample(3, &[3]))];
            let low = vec![Some(crate::ops::sample(1, &[4])), fits().swap_remove(1), None];
            let flat = vec![fits().swap_remove(0), low[0].clone(), None];
            refusals(vec![
                ($S { stride: numbers(&[0]), ..plain() }, fits(), Kind::Value, "stride must be at least 1"),
                ($S { padding: zeros(&[-1]), ..plain() }, fits(), Kind::Value, "padding must be at least 0"),
                ($S { dilation: numbers(&[1 << 40]), ..plain() }, fits(), Kind::Value, "below 2**31, got [1099511627776]"),
                ($S { groups: 0, ..plain() }, fits(), Kind::Value, "groups must be at least 1"),
                ($S { stride: numbers(&[1; 4]), ..plain() }, fits(), Kind::Value, "stride must be one number"),
                ($S { padding: Padding::Same, stride: numbers(&[2]), ..plain() }, fits(), Kind::Value, "a stride of 1, got [2"),
                (plain(), low, Kind::Shape, "got 1 dimensions"),
                (plain(), flat, Kind::Shape, "a weight of"),
                (plain(), refused_inputs($n, 5, 3, 3), Kind::Shape, "weight for 4 input channels in 1 groups, got 3"),
                ($S { groups: 3, ..plain() }, fits(), Kind::Shape, "2 output channels do not divide into 3 groups"),
                (plain(), refused_inputs($n, 2, 3, 4), Kind::Shape, "larger than the image of"),
                (plain(), with_bias, Kind::Shape, "a bias of shape (2,) expected, got [3]"),
            ])
        }
    })* };
}
/// One image of that size and channels, and two filters of another one for 4 channels.
pub fn refused_inputs(n: usize, size: u32, kernel: u32, channels: u32) -> Vec<Option<Tensor>> {
    let dims = |lead: [u32; 2], each: u32| [&lead[..], &vec![each; n]].concat();
    let x = crate::ops::sample(1, &dims([1, channels], size));
    vec![Some(x), Some(crate::ops::sample(2, &dims([2, 4], kernel))), None]
}
/// One number for all dimensions, or one for each.
pub fn numbers(v: &[i64]) -> OneOrMore {
    match v {
        [one] => OneOrMore::One(*one),
        more => OneOrMore::More(more.into()),
    }
}
fn zeros(v: &[i64]) -> Padding {
    Padding::Given(numbers(v))
}
type Make<'a> = &'a dyn Fn(&[i64], Padding, &[i64], i64, &[u32], &[u32], bool) -> Case;
convolutions! {
    Conv1d "conv1d" 1: |case: Make| vec![
        case(&[1], zeros(&[0]), &[1], 1, &[2, 3, 5], &[2, 3, 3], true),
        case(&[2], zeros(&[1]), &[2], 2, &[1, 4, 7], &[4, 2, 2], false),
        case(&[1], Padding::Same, &[1], 1, &[2, 5], &[3, 2, 4], true),
        case(&[1], zeros(&[0]), &[1], 1, &[0, 2, 4], &[3, 2, 2], true),
    ];
    Conv2d "conv2d" 2: |case: Make| vec![
        case(&[1], zeros(&[0]), &[1], 1, &[1, 2, 4, 4], &[3, 2, 2, 2], false),
        case(&[2], zeros(&[1]), &[1], 1, &[2, 3, 5, 5], &[4, 3, 3, 3], true),
        case(&[1, 2], zeros(&[2, 0]), &[2, 1], 2, &[1, 4, 5, 6], &[2, 2, 3, 2], true),
        case(&[1], zeros(&[0]), &[1], 1, &[2, 3, 3, 2], &[2, 3, 1, 1], true),
        case(&[1], Padding::Same, &[1, 3], 3, &[3, 4, 3], &[6, 1, 2, 2], true),
        case(&[2], Padding::Valid, &[1], 1, &[1, 2, 3, 4], &[2, 2, 1, 3], false),
    ];
    Conv3d "conv3d" 3: |case: Make| vec![
        case(&[1], zeros(&[1]), &[1], 1, &[1, 2, 3, 2, 3], &[2, 2, 3, 2, 2], true),
        case(&[2, 1, 2], zeros(&[0, 1, 1]), &[1, 2, 1], 2, &[2, 2, 4, 3, 3], &[2, 1, 2, 2, 2], false),
        case(&[1], Padding::Same, &[2, 1, 1], 1, &[2, 3, 2, 3], &[3, 2, 2, 2, 1], true),
        case(&[1], zeros(&[0]), &[1], 2, &[1, 2, 2, 2, 3], &[4, 1, 1, 1, 1], true),
    ];
}

/// `conv2d` with one stride and padding for both axes.
pub fn conv2d(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: i64, padding: i64) -> Result<Tensor> {
    let op = Conv2d {
        stride: OneOrMore::One(stride),
        padding: zeros(&[padding]),
        dilation: OneOrMore::One(1),
        groups: 1,
    };
    Ok(op.call(&[Some(x), Some(weight), bias])?.swap_remove(0))
}
