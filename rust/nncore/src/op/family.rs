//! `unary!`: declares functions of one float tensor that differ by a formula.

/// ```text
/// unary! {
///     /// Documentation.
///     Sin = "sin" sin { math::sin, cost 8, samples -3.0 to 3.0, from input |g, x| mul(g, &cos(x)?)?,
///         rare math::trig_is_rare, math::sin_slow }
/// }
/// ```
/// After the struct its name, and that of the function for Rust. In braces: the kernel, its cost, the range of the samples,
/// the gradient from that of the result and the input (or output), and where the kernel leaves arguments to a slow one, which.
#[macro_export]
macro_rules! unary {
    ($($(#[doc = $doc:literal])* $S:ident = $name:literal $fn:ident {
        $f:path, cost $cost:literal, samples $low:literal to $high:literal, from $from:ident |$g:ident, $v:ident| $grad:expr
        $(, rare $rare:path, $slow:path)? $(,)?
    })*) => { $(
        op! {
            $(#[doc = $doc])*
            pub $S = $name(input: One + float @ Any) -> (output; 1) {}
        }
        impl Pointwise for $S {
            #[inline(always)]
            fn eval<T: nncore_kernels::num::Float>(&self, [x, ..]: [T; 3]) -> T {
                $f(x)
            }
            $(
                const RARE: bool = true;
                #[inline(always)]
                fn rare<T: nncore_kernels::num::Float>(&self, [x, ..]: [T; 3]) -> bool {
                    $rare(x)
                }
                fn slow<T: nncore_kernels::num::Float>(&self, [x, ..]: [T; 3]) -> T {
                    $slow(x)
                }
            )?
            const COST: usize = $cost;
            fn keeps(&self, _needs: u32) -> Keep {
                $crate::unary!(@keeps $from)
            }
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                let ($g, $v) = (cx.dy(0), &$crate::unary!(@value $from cx));
                Ok(smallvec::smallvec![Some($grad)])
            }
            const SAMPLES: (f64, f64) = ($low, $high);
        }

        #[doc = concat!("`", $name, "` of every element.")]
        pub fn $fn(x: &Tensor) -> Result<Tensor> {
            $crate::dispatch::one(&$S {}, &[x])
        }
    )* };
    (@keeps input) => { Keep::inputs(1) };
    (@keeps output) => { Keep::outputs(1) };
    (@value input $cx:ident) => { $cx.input(0)? };
    (@value output $cx:ident) => { $cx.output(0)? };
}
