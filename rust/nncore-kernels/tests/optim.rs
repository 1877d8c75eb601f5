//! The driver of optimizer steps: every set of states, every path, any number of threads. The steps' formulas are tested
//! where they are, in the ops.
mod common;
use common::*;
use nncore_kernels::num::Float;
use nncore_kernels::optim::*;

/// Every state takes part in its own way.
struct Mixed;
impl<T: Float> Rule<T> for Mixed {
    #[inline(always)]
    fn eval(&self, p: T, g: T, [a, b, c]: States<T>) -> (T, States<T>) {
        let (a, b, c) = (a * T::of(0.5) + g, b - g, g.mul_add(g, c));
        (p - g + a * T::of(2.0) + b * T::of(4.0) + c, [a, b, c])
    }
    #[inline(always)]
    fn measure(&self, p: T, g: T, [a, b, c]: States<T>) -> ([T; 2], States<T>) {
        ([p, g + a], [a + T::ONE, b - T::ONE, c * T::of(2.0)])
    }
}

/// The states in use hold noise, the others nothing.
fn states<const MASK: usize>(n: usize) -> [Vec<f32>; 3] {
    std::array::from_fn(|k| if MASK >> k & 1 == 1 { noise(n, 20 + k as u64) } else { vec![] })
}
fn element(states: &[Vec<f32>; 3], i: usize) -> States<f32> {
    std::array::from_fn(|k| states[k].get(i).copied().unwrap_or(0.0))
}

fn one_mask<const MASK: usize>() {
    on_every_path(|| {
        for n in [0, 1, 15, 16, 17, 255, 256, 257, 1000, 70_003] {
            let (start, g) = (noise(n, 1), noise(n, 2));
            let (mut p, before) = (start.clone(), states::<MASK>(n));
            let mut s = before.clone();
            update::<_, _, MASK>(&Mixed, &mut p, &g, s.each_mut().map(|v| &mut v[..]));
            for i in 0..n {
                let (want, kept) = Mixed.eval(start[i], g[i], element(&before, i));
                assert_eq!(p[i], want, "parameter {i} of {n}, states {MASK:#b}");
                for k in (0..3).filter(|k| MASK >> k & 1 == 1) {
                    assert_eq!(s[k][i], kept[k], "state {k} of {i}");
                }
            }
            let mut s = before.clone();
            let got = measure::<_, _, MASK>(&Mixed, &start, &g, s.each_mut().map(|v| &mut v[..]));
            let mut want = [0.0; 2];
            for i in 0..n {
                let (x, kept) = Mixed.measure(start[i], g[i], element(&before, i));
                for k in 0..2 {
                    want[k] += x[k] as f64 * x[k] as f64
                }
                for k in (0..3).filter(|k| MASK >> k & 1 == 1) {
                    assert_eq!(s[k][i], kept[k], "state {k} of {i}, measured");
                }
            }
            close(&got, &want, 1e-12, "sums of squares");
        }
    });
}

#[test]
fn each_element_is_evaluated_once_with_its_own_states() {
    one_mask::<0b000>();
    one_mask::<0b001>();
    one_mask::<0b010>();
    one_mask::<0b011>();
    one_mask::<0b100>();
    one_mask::<0b101>();
    one_mask::<0b110>();
    one_mask::<0b111>();
}

#[test]
fn bits_do_not_depend_on_threads() {
    for n in [65_536, 200_003, 300_000] {
        same_for_any_threads("steps", || {
            let (mut p, g, mut s) = (noise(n, 1), noise(n, 2), states::<0b101>(n));
            let sums = measure::<_, _, 0b101>(&Mixed, &p, &g, s.each_mut().map(|v| &mut v[..]));
            update::<_, _, 0b101>(&Mixed, &mut p, &g, s.each_mut().map(|v| &mut v[..]));
            (sums.map(f64::to_bits), p, s)
        });
    }
}

#[test]
fn nan_is_never_the_smaller_and_has_itself_for_a_sign() {
    for (a, b) in [(1.0, 2.0), (-1.0, -2.0), (0.0, f64::INFINITY)] {
        assert_eq!((larger(a, b), larger(b, a)), (f64::max(a, b), f64::max(a, b)));
        assert!(larger(a, f64::NAN).is_nan() && larger(f64::NAN, a).is_nan());
    }
    assert_eq!([-3.0, 0.0, 5e-324, f64::INFINITY].map(sign), [-1.0, 0.0, 1.0, 1.0]);
    assert!(sign(f64::NAN).is_nan());
}

#[test]
#[should_panic]
fn a_state_that_is_not_in_use_is_refused() {
    let mut one = [0.0f32];
    update::<_, _, 0b001>(&Mixed, &mut [1.0], &[1.0], [&mut [0.0], &mut one, &mut []]);
}
