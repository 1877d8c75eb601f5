//! Elementary functions against float64, at the special values, and alike on every path.
use nncore_kernels::math::*;
use nncore_kernels::pointwise::{flat1, flat2, Map};
use nncore_kernels::{cpu, num::Float};
use std::sync::{Mutex, PoisonError};

/// The path is global to the process.
static PATH: Mutex<()> = Mutex::new(());

/// A function of float32, what it should be, and how many ULP it may be off.
struct Case {
    name: &'static str,
    run: fn(&[f32], &mut [f32]),
    reference: fn(f64) -> f64,
    limit: f64,
}
macro_rules! cases {
    ($($name:ident $f:expr, $reference:expr, $limit:literal $(, $rare:expr, $slow:expr)?;)*) => { vec![$({
        struct Function;
        impl Map for Function {
            type In = [f32; 1];
            type Out = f32;
            const COST: usize = 8;
            #[inline(always)]
            fn eval(&self, [x]: [f32; 1]) -> f32 { $f(x) }
            $(
                const RARE: bool = true;
                #[inline(always)]
                fn rare(&self, [x]: [f32; 1]) -> bool { $rare(x) }
                fn slow(&self, [x]: [f32; 1]) -> f32 { $slow(x) }
            )?
        }
        Case { name: stringify!($name), run: |x, y| flat1(&Function, x, y), reference: $reference, limit: $limit }
    }),*] };
}
fn functions() -> Vec<Case> {
    cases! {
        exp exp, f64::exp, 1.0;
        exp2 exp2, f64::exp2, 1.0;
        expm1 expm1, f64::exp_m1, 4.0;
        ln ln, f64::ln, 1.0;
        ln_1p ln_1p, f64::ln_1p, 1.0;
        log2 log2, f64::log2, 1.4;
        log10 log10, f64::log10, 1.4;
        tanh tanh, f64::tanh, 4.0;
        sinh sinh, f64::sinh, 3.0;
        cosh cosh, f64::cosh, 2.0;
        sigmoid sigmoid, sigmoid64, 4.0;
        softplus softplus, |x| if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }, 3.0;
        sin sin, f64::sin, 1.0, trig_is_rare, sin_slow;
        cos cos, f64::cos, 1.0, trig_is_rare, cos_slow;
        tan tan, f64::tan, 3.0, trig_is_rare, tan_slow;
        asin asin, f64::asin, 2.1;
        acos acos, f64::acos, 2.0;
        atan atan, f64::atan, 2.0;
        erf erf, erf::<f64>, 2.0;
        erfc erfc, erfc::<f64>, 6.0;
        normal_cdf |x| normal(x).0, |x| 0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2), 6.0;
        gelu gelu, |x| if x == f64::NEG_INFINITY { f64::NAN } else { 0.5 * x * erfc(-x * std::f64::consts::FRAC_1_SQRT_2) }, 8.0;
        cube |x| pow(x, 3.0), |x| x.powf(3.0), 0.51;
        cube_root |x| pow(x, 1.0 / 3.0), |x| x.powf((1.0f32 / 3.0) as f64), 0.51;
        inverse_root |x| pow(x, -1.5), |x| x.powf(-1.5), 0.51;
        power_of_ten |y| pow(10.0, y), |y| 10f64.powf(y), 0.51;
        power_of_small |y| pow(0.999_999_9, y), |y| (0.999_999_9f32 as f64).powf(y), 0.51;
    }
}

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

