//! Reductions that count: elements other than zero, and sums of powers.
use super::fold::Fold;
use crate::math;
use crate::num::{Float, Number};

macro_rules! counts {
    ($($name:ident<T: $bound:path> -> $out:ty: ($total:ident, $count:ident) $end:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(super) struct $name;
        impl<T: $bound> Fold<T> for $name {
            /// A lane takes a few rounds only, so that it does not overflow.
            type Lane = u32;
            type Total = u64;
            type Out = $out;
            #[inline(always)]
            fn lane(&self) -> u32 {
                0
            }
            #[inline(always)]
            fn start(&self) -> u64 {
                0
            }
            #[inline(always)]
            fn push(&self, lane: u32, x: T) -> u32 {
                lane + (x != T::ZERO) as u32
            }
            #[inline(always)]
            fn pair(&self, a: u32, b: u32) -> u32 {
                a + b
            }
            #[inline(always)]
            fn join(&self, total: u64, lane: u32) -> u64 {
                total + lane as u64
            }
            #[inline(always)]
            fn merge(&self, a: u64, b: u64) -> u64 {
                a + b
            }
            #[inline(always)]
            fn end(&self, $total: u64, $count: usize) -> $out {
                $end
            }
        }
    )* };
}
counts! {
    CountNonzero<T: Number> -> i64: (total, _n) total as i64;
    Any<T: Number> -> bool: (total, _n) total > 0;
    All<T: Number> -> bool: (total, n) total == n as u64;
    Nonzero<T: Number> -> T: (total, _n) T::of(total as f64);
}

/// `(sum |x|^p)^(1/p)`, for p other than 0 and infinity.
#[derive(Clone, Copy)]
pub(super) struct Power(pub f64);
impl<T: Float> Fold<T> for Power {
    type Lane = T;
    type Total = f64;
    type Out = T;
    #[inline(always)]
    fn lane(&self) -> T {
        T::ZERO
    }
    #[inline(always)]
    fn start(&self) -> f64 {
        0.0
    }
    #[inline(always)]
    fn push(&self, lane: T, x: T) -> T {
        lane + math::exp(T::of(self.0) * math::ln(x.abs()))
    }
    #[inline(always)]
    fn pair(&self, a: T, b: T) -> T {
        a + b
    }
    #[inline(always)]
    fn join(&self, total: f64, lane: T) -> f64 {
        total + lane.f64()
    }
    #[inline(always)]
    fn merge(&self, a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn end(&self, total: f64, _: usize) -> T {
        T::of(total.powf(1.0 / self.0))
    }
}
