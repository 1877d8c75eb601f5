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
            Pass::InputGrad => conv::input_grad(c, a, b, y, base),
            Pass::WeightGrad => conv::weight_grad(c, a, b, y, base),
        }
        assert_eq!(*base.add(end), 0xff, "wrote outside the scratch");
    }
    out.done()
}

/// The definition, in float64.
fn reference<T: Float>(c: &Conv, pass: Pass, a: &[T], b: &[T], bias: Option<&[T]>) -> Vec<f64> {
    let (oh, ow, ci, co) = (c.oh(), c.ow(), c.ci / c.groups, c.co / c.groups);
    let mut out = match pass {
        Pass::Forward => (0..c.output_len()).map(|i| bias.map_or(0.0, |b| b[i % c.co].f64())).collect(),
        Pass::InputGrad => vec![0.0; c.input_len()],
        Pass::WeightGrad => vec![0.0; c.weight_len()],
    };
    for (n, y, x) in (0..c.n).flat_map(|n| (0..oh).flat_map(move |y| (0..ow).map(move |x| (n, y, x)))) {
        for (i, j) in (0..c.kh).flat_map(|i| (0..c.kw).map(move |j| (i, j))) {
            let h = (y * c.stride.0 + i * c.dilation.0) as isize - c.padding.0 as isize;
            let w = (x * c.stride.1 + j * c.dilation.1) as isize - c.padding.1 as isize;
            if h < 0 || w < 0 || h >= c.h as isize || w >= c.w as isize {
                continue;
            }
            let x_at = ((n * c.h + h as usize) * c.w + w as usize) * c.ci;
            let y_at = ((n * oh + y) * ow + x) * c.co;
            for o in 0..c.co {
                let (w_at, x_at) = (((o * c.kh + i) * c.kw + j) * ci, x_at + o / co * ci);
                for k in 0..ci {
                    match pass {
                        Pass::Forward => out[y_at + o] += a[x_at + k].f64() * b[w_at + k].f64(),
                        Pass::InputGrad => out[x_at + k] += a[y_at + o].f64() * b[w_at + k].f64(),
                        Pass::WeightGrad => out[w_at + k] += a[x_at + k].f64() * b[y_at + o].f64(),
                    }
                }
            }
        }
    }
    out
}

const PASSES: [Pass; 3] = [Pass::Forward, Pass::InputGrad, Pass::WeightGrad];

fn inputs<T: Float>(c: &Conv) -> [Input<T>; 4] {
    [Input::new(c.input_len(), 1), Input::new(c.weight_len(), 2), Input::new(c.output_len(), 3), Input::new(c.co, 4)]
}

fn operands<T: Float>(pass: Pass, [x, w, dy, _]: &[Input<T>; 4]) -> (&[T], &[T]) {
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
        for bias in [Some(inputs[3].get()), None] {
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

fn plain(n: usize, ci: usize, hw: usize, co: usize, k: usize, stride: usize, padding: usize) -> Conv {
    Conv {
        n,
        ci,
        h: hw,
        w: hw,
        co,
        kh: k,
        kw: k,
        stride: (stride, stride),
        padding: (padding, padding),
        dilation: (1, 1),
        groups: 1,
    }
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
        Conv { n, ci: ci * groups, h, w, co: co * groups, kh, kw, stride, padding, dilation, groups }
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
        check::<f32>(&Conv { kh: 40, w: 3, kw: 1, ..plain(1, 9, 44, 5, 1, 1, 6) });
        check::<f32>(&Conv { kw: 35, h: 3, kh: 2, ..plain(1, 2, 40, 5, 1, 2, 1) });
        check::<f32>(&Conv { groups: 3, kw: 35, h: 3, kh: 2, ..plain(1, 6, 40, 6, 1, 2, 1) });
    });
}

#[test]
fn a_window_larger_than_its_input_gives_nothing() {
    let c = plain(2, 3, 4, 5, 7, 1, 1);
    assert_eq!((c.oh(), c.output_len()), (0, 0));
    on_every_path(|_| {
        check::<f32>(&c);
        check::<f32>(&plain(0, 3, 4, 5, 3, 1, 1));
    });
}

#[test]
fn an_empty_image_gives_the_bias() {
    on_every_path(|_| {
        check::<f32>(&Conv { h: 0, ..plain(2, 3, 4, 5, 2, 1, 1) });
        check::<f32>(&Conv { h: 0, w: 0, groups: 5, ..plain(2, 5, 4, 5, 2, 1, 1) });
    });
}

/// Packing the weights beforehand changes nothing.
#[test]
fn packed_weights_give_the_same() {
    let aligned = |bytes: usize| vec![[f64::NAN; 8]; bytes / 64 + 2];
    on_every_path(|_| {
        for c in [
            plain(2, 80, 6, 80, 3, 2, 1),
            plain(2, 3, 20, 6, 5, 1, 2),
            Conv { groups: 4, ..plain(2, 8, 6, 12, 3, 3, 1) },
        ] {
            let inputs = inputs::<f32>(&c);
            for pass in [Pass::Forward, Pass::InputGrad] {
                let (a, w) = operands(pass, &inputs);
                let bias = if pass == Pass::Forward { Some(inputs[3].get()) } else { None };
                let mut packed = aligned(conv::packed_bytes::<f32>(&c, pass));
                let mut scratch = aligned(conv::packed_scratch_bytes::<f32>(&c, pass));
                let (packed, scratch) = (packed.as_mut_ptr() as *mut u8, scratch.as_mut_ptr() as *mut u8);
                let base = |p: *mut u8| p.wrapping_add(p.align_offset(64));
                let want = compute(&c, pass, a, w, bias);
                let mut out = Output::new(want.len());
                unsafe {
                    conv::pack(&c, pass, w.as_ptr(), base(packed));
                    match bias {
                        Some(b) => {
                            let bias = b.as_ptr();
                            conv::forward_packed(&c, a.as_ptr(), base(packed), bias, out.ptr(), base(scratch))
                        }
                        None => conv::input_grad_packed(&c, a.as_ptr(), base(packed), out.ptr(), base(scratch)),
                    }
                }
                assert_eq!(out.done(), want);
            }
        }
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
