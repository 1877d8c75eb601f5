//! Convolution against the definition, over random geometries, on every instruction path of this machine.
//!
//! Inputs are small integers, so every order of summation gives the same exact sums and results must be equal, not near.
use nncore_kernels::conv::{self, Conv, Pass};
use nncore_kernels::cpu::{self, Path};
use nncore_kernels::num::Float;
use nncore_kernels::pool;
use proptest::prelude::*;
use std::sync::Mutex;

/// The instruction path is the process's: one test at a time.
static PATH: Mutex<()> = Mutex::new(());

fn on_every_path(f: impl Fn(Path)) {
    let _guard = PATH.lock().unwrap_or_else(|e| e.into_inner());
    for path in cpu::available() {
        assert!(cpu::force(path));
        f(path);
    }
}

/// Integers from -3 to 3, amid not-a-numbers that poison whatever is read beyond the ends.
struct Input<T>(Vec<T>);
const GUARD: usize = 64;
impl<T: Float> Input<T> {
    fn new(len: usize, seed: u64) -> Input<T> {
        let nan = T::of(f64::NAN);
        let mut v = vec![nan; len + 2 * GUARD];
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        for x in &mut v[GUARD..GUARD + len] {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            *x = T::of(((state >> 33) % 7) as f64 - 3.0);
        }
        Input(v)
    }
    fn get(&self) -> &[T] {
        &self.0[GUARD..self.0.len() - GUARD]
    }
}

/// An output full of not-a-numbers, with guards that must survive.
struct Output<T>(Vec<T>);
impl<T: Float> Output<T> {
    fn new(len: usize) -> Output<T> {
        let mut v = vec![T::of(f64::NAN); len + 2 * GUARD];
        v[..GUARD].fill(T::of(7.5));
        v[len + GUARD..].fill(T::of(7.5));
        Output(v)
    }
    fn ptr(&mut self) -> *mut T {
        self.0[GUARD..].as_mut_ptr()
    }
    fn done(self) -> Vec<T> {
        let (front, rest) = self.0.split_at(GUARD);
        let (middle, back) = rest.split_at(rest.len() - GUARD);
        assert!(front.iter().chain(back).all(|x| *x == T::of(7.5)), "wrote outside the output");
        middle.to_vec()
    }
}

/// Runs a pass with scratch full of not-a-numbers. Forward: (x, w), input gradient: (dy, w), weight gradient: (x, dy).
fn compute<T: Float>(c: &Conv, pass: Pass, a: &[T], b: &[T], bias: Option<&[T]>) -> Vec<T> {
    let mut scratch = vec![[0xffu8; 64]; conv::scratch_bytes::<T>(c, pass) / 64 + 2];
    let base = scratch.as_mut_ptr() as *mut u8;
    let base = base.wrapping_add(base.align_offset(64));
    let end = conv::scratch_bytes::<T>(c, pass);
    let mut out = Output::new(match pass {
        Pass::Forward => c.output_len(),
        Pass::InputGrad => c.input_len(),
        Pass::WeightGrad => c.weight_len(),
    });
    let (a, b, y) = (a.as_ptr(), b.as_ptr(), out.ptr());
    unsafe {
        match pass {
            Pass::Forward => conv::forward(c, a, b, bias.map_or(std::ptr::null(), |b| b.as_ptr()), y, base),
            Pass::InputGrad => conv::input_grad(c, a, b, bias.map_or(std::ptr::null(), |b| b.as_ptr()), y, base),
            Pass::WeightGrad => conv::weight_grad(c, a, b, y, base),
        }
        assert_eq!(*base.add(end), 0xff, "wrote outside the scratch");
    }
    out.done()
}

/// Every place of a box.
fn places(size: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    (0..size.iter().product()).map(move |i| [i / (size[1] * size[2]), i / size[2] % size[1], i % size[2]])
}
/// The number of a place, row-major.
fn number(at: [usize; 3], size: [usize; 3]) -> usize {
    (at[0] * size[1] + at[1]) * size[2] + at[2]
}

