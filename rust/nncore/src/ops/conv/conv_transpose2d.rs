//! Transposed convolution over one, two and three dimensions: the gradient of a convolution with respect to its input, run
//! forwards. Its own gradients are the convolution and the gradient of its weight.
use crate::op::*;
use crate::ops::conv2d::{numbers, refused_inputs};
use crate::ops::convolution::Slide;
use crate::ops::window::{batched, reach, spatial, text, triple, under, Triple};
use crate::{dispatch, err, Kind, Result, Tensor};

op! {
    /// 1-D transposed convolution: what `conv1d` does to its input's gradient, also called deconvolution.
    ///
    /// Shapes: `input` (N, C, L) or (C, L), `weight` (C, O / groups, k), `bias` (O,) or None; the result is (N, O, L') or (O, L')
    /// with `L' = (L - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`. `output_padding` lengthens the result
    /// at its end, and must be smaller than the stride or the dilation.
    /// Raises `ShapeError` where shapes do not fit or nothing would be left.
    pub ConvTranspose1d = "conv_transpose1d"(input: One + float @ Any, weight: One + float @ Any, bias: Optional + float)
        -> (output; 1) {
        stride: OneOrMore = OneOrMore::One(1), padding: OneOrMore = OneOrMore::One(0),
        output_padding: OneOrMore = OneOrMore::One(0), groups: i64 = 1, dilation: OneOrMore = OneOrMore::One(1),
    }
}
op! {
    /// 2-D transposed convolution: what `conv2d` does to its input's gradient, also called deconvolution.
    ///
    /// Shapes: `input` (N, C, H, W) or (C, H, W), `weight` (C, O / groups, kH, kW), `bias` (O,) or None; the result is
    /// (N, O, H', W') or (O, H', W') with `H' = (H - 1) * stride - 2 * padding + dilation * (kH - 1) + output_padding + 1`.
    /// `output_padding` enlarges the result at its end, and must be smaller than the stride or the dilation. All of them are one
    /// number or (vertical, horizontal). Raises `ShapeError` where shapes do not fit or nothing would be left.
    pub ConvTranspose2d = "conv_transpose2d"(input: One + float @ Any, weight: One + float @ Any, bias: Optional + float)
        -> (output; 1) {
        stride: OneOrMore = OneOrMore::One(1), padding: OneOrMore = OneOrMore::One(0),
        output_padding: OneOrMore = OneOrMore::One(0), groups: i64 = 1, dilation: OneOrMore = OneOrMore::One(1),
    }
}
op! {
    /// 3-D transposed convolution: what `conv3d` does to its input's gradient, also called deconvolution.
    ///
    /// Shapes: `input` (N, C, D, H, W) or (C, D, H, W), `weight` (C, O / groups, kD, kH, kW), `bias` (O,) or None; the result is
    /// (N, O, D', H', W') or (O, D', H', W') with
    /// `D' = (D - 1) * stride - 2 * padding + dilation * (kD - 1) + output_padding + 1`. `output_padding` enlarges the result at its
    /// end, and must be smaller than the stride or the dilation. All of them are one number or (depth, vertical, horizontal).
    /// Raises `ShapeError` where shapes do not fit or nothing would be left.
    pub ConvTranspose3d = "conv_transpose3d"(input: One + float @ Any, weight: One + float @ Any, bias: Optional + float)
        -> (output; 1) {
        stride: OneOrMore = OneOrMore::One(1), padding: OneOrMore = OneOrMore::One(0),
        output_padding: OneOrMore = OneOrMore::One(0), groups: i64 = 1, dilation: OneOrMore = OneOrMore::One(1),
    }
}

/// What the three have in common.
struct Arguments<'a> {
    stride: &'a OneOrMore,
    padding: &'a OneOrMore,
    output_padding: &'a OneOrMore,
    groups: i64,
    dilation: &'a OneOrMore,
}
impl Arguments<'_> {
    fn run(&self, ins: &[Option<&Tensor>], n: usize) -> Result<Outputs> {
        let (x, w) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        if w.spec.rank() != n + 2 {
            let text = format!("a weight of {} dimensions expected, got {}", n + 2, w.spec.rank());
            return Err(err(Kind::Shape, text));
        }
        let (stride, dilation) = (triple("stride", self.stride, n, 1)?, triple("dilation", self.dilation, n, 1)?);
        let (padding, more) = (triple("padding", self.padding, n, 0)?, triple("output_padding", self.output_padding, n, 0)?);
        if (0..3).any(|a| more[a] > 0 && more[a] >= stride[a].max(dilation[a])) {
            let (more, most) = (&more[3 - n..], [stride, dilation].map(|t| t[3 - n..].to_vec()));
            let text = format!("output_padding must be smaller than stride or dilation, got {more:?} for {:?} and {:?}", most[0], most[1]);
            return Err(err(Kind::Value, text));
        }
        let reach = reach(spatial(&w.spec), dilation);
        let after: Triple = std::array::from_fn(|a| padding[a] - more[a]);
        let slide = Slide { stride, before: padding, after, dilation, groups: self.groups };
        batched(&[x], n, |x| {
            let from = spatial(&x[0].spec);
            let size: Triple =
                std::array::from_fn(|a| (from[a] - 1) * stride[a] + reach[a] - padding[a] - after[a]);
            if size.iter().any(|v| *v < 1) {
                let text = format!("from {} nothing is left: {}", text(from, n), text(size, n));
                return Err(err(Kind::Shape, text));
            }
            dispatch::apply(&slide.input_grad(size), &[Some(&x[0]), Some(w), ins[2]])
        })
    }
}

