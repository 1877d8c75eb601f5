//! Elementary functions against float64, at the special values, and alike on every path.
use nncore_kernels::math::*;
use nncore_kernels::pointwise::{flat1, Map};
use nncore_kernels::{cpu, num::Float};
use std::sync::Mutex;

/// The path is global to the process.
static PATH: Mutex<()> = Mutex::new(());

macro_rules! maps {
    ($($name:ident $f:ident)*) => { $(
        struct $name;
        impl Map for $name {
            type In = [f32; 1];
            type Out = f32;
            const COST: usize = 8;
            #[inline(always)]
            fn eval(&self, [x]: [f32; 1]) -> f32 { $f(x) }
        }
    )* };
}
maps! { Exp exp Expm1 expm1 Ln ln Tanh tanh Sigmoid sigmoid }

/// Distance of `got` from the true value in units of float32's last place there.
fn ulps(got: f32, want: f64) -> f64 {
    let nearest = want as f32;
    if got == nearest || got.is_nan() && want.is_nan() {
        return 0.0;
    }
    if !got.is_finite() || !nearest.is_finite() {
        // Just past the largest number either side of the rounding is fair.
        let edge = want.abs() > 3.4028e38 && want.abs() < 3.4029e38;
        return if edge { 0.0 } else { f64::INFINITY };
    }
    let exponent = (want.abs().max(f32::MIN_POSITIVE as f64).to_bits() >> 52) as i32 - 1023;
    (got as f64 - want).abs() / 2f64.powi(exponent - 23)
}

fn worst(
    f: &impl Map<In = [f32; 1], Out = f32>,
    reference: fn(f64) -> f64,
    bits: impl Iterator<Item = u32>,
) -> (f64, f32) {
    let mut found = (0.0, 0.0);
    let (mut x, mut y) = (Vec::with_capacity(4096), vec![0.0; 4096]);
    let mut bits = bits.peekable();
    while bits.peek().is_some() {
        x.clear();
        x.extend(bits.by_ref().take(4096).map(f32::from_bits));
        flat1(f, &x, &mut y[..x.len()]);
        for (&x, &y) in x.iter().zip(&y) {
            let e = ulps(y, reference(x as f64));
            if e > found.0 {
                found = (e, x);
            }
        }
    }
    found
}

fn sigmoid64(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x < 0.0 {
        e / (1.0 + e)
    } else {
        1.0 / (1.0 + e)
    }
}

fn check(step: usize) {
    let _guard = PATH.lock().unwrap();
    let all = || (0..=u32::MAX).step_by(step);
    let found = [
        ("exp", 1.0, worst(&Exp, f64::exp, all())),
        ("expm1", 4.0, worst(&Expm1, f64::exp_m1, all())),
        ("ln", 1.0, worst(&Ln, f64::ln, all())),
        ("tanh", 4.0, worst(&Tanh, f64::tanh, all())),
        ("sigmoid", 4.0, worst(&Sigmoid, sigmoid64, all())),
    ];
    for (name, limit, (error, at)) in found {
        println!("{name}: {error:.3} ULP at {at:e}");
        assert!(error <= limit, "{name}: {error} ULP at {at:e}, at most {limit} allowed");
    }
}

#[test]
fn a_sample_of_all_numbers_is_close_to_float64() {
    check(2039);
}

/// Run with `cargo test --profile quick -p nncore-kernels --test math -- --ignored --nocapture` (minutes).
#[test]
#[ignore = "walks all 2^32 float32 numbers"]
fn every_number_is_close_to_float64() {
    check(1);
}

#[test]
fn special_values() {
    let inf = f32::INFINITY;
    assert_eq!(
        [exp(0.0f32), exp(-0.0f32), exp(-inf), exp(inf), exp(89.0f32), exp(-104.0f32)],
        [1.0, 1.0, 0.0, inf, inf, 0.0]
    );
    assert!(exp(-100.0f32) > 0.0, "a subnormal result is not flushed");
    assert_eq!([ln(1.0f32), ln(0.0f32), ln(-0.0f32), ln(inf)], [0.0, -inf, -inf, inf]);
    assert!(ln(-1.0f32).is_nan() && ln(-inf).is_nan() && ln(-1e-40f32).is_nan());
    assert_eq!([tanh(inf), tanh(-inf), tanh(20.0f32), tanh(-1e30f32)], [1.0, -1.0, 1.0, -1.0]);
    assert!(tanh(-0.0f32).is_sign_negative() && expm1(-0.0f32).is_sign_negative());
    assert_eq!([sigmoid(0.0f32), sigmoid(inf), sigmoid(-inf)], [0.5, 1.0, 0.0]);
    assert!(sigmoid(-100.0f32) > 0.0);
    fn nan<T: Float>(nan: T) {
        assert!([exp(nan), ln(nan), tanh(nan), sigmoid(nan), expm1(nan)].iter().all(|y| y.is_nan()));
    }
    nan(f32::NAN);
    nan(f64::NAN);
}

#[test]
fn results_stay_in_range() {
    for bits in (0..u32::MAX).step_by(65537) {
        let x = f32::from_bits(bits);
        if !x.is_nan() {
            assert!((-1.0..=1.0).contains(&tanh(x)) && (0.0..=1.0).contains(&sigmoid(x)), "{x:e}");
        }
    }
}

#[test]
fn bits_are_alike_on_every_path() {
    let _guard = PATH.lock().unwrap();
    let x: Vec<f32> = (0..=u32::MAX).step_by(65537 * 3 + 2).map(f32::from_bits).filter(|x| !x.is_nan()).collect();
    fn all(x: &[f32]) -> Vec<u32> {
        let mut y = vec![0.0; x.len() * 5];
        let mut parts = y.chunks_exact_mut(x.len());
        flat1(&Exp, x, parts.next().unwrap());
        flat1(&Expm1, x, parts.next().unwrap());
        flat1(&Ln, x, parts.next().unwrap());
        flat1(&Tanh, x, parts.next().unwrap());
        flat1(&Sigmoid, x, parts.next().unwrap());
        // Every NaN is one: its payload is not part of the promise.
        y.iter().map(|y| if y.is_nan() { 0x7fc0_0000 } else { y.to_bits() }).collect()
    }
    let best = cpu::path();
    let want = all(&x);
    for path in cpu::available() {
        assert!(cpu::force(path));
        assert!(all(&x) == want, "{} differs from {}", path.name(), best.name());
    }
    cpu::force(best);
}