/// The definition, in float64.
fn reference<T: Float>(c: &Conv, pass: Pass, a: &[T], b: &[T], bias: Option<&[T]>) -> Vec<f64> {
    let (ci, co) = (c.ci / c.groups, c.co / c.groups);
    let first = |i: usize| bias.map_or(0.0, |b| b[i % b.len()].f64());
    let mut out: Vec<f64> = match pass {
        Pass::Forward => (0..c.output_len()).map(first).collect(),
        Pass::InputGrad => (0..c.input_len()).map(first).collect(),
        Pass::WeightGrad => vec![0.0; c.weight_len()],
    };
    for (n, o) in (0..c.n).flat_map(|n| places(c.output).map(move |o| (n, o))) {
        for k in places(c.kernel) {
            let at = [0, 1, 2].map(|a| (o[a] * c.stride[a] + k[a] * c.dilation[a]).wrapping_sub(c.padding[a]));
            // Before the first one is beyond the last one, too.
            if (0..3).any(|a| at[a] >= c.input[a]) {
                continue;
            }
            let x_at = (n * c.input.iter().product::<usize>() + number(at, c.input)) * c.ci;
            let y_at = (n * c.output.iter().product::<usize>() + number(o, c.output)) * c.co;
            for m in 0..c.co {
                let w_at = (m * c.kernel.iter().product::<usize>() + number(k, c.kernel)) * ci;
                let x_at = x_at + m / co * ci;
                for k in 0..ci {
                    match pass {
                        Pass::Forward => out[y_at + m] += a[x_at + k].f64() * b[w_at + k].f64(),
                        Pass::InputGrad => out[x_at + k] += a[y_at + m].f64() * b[w_at + k].f64(),
                        Pass::WeightGrad => out[w_at + k] += a[x_at + k].f64() * b[y_at + m].f64(),
                    }
                }
            }
        }
    }
    out
}

const PASSES: [Pass; 3] = [Pass::Forward, Pass::InputGrad, Pass::WeightGrad];

/// Input, weights, output's gradient, and a bias for either end.
fn inputs<T: Float>(c: &Conv) -> [Input<T>; 5] {
    let lengths = [c.input_len(), c.weight_len(), c.output_len(), c.co, c.ci];
    [0, 1, 2, 3, 4].map(|i| Input::new(lengths[i], i as u64 + 1))
}

fn operands<T: Float>(pass: Pass, [x, w, dy, ..]: &[Input<T>; 5]) -> (&[T], &[T]) {
    match pass {
        Pass::Forward => (x.get(), w.get()),
        Pass::InputGrad => (dy.get(), w.get()),
        Pass::WeightGrad => (x.get(), dy.get()),
    }
}

/// All three passes equal the definition.
fn check<T: Float>(c: &Conv) {
    let inputs = inputs::<T>(c);
    for pass in PASSES {
        let (a, b) = operands(pass, &inputs);
        let bias = inputs[if pass == Pass::Forward { 3 } else { 4 }].get();
        for bias in [Some(bias), None] {
            if pass != Pass::Forward && bias.is_some() {
                continue;
            }
            let want = reference(c, pass, a, b, bias);
            let got = compute(c, pass, a, b, bias);
            let wrong = got.iter().zip(&want).position(|(g, w)| g.f64() != *w);
            if let Some(i) = wrong {
                panic!("{pass:?} of {c:?} on {:?}: [{i}] is {:?}, expected {}", cpu::path(), got[i], want[i]);
            }
        }
    }
}