fn worst(case: &Case, bits: impl Iterator<Item = u32>) -> (f64, f32) {
    let mut found = (0.0, 0.0);
    let (mut x, mut y) = (Vec::with_capacity(4096), vec![0.0; 4096]);
    let mut bits = bits.peekable();
    while bits.peek().is_some() {
        x.clear();
        x.extend(bits.by_ref().take(4096).map(f32::from_bits));
        (case.run)(&x, &mut y[..x.len()]);
        for (&x, &y) in x.iter().zip(&y) {
            let e = ulps(y, (case.reference)(x as f64));
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
    let _guard = PATH.lock().unwrap_or_else(PoisonError::into_inner);
    let mut far = vec![];
    let only = std::env::var("FUNCTION").ok();
    for case in functions().into_iter().filter(|c| only.as_ref().is_none_or(|o| o == c.name)) {
        let (error, at) = worst(&case, (0..=u32::MAX).step_by(step));
        println!("{}: {error:.3} ULP at {at:e}", case.name);
        if error > case.limit {
            far.push(format!("{}: {error} ULP at {at:e}, at most {} allowed", case.name, case.limit));
        }
    }
    assert!(far.is_empty(), "{far:#?}");
}

#[test]
fn a_sample_of_all_numbers_is_close_to_float64() {
    check(10_007);
}

/// Run with `cargo test --release -p nncore-kernels --test math -- --ignored --nocapture` (an hour; `FUNCTION=sin` for one).
#[test]
#[ignore = "walks all 2^32 float32 numbers"]
fn every_number_is_close_to_float64() {
    check(1);
}

#[test]
fn special_values_are_those_of_float64() {
    let _guard = PATH.lock().unwrap_or_else(PoisonError::into_inner);
    let tiny = f32::from_bits(1);
    let half =
        [0.0, f32::INFINITY, f32::NAN, 1.0, 0.5, 2.0, tiny, f32::MIN_POSITIVE, f32::MAX, 1.000_000_1, 1e-20, 3e5];
    let x: Vec<f32> = half.iter().flat_map(|&x| [x, -x]).collect();
    let mut y = vec![0.0; x.len()];
    for case in functions() {
        (case.run)(&x, &mut y);
        for (&x, &y) in x.iter().zip(&y) {
            let want = (case.reference)(x as f64);
            assert!(ulps(y, want) <= case.limit, "{}({x:e}) is {y:e}, not {want:e}", case.name);
            // A zero's sign is part of it, but where the true value is merely too small.
            if want == 0.0 {
                assert_eq!(y.is_sign_negative(), want.is_sign_negative(), "the sign of {}({x:e})", case.name);
            }
        }
    }
    assert!(exp(-100.0f32) > 0.0 && sigmoid(-100.0f32) > 0.0 && exp2(-149.0f32) == tiny, "subnormals are not flushed");
    for n in -149..128 {
        let p = pow(2.0f32, n as f32);
        assert!(log2(p) == n as f32 && exp2(n as f32) == p, "2^{n}");
    }
}

macro_rules! pairs {
    ($($name:ident $f:expr;)*) => { $(
        struct $name;
        impl Map for $name {
            type In = [f32; 2];
            type Out = f32;
            const COST: usize = 8;
            #[inline(always)]
            fn eval(&self, [x, y]: [f32; 2]) -> f32 { $f(x, y) }
        }
    )* };
}
pairs! { Pow pow; Atan2 atan2; }
macro_rules! remainders {
    ($($name:ident $f:ident $slow:ident;)*) => { $(
        struct $name;
        impl Map for $name {
            type In = [f32; 2];
            type Out = f32;
            const COST: usize = 8;
            #[inline(always)]
            fn eval(&self, [x, y]: [f32; 2]) -> f32 { $f(x, y) }
            const RARE: bool = true;
            #[inline(always)]
            fn rare(&self, [x, y]: [f32; 2]) -> bool { rem_is_rare(x, y) }
            fn slow(&self, [x, y]: [f32; 2]) -> f32 { $slow(x, y) }
        }
    )* };
}
remainders! { Fmod fmod fmod_slow; Remainder remainder remainder_slow; FloorDiv floor_div floor_div_slow; }

/// Numbers of all sizes, whole ones, neighbours, and the special ones.
fn numbers() -> Vec<f32> {
    let mut v: Vec<f32> = (0..=u32::MAX).step_by(17_000_023).map(f32::from_bits).collect();
    v.extend((-12..13).map(|i| i as f32 * 0.5));
    v.extend([1.0, 3.0, 10.0, 1e7].map(f32::next_up));
    v.extend([1.0, 3.0, 10.0, 1e7].map(f32::next_down));
    v.extend([f32::INFINITY, -f32::INFINITY, f32::NAN, -0.0, f32::MIN_POSITIVE, f32::MAX, 1e-45, 0.1, 0.3, 7.7]);
    v
}
fn every_pair(f: &impl Map<In = [f32; 2], Out = f32>, mut see: impl FnMut(f32, f32, f32)) {
    let all = numbers();
    let mut z = vec![0.0; all.len()];
    for &x in &all {
        flat2(f, &vec![x; all.len()], &all, &mut z);
        all.iter().zip(&z).for_each(|(&y, &z)| see(x, y, z));
    }
}

#[test]
fn powers_and_angles_of_all_kinds_of_pairs() {
    let _guard = PATH.lock().unwrap_or_else(PoisonError::into_inner);
    let near = |name: &str, limit: f64, x: f32, y: f32, got: f32, want: f64| {
        assert!(ulps(got, want) <= limit, "{name}({x:e}, {y:e}) is {got:e}, not {want:e}");
        let sign = got.is_sign_negative() == want.is_sign_negative();
        assert!(want.is_nan() || sign, "the sign of {name}({x:e}, {y:e})");
    };
    every_pair(&Pow, |x, y, z| near("pow", 0.51, x, y, z, (x as f64).powf(y as f64)));
    every_pair(&Atan2, |y, x, z| near("atan2", 3.0, y, x, z, (y as f64).atan2(x as f64)));
}

#[test]
fn remainders_are_exact() {
    let _guard = PATH.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |a: f32, b: f32| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    every_pair(&Fmod, |x, y, z| assert!(same(z, x % y), "fmod({x:e}, {y:e}) is {z:e}, not {:e}", x % y));
    // Python's definitions, through the exact remainder.
    every_pair(&Remainder, |x, y, z| {
        let m = x % y;
        let want = if m != 0.0 && (m < 0.0) != (y < 0.0) { m + y } else { m };
        assert!(same(z, want), "remainder({x:e}, {y:e}) is {z:e}, not {want:e}");
    });
    every_pair(&FloorDiv, |x, y, z| {
        // Larger quotients are rounded themselves.
        if y != 0.0 && x.is_finite() && y.is_finite() && (x as f64 / y as f64).abs() < 1e6 {
            let want = (x as f64 / y as f64).floor() as f32;
            assert_eq!(z, want, "floor_div({x:e}, {y:e})");
        }
    });
    assert_eq!([floor_div(1.0f32, 0.1), floor_div(-7.0, 2.0), floor_div_slow(1.0, 0.0)], [9.0, -4.0, f32::INFINITY]);
}

#[test]
fn results_stay_in_range() {
    for bits in (0..u32::MAX).step_by(65537) {
        let x = f32::from_bits(bits);
        if !x.is_nan() {
            assert!((-1.0..=1.0).contains(&tanh(x)) && (0.0..=1.0).contains(&sigmoid(x)), "{x:e}");
            assert!((-1.0..=1.0).contains(&erf(x)) && (0.0..=2.0).contains(&erfc(x)), "{x:e}");
            assert!(trig_is_rare(x) || sin(x).abs() <= 1.0 && cos(x).abs() <= 1.0, "{x:e}");
        }
    }
}

#[test]
fn nan_stays_nan() {
    fn nan<T: Float>(nan: T) {
        let unary = [exp(nan), ln(nan), tanh(nan), sigmoid(nan), expm1(nan), sin(nan), tan(nan), erf(nan), gelu(nan)];
        assert!(unary.iter().all(|y| y.is_nan()));
        assert!(pow(nan, T::of(2.0)).is_nan() && pow(T::of(2.0), nan).is_nan());
        assert!(atan2(nan, T::ONE).is_nan() && fmod_slow(nan, T::ONE).is_nan());
    }
    nan(f32::NAN);
    nan(f64::NAN);
}

#[test]
fn bits_are_alike_on_every_path() {
    let _guard = PATH.lock().unwrap_or_else(PoisonError::into_inner);
    let x: Vec<f32> = (0..=u32::MAX).step_by(65537 * 7 + 2).map(f32::from_bits).filter(|x| !x.is_nan()).collect();
    let y: Vec<f32> = x.iter().rev().copied().collect();
    let all = || -> Vec<u32> {
        let mut z = vec![0.0; x.len()];
        let mut bits = vec![];
        // Every NaN is one: its payload is not part of the promise.
        let mut keep = |z: &[f32]| bits.extend(z.iter().map(|z| if z.is_nan() { 0x7fc0_0000 } else { z.to_bits() }));
        for case in functions() {
            (case.run)(&x, &mut z);
            keep(&z);
        }
        flat2(&Pow, &x, &y, &mut z);
        keep(&z);
        flat2(&Atan2, &x, &y, &mut z);
        keep(&z);
        flat2(&FloorDiv, &x, &y, &mut z);
        keep(&z);
        bits
    };
    let best = cpu::path();
    let want = all();
    for path in cpu::available() {
        assert!(cpu::force(path));
        let got = all();
        let first = got.iter().zip(&want).position(|(a, b)| a != b);
        assert!(first.is_none(), "{} differs from {} at {}", path.name(), best.name(), first.unwrap());
    }
    cpu::force(best);
}