macro_rules! transposed {
    ($($S:ident $name:literal $n:literal: $samples:expr;)*) => { $(impl Function for $S {
        fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
            let $S { stride, padding, output_padding, groups, dilation } = self;
            let given = Arguments { stride, padding, output_padding, groups: *groups, dilation };
            given.run(ins, $n).map_err(under($name, ins))
        }
        fn cases() -> Vec<Case> {
            let case = |v: [&[i64]; 4], groups, x: &[u32], w: &[u32], bias: bool| {
                let [stride, padding, output_padding, dilation] = v.map(numbers);
                let channels = [w[1] * groups as u32];
                let inputs = [Some((1, x)), Some((2, w)), bias.then_some((3, &channels[..]))];
                let inputs = inputs.map(|given| given.map(|(seed, dims)| crate::ops::sample(seed, dims)));
                Case { attrs: $S { stride, padding, output_padding, groups, dilation }.attrs(), inputs: inputs.into() }
            };
            #[allow(clippy::redundant_closure_call)]
            ($samples)(&case)
        }
        fn refusals() -> Vec<Refusal> {
            let plain = || {
                let one = || numbers(&[1]);
                $S { stride: one(), padding: numbers(&[0]), output_padding: numbers(&[0]), groups: 1, dilation: one() }
            };
            let fits = || refused_inputs($n, 5, 3, 2);
            let with_bias = vec![fits().swap_remove(0), fits().swap_remove(1), Some(crate::ops::sample(3, &[3]))];
            refusals(vec![
                ($S { stride: numbers(&[0]), ..plain() }, fits(), Kind::Value, "stride must be at least 1"),
                ($S { output_padding: numbers(&[-1]), ..plain() }, fits(), Kind::Value, "output_padding must be at least 0"),
                ($S { output_padding: numbers(&[1]), ..plain() }, fits(), Kind::Value, "must be smaller than stride or dilation"),
                ($S { groups: 0, ..plain() }, fits(), Kind::Value, "groups must be at least 1"),
                ($S { padding: numbers(&[4]), ..plain() }, fits(), Kind::Shape, "nothing is left"),
                ($S { groups: 3, ..plain() }, fits(), Kind::Shape, "weight for 2 channels in 3 groups"),
                (plain(), refused_inputs($n, 5, 3, 4), Kind::Shape, "weight for 2 channels in 1 groups, got 4"),
                (plain(), vec![given::float(&[4]), fits().swap_remove(1), None], Kind::Shape, "got 1 dimensions"),
                (plain(), vec![fits().swap_remove(0), given::float(&[4]), None], Kind::Shape, "dimensions expected, got 1"),
                (plain(), refused_inputs($n, 0, 3, 2), Kind::Shape, "empty or larger than the image"),
                (plain(), with_bias, Kind::Shape, "a bias of shape (4,) expected, got [3]"),
            ])
        }
    })* };
}
type Make<'a> = &'a dyn Fn([&[i64]; 4], i64, &[u32], &[u32], bool) -> Case;
transposed! {
    ConvTranspose1d "conv_transpose1d" 1: |case: Make| vec![
        case([&[1], &[0], &[0], &[1]], 1, &[2, 3, 4], &[3, 2, 3], true),
        case([&[3], &[1], &[2], &[1]], 2, &[1, 4, 3], &[4, 1, 3], true),
        // Longer by more than a stride, as a dilation allows.
        case([&[1], &[0], &[1], &[2]], 1, &[2, 4], &[2, 3, 2], false),
    ];
    ConvTranspose2d "conv_transpose2d" 2: |case: Make| vec![
        case([&[1], &[0], &[0], &[1]], 1, &[1, 2, 3, 3], &[2, 3, 2, 2], false),
        case([&[2], &[1], &[1], &[1]], 1, &[2, 3, 3, 2], &[3, 2, 3, 3], true),
        case([&[1, 3], &[1, 0], &[0, 2], &[2, 1]], 2, &[1, 4, 3, 2], &[4, 1, 2, 2], true),
        case([&[2], &[0], &[0], &[1]], 3, &[3, 2, 2], &[3, 1, 1, 1], true),
    ];
    ConvTranspose3d "conv_transpose3d" 3: |case: Make| vec![
        case([&[1], &[0], &[0], &[1]], 1, &[1, 2, 2, 2, 2], &[2, 2, 2, 1, 2], true),
        case([&[2, 1, 2], &[1, 0, 1], &[1, 0, 1], &[1, 2, 1]], 2, &[1, 2, 2, 2, 3], &[2, 1, 3, 2, 2], true),
    ];
}