/// Square images, window, stride and padding.
fn plain(n: usize, ci: usize, hw: usize, co: usize, k: usize, stride: usize, padding: usize) -> Conv {
    let out = (hw + 2 * padding).checked_sub(k).map_or(0, |room| room / stride + 1);
    Conv {
        n,
        ci,
        co,
        groups: 1,
        input: [1, hw, hw],
        kernel: [1, k, k],
        output: [1, out, out],
        stride: [1, stride, stride],
        padding: [0, padding, padding],
        dilation: [1, 1, 1],
    }
}
/// As many outputs as there are whole windows.
fn fitted(c: Conv) -> Conv {
    let extent = |a: usize| {
        let reach = c.dilation[a] * (c.kernel[a] - 1) + 1;
        (c.input[a] + 2 * c.padding[a]).checked_sub(reach).map_or(0, |room| room / c.stride[a] + 1)
    };
    Conv { output: [0, 1, 2].map(extent), ..c }
}

prop_compose! {
    fn geometry()(
        n in prop_oneof![4 => 1usize..4, 1 => 16usize..19],
        groups in prop_oneof![3 => Just(1usize), 1 => 2usize..4],
        ci in 1usize..20, co in 1usize..40,
        h in 1usize..14, w in 1usize..40,
        kh in 1usize..6, kw in 1usize..6,
        stride in (1usize..4, 1usize..4),
        padding in (0usize..4, 0usize..4),
        dilation in (1usize..4, 1usize..3),
    ) -> Conv {
        fitted(Conv {
            n,
            ci: ci * groups,
            co: co * groups,
            groups,
            input: [1, h, w],
            kernel: [1, kh, kw],
            output: [0; 3],
            stride: [1, stride.0, stride.1],
            padding: [0, padding.0, padding.1],
            dilation: [1, dilation.0, dilation.1],
        })
    }
}
prop_compose! {
    /// Volumes, with outputs too few or too many by one.
    fn volume()(
        n in prop_oneof![4 => 1usize..3, 1 => Just(16usize)],
        (groups, each) in prop_oneof![(Just(1usize), Just(0usize)), (2usize..4, Just(0)), (3usize..20, Just(1))],
        ci in 1usize..8, co in 1usize..20,
        input in [1usize..6, 1usize..6, 1usize..10],
        kernel in [1usize..4, 1usize..4, 1usize..5],
        stride in [1usize..3, 1usize..3, 1usize..4],
        padding in [0usize..3, 0usize..3, 0usize..3],
        dilation in [1usize..3, 1usize..3, 1usize..3],
        more in [0usize..3, 0usize..3, 0usize..3],
    ) -> Conv {
        let (ci, co) = if each == 1 { (groups, groups) } else { (ci * groups, co * groups) };
        let c = fitted(Conv { n, ci, co, groups, input, kernel, output: [0; 3], stride, padding, dilation });
        Conv { output: [0, 1, 2].map(|a| (c.output[a] + more[a]).saturating_sub(1)), ..c }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn equals_the_definition(c in geometry()) {
        on_every_path(|_| {
            check::<f32>(&c);
            check::<f64>(&c);
        });
    }
    #[test]
    fn volumes_equal_the_definition(c in volume()) {
        on_every_path(|_| {
            check::<f32>(&c);
            check::<f64>(&c);
        });
    }
}

#[test]
fn every_width_of_the_last_panel() {
    on_every_path(|_| {
        for channels in [1, 3, 6, 8, 16, 17, 33, 64, 80, 96, 130] {
            check::<f32>(&plain(2, channels, 6, 7, 3, 1, 1));
            check::<f32>(&plain(2, 5, 6, channels, 3, 1, 1));
            check::<f32>(&plain(1, channels, 5, channels, 1, 1, 0));
            check::<f64>(&plain(1, channels, 4, channels, 2, 2, 1));
        }
    });
}

#[test]
fn layers_of_known_networks() {
    on_every_path(|_| {
        check::<f32>(&plain(3, 1, 28, 6, 5, 1, 2)); // LeNet
        check::<f32>(&plain(3, 6, 14, 16, 5, 1, 0));
        check::<f32>(&plain(1, 3, 40, 16, 7, 2, 3)); // residual networks' first layer
        check::<f32>(&plain(1, 3, 35, 12, 11, 4, 2)); // AlexNet's first layer
        check::<f32>(&plain(17, 64, 4, 70, 3, 1, 1)); // late layers: small images, large batch
        check::<f32>(&plain(1, 300, 3, 300, 3, 1, 1)); // more weights than one chunk of taps
        check::<f32>(&Conv { groups: 24, ..plain(2, 24, 9, 24, 3, 1, 1) }); // depthwise
        check::<f32>(&Conv { groups: 24, ..plain(2, 24, 9, 48, 3, 2, 1) });
    });
}

#[test]
fn windows_with_more_taps_than_bits() {
    on_every_path(|_| {
        check::<f32>(&fitted(Conv { input: [1, 44, 3], kernel: [1, 40, 1], ..plain(1, 9, 44, 5, 1, 1, 6) }));
        let wide = Conv { input: [1, 3, 40], kernel: [1, 2, 35], ..plain(1, 2, 40, 5, 1, 2, 1) };
        check::<f32>(&fitted(wide));
        check::<f32>(&fitted(Conv { groups: 3, ci: 6, co: 6, ..wide }));
        let deep = Conv { input: [6, 8, 5], kernel: [6, 7, 2], padding: [2, 1, 1], ..plain(2, 3, 5, 4, 1, 1, 0) };
        check::<f32>(&fitted(deep));
        check::<f32>(&fitted(Conv { groups: 3, ci: 3, co: 3, ..deep }));
    });
}

/// As many channels in as out of a group, fewer than a vector has: groups lie side by side.
#[test]
fn groups_of_few_channels() {
    on_every_path(|_| {
        for (each, groups) in [(2, 3), (2, 20), (4, 5), (4, 32), (8, 3), (8, 4), (3, 7)] {
            let c = Conv { groups, ..plain(2, each * groups, 11, each * groups, 3, 1, 1) };
            check::<f32>(&c);
            check::<f64>(&c);
            check::<f32>(&Conv { n: 1, ..fitted(Conv { stride: [1, 2, 2], ..c }) });
            check::<f32>(&fitted(Conv { dilation: [1, 2, 3], padding: [0, 3, 2], ..c }));
            check::<f32>(&fitted(Conv { input: [3, 5, 9], kernel: [2, 4, 5], padding: [1, 2, 1], ..c }));
        }
        // More taps than are gone over at once.
        check::<f32>(&fitted(Conv { groups: 3, kernel: [1, 34, 1], ..plain(1, 12, 40, 12, 1, 1, 2) }));
    });
}

/// Widths about a vector's and a panel's: every one has its own way through the tables.
#[test]
fn one_channel_more_or_less() {
    on_every_path(|_| {
        for groups in [31, 32, 33, 47, 48, 49, 65] {
            check::<f32>(&Conv { groups, ..plain(1, groups, 9, groups, 3, 1, 1) });
        }
    });
}

#[test]
fn taps_in_the_border_of_every_output_need_no_weights() {
    // A 3x3 window over one pixel has one tap, and so has one whose dilation reaches beyond a small image.
    let (one, padded) = (plain(32, 64, 1, 96, 1, 1, 0), plain(32, 64, 1, 96, 3, 1, 1));
    let wide = fitted(Conv { dilation: [1, 4, 4], padding: [0, 4, 4], ..plain(32, 64, 3, 96, 3, 1, 0) });
    on_every_path(|_| {
        for pass in [Pass::Forward, Pass::InputGrad] {
            let few = conv::scratch_bytes::<f32>(&one, pass);
            assert_eq!(conv::scratch_bytes::<f32>(&padded, pass), few, "{pass:?}");
            assert_eq!(conv::scratch_bytes::<f32>(&wide, pass), few, "{pass:?}");
        }
        check::<f32>(&padded);
        check::<f64>(&wide);
        check::<f32>(&plain(17, 20, 2, 24, 3, 2, 1)); // the first row and column of the window see nothing
        check::<f32>(&plain(2, 3, 2, 6, 5, 1, 2));
        check::<f32>(&Conv { groups: 20, ..plain(3, 20, 1, 20, 3, 1, 1) });
    });
}

#[test]
fn a_window_larger_than_its_input_gives_nothing() {
    let c = plain(2, 3, 4, 5, 7, 1, 1);
    assert_eq!(c.output_len(), 0);
    on_every_path(|_| {
        check::<f32>(&c);
        check::<f32>(&plain(0, 3, 4, 5, 3, 1, 1));
    });
}

#[test]
fn an_empty_image_gives_the_bias() {
    on_every_path(|_| {
        check::<f32>(&fitted(Conv { input: [1, 0, 4], ..plain(2, 3, 4, 5, 2, 1, 1) }));
        check::<f32>(&fitted(Conv { input: [1, 0, 0], groups: 5, ..plain(2, 5, 4, 5, 2, 1, 1) }));
        check::<f32>(&fitted(Conv { input: [0, 4, 4], padding: [1; 3], ..plain(2, 3, 4, 5, 2, 1, 1) }));
    });
}

/// Real values: `<conv(x), y> = <x, input_grad(y)> = <w, weight_grad(x, y)>`.
#[test]
fn gradients_are_adjoint() {
    on_every_path(|_| {
        for c in
            [plain(2, 7, 9, 11, 3, 2, 1), plain(2, 2, 20, 6, 5, 1, 2), Conv { groups: 2, ..plain(1, 8, 8, 6, 3, 1, 1) }]
        {
            let random = |len: usize, seed| -> Vec<f64> {
                Input::<f64>::new(len, seed).get().iter().enumerate().map(|(i, x)| x * (i as f64).sin()).collect()
            };
            let (x, w, y) = (random(c.input_len(), 1), random(c.weight_len(), 2), random(c.output_len(), 3));
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let forward = dot(&compute(&c, Pass::Forward, &x, &w, None), &y);
            for back in [
                dot(&compute(&c, Pass::InputGrad, &y, &w, None), &x),
                dot(&compute(&c, Pass::WeightGrad, &x, &y, None), &w),
            ] {
                assert!((forward - back).abs() <= 1e-10 * forward.abs().max(1.0), "{c:?}: {forward} and {back}");
            }
        }
    });
}

#[test]
fn same_bits_for_any_number_of_threads() {
    on_every_path(|path| {
        for c in [
            plain(64, 1, 28, 6, 5, 1, 2),
            plain(64, 6, 14, 16, 5, 1, 0),
            plain(20, 40, 8, 48, 3, 1, 1),
            plain(1, 200, 5, 400, 3, 1, 1),
            Conv { groups: 40, ..plain(4, 40, 30, 40, 3, 1, 1) },
            Conv { groups: 12, ..plain(4, 48, 30, 48, 3, 1, 1) },
        ] {
            let random = |len: usize, seed| -> Vec<f32> {
                Input::<f32>::new(len, seed).get().iter().enumerate().map(|(i, x)| x * (i as f32).sin()).collect()
            };
            let (x, w, y) = (random(c.input_len(), 1), random(c.weight_len(), 2), random(c.output_len(), 3));
            for (pass, a, b) in [(Pass::Forward, &x, &w), (Pass::InputGrad, &y, &w), (Pass::WeightGrad, &x, &y)] {
                let bits = |threads| -> Vec<u32> {
                    pool::with_threads(threads, || compute(&c, pass, a, b, None)).iter().map(|x| x.to_bits()).collect()
                };
                let one = bits(1);
                for threads in 2..=4 {
                    assert!(bits(threads) == one, "{pass:?} of {c:?} on {path:?} differs with {threads} threads");
                }
            }
        }
    });
}
