//! The losses of pairs. Where a function has a corner, its derivative is the one that PyTorch takes.
use super::Pair;
use crate::math::{exp, ln, sigmoid};
use crate::num::Float;

/// Which loss. The number is what `beta`, `delta`, a margin or `eps` is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Square,
    Absolute,
    SmoothL1(f64),
    Huber(f64),
    Bce,
    BceLogits,
    SoftMargin,
    HingeEmbedding(f64),
    MarginRanking(f64),
    Poisson(f64),
    PoissonLog,
    Kl,
    KlLog,
}

/// Runs `$body` with `$p` bound to the [`Pair`] of a [`Kind`].
#[macro_export]
macro_rules! with_pair_of {
    ($kind:expr, $p:ident => $body:expr) => {
        $crate::loss::with_pair!(@ $kind, $p, $body; Square, Absolute, Bce, BceLogits, SoftMargin, PoissonLog, Kl, KlLog;
            SmoothL1, Huber, HingeEmbedding, MarginRanking, Poisson)
    };
    (@ $kind:expr, $p:ident, $body:expr; $($plain:ident),*; $($with:ident),*) => {
        match $kind {
            $($crate::loss::Kind::$plain => { let $p = &$crate::loss::pairs::$plain; $body })*
            $($crate::loss::Kind::$with(k) => { let $p = &$crate::loss::pairs::$with(k); $body })*
        }
    };
}
pub use with_pair_of as with_pair;

#[inline(always)]
fn sign<T: Float>(x: T) -> T {
    if x > T::ZERO {
        T::ONE
    } else if x < T::ZERO {
        -T::ONE
    } else {
        // Zero, or NaN.
        x
    }
}
#[inline(always)]
fn half<T: Float>() -> T {
    T::of(0.5)
}
/// `ln(1 + x)` for 0 <= x <= 1, to the last digits where x is small.
#[inline(always)]
fn ln1p<T: Float>(x: T) -> T {
    if T::IS_F32 {
        // What 1 + x rounds off is made good by the ratio (Kahan).
        let u = T::ONE + x;
        let d = u - T::ONE;
        if d == T::ZERO {
            x
        } else {
            ln(u) * (x / d)
        }
    } else {
        T::of(x.f64().ln_1p())
    }
}
/// `ln(1 + e^x)`, which overflows nowhere.
#[inline(always)]
fn softplus<T: Float>(x: T) -> T {
    let high = if x > T::ZERO { x } else { T::ZERO };
    let y = high + ln1p(exp(-x.abs()));
    if x.is_nan() {
        x
    } else {
        y
    }
}
/// The larger of a logarithm and -100.
#[inline(always)]
fn above<T: Float>(x: T) -> T {
    let least = T::of(-100.0);
    if x < least {
        least
    } else {
        x
    }
}

macro_rules! pairs {
    ($($(#[$doc:meta])* $name:ident $(($k:ident))? cost $cost:literal: |$x:ident, $t:ident| $value:expr, $by_x:expr, $by_t:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name $((pub pairs!(@f64 $k)))?;
        impl Pair for $name {
            const COST: usize = $cost;
            #[inline(always)]
            fn value<T: Float>(&self, $x: T, $t: T) -> T {
                $(let $k = T::of(self.0);)?
                $value
            }
            #[inline(always)]
            fn slopes<T: Float>(&self, $x: T, $t: T) -> [T; 2] {
                $(let $k = T::of(self.0);)?
                [$by_x, $by_t]
            }
        }
    )* };
    (@f64 $k:ident) => { f64 };
}
pairs! {
    Square cost 1: |x, t| (x - t) * (x - t), T::of(2.0) * (x - t), T::of(2.0) * (t - x);
    Absolute cost 1: |x, t| (x - t).abs(), sign(x - t), sign(t - x);
    /// Half a square over `beta` below `beta`, a straight line beyond.
    SmoothL1(beta) cost 1: |x, t| {
        let d = (x - t).abs();
        if d < beta { half::<T>() * d * d / beta } else { d - half::<T>() * beta }
    }, smooth(x - t, beta), smooth(t - x, beta);
    /// Half a square up to `delta`, a straight line beyond.
    Huber(delta) cost 1: |x, t| {
        let d = (x - t).abs();
        if d <= delta { half::<T>() * d * d } else { delta * (d - half::<T>() * delta) }
    }, huber(x - t, delta), huber(t - x, delta);
    /// Of probabilities; logarithms are at least -100.
    Bce cost 8: |x, t| (t - T::ONE) * above(ln(T::ONE - x)) - t * above(ln(x)), {
        let both = (T::ONE - x) * x;
        let least = T::of(1e-12);
        (x - t) / if both < least { least } else { both }
    }, above(ln(T::ONE - x)) - above(ln(x));
    /// `max(x, 0) - x t + ln(1 + e^-|x|)`: infinite logits of the right sign cost nothing or all.
    BceLogits cost 12: |x, t| {
        let straight = if x > T::ZERO { x * (T::ONE - t) } else { -(x * t) };
        straight + softplus(-x.abs())
    }, sigmoid(x) - t, -x;
    /// `ln(1 + e^(-t x))`.
    SoftMargin cost 12: |x, t| softplus(-(t * x)), -t * sigmoid(-(t * x)), -x * sigmoid(-(t * x));
    /// x for targets of 1, `max(0, margin - x)` for -1.
    HingeEmbedding(margin) cost 1: |x, t| {
        let apart = if margin - x > T::ZERO { margin - x } else { T::ZERO };
        (if t == T::ONE { T::ZERO } else { apart }) + (if t == -T::ONE { T::ZERO } else { x })
    }, {
        let apart = if t != T::ONE && margin - x >= T::ZERO { -T::ONE } else { T::ZERO };
        apart + (if t == -T::ONE { T::ZERO } else { T::ONE })
    }, T::ZERO;
    /// `max(0, margin - t x)`, x a difference of two.
    MarginRanking(margin) cost 1: |x, t| {
        let m = margin - t * x;
        if m > T::ZERO { m } else { T::ZERO }
    }, if margin - t * x >= T::ZERO { -t } else { T::ZERO }, if margin - t * x >= T::ZERO { -x } else { T::ZERO };
    /// Of a rate x: `x - t ln(x + eps)`.
    Poisson(eps) cost 4: |x, t| x - t * ln(x + eps), T::ONE - t / (x + eps), -ln(x + eps);
    /// Of the logarithm of a rate: `e^x - t x`.
    PoissonLog cost 4: |x, t| exp(x) - t * x, exp(x) - t, -x;
    /// `t (ln t - x)`, 0 where t is.
    Kl cost 6: |x, t| {
        if t == T::ZERO { T::ZERO - t * x } else { t * (ln(t) - x) }
    }, -t, if t == T::ZERO { -T::INFINITY } else { ln(t) + T::ONE - x };
    /// The same, from the target's logarithm.
    KlLog cost 6: |x, t| exp(t) * (t - x), -exp(t), exp(t) * (t - x + T::ONE);
}
#[inline(always)]
fn smooth<T: Float>(d: T, beta: T) -> T {
    if d.abs() < beta {
        d / beta
    } else {
        sign(d)
    }
}
#[inline(always)]
fn huber<T: Float>(d: T, delta: T) -> T {
    if d.abs() <= delta {
        d
    } else {
        delta * sign(d)
    }
}
