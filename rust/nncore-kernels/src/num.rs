//! The scalar types that kernels are generic over.
use std::fmt::Debug;
use std::ops::*;

/// Any element of a tensor.
pub trait Element: Copy + Default + PartialEq + PartialOrd + Debug + Send + Sync + 'static {}
impl Element for f32 {}
impl Element for f64 {}
impl Element for i64 {}
impl Element for i32 {}
impl Element for u8 {}
impl Element for bool {}

/// Elements with arithmetic (integers wrap, as in NumPy).
pub trait Number: Element {
    const ZERO: Self;
    const ONE: Self;
    /// Smallest value: minus infinity for floats.
    const LOWEST: Self;
    /// Largest value: infinity for floats.
    const HIGHEST: Self;
    fn add(self, o: Self) -> Self;
    fn sub(self, o: Self) -> Self;
    fn mul(self, o: Self) -> Self;
    fn of(x: f64) -> Self;
    fn f64(self) -> f64;
    fn is_nan(self) -> bool;
}
macro_rules! number {
    ($($t:ident $lowest:expr, $highest:expr, ($x:ident, $y:ident) $add:expr, $sub:expr, $mul:expr, $nan:expr;)*) => { $(impl Number for $t {
        const ZERO: $t = 0 as $t;
        const ONE: $t = 1 as $t;
        const LOWEST: $t = $lowest;
        const HIGHEST: $t = $highest;
        #[inline(always)] fn add(self, $y: $t) -> $t { let $x = self; $add }
        #[inline(always)] fn sub(self, $y: $t) -> $t { let $x = self; $sub }
        #[inline(always)] fn mul(self, $y: $t) -> $t { let $x = self; $mul }
        #[inline(always)] fn of(x: f64) -> $t { x as $t }
        #[inline(always)] fn f64(self) -> f64 { self as f64 }
        #[inline(always)] fn is_nan(self) -> bool { let $x = self; $nan }
    })* };
}
number! {
    f32 f32::NEG_INFINITY, f32::INFINITY, (x, y) x + y, x - y, x * y, x.is_nan();
    f64 f64::NEG_INFINITY, f64::INFINITY, (x, y) x + y, x - y, x * y, x.is_nan();
    i64 i64::MIN, i64::MAX, (x, y) x.wrapping_add(y), x.wrapping_sub(y), x.wrapping_mul(y), { let _ = x; false };
    i32 i32::MIN, i32::MAX, (x, y) x.wrapping_add(y), x.wrapping_sub(y), x.wrapping_mul(y), { let _ = x; false };
    u8 0, u8::MAX, (x, y) x.wrapping_add(y), x.wrapping_sub(y), x.wrapping_mul(y), { let _ = x; false };
}

/// float32 and float64.
pub trait Float:
    Number
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    const INFINITY: Self;
    /// Is this float32? Branches on it vanish when compiled.
    const IS_F32: bool;
    fn mul_add(self, a: Self, b: Self) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    fn trunc(self) -> Self;
    /// To the nearest integer, half to the even one.
    fn rint(self) -> Self;
    fn copysign(self, sign: Self) -> Self;
    /// What is left of a division that was cut off towards zero; exact.
    fn rem(self, o: Self) -> Self;
    fn to_f32(self) -> f32;
    fn from_f32(x: f32) -> Self;
}
macro_rules! float {
    ($($t:ident $is:literal)*) => { $(impl Float for $t {
        const INFINITY: $t = $t::INFINITY;
        const IS_F32: bool = $is;
        #[inline(always)] fn mul_add(self, a: $t, b: $t) -> $t { $t::mul_add(self, a, b) }
        #[inline(always)] fn sqrt(self) -> $t { $t::sqrt(self) }
        #[inline(always)] fn abs(self) -> $t { $t::abs(self) }
        #[inline(always)] fn floor(self) -> $t { $t::floor(self) }
        #[inline(always)] fn ceil(self) -> $t { $t::ceil(self) }
        #[inline(always)] fn trunc(self) -> $t { $t::trunc(self) }
        #[inline(always)] fn rint(self) -> $t { $t::round_ties_even(self) }
        #[inline(always)] fn copysign(self, sign: $t) -> $t { $t::copysign(self, sign) }
        #[inline(always)] fn rem(self, o: $t) -> $t { self % o }
        #[inline(always)] fn to_f32(self) -> f32 { self as f32 }
        #[inline(always)] fn from_f32(x: f32) -> $t { x as $t }
    })* };
}
float!(f32 true f64 false);
