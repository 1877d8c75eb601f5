use crate::op::*;
use crate::shape::Spec;
use crate::{err, Kind, Result};
use nncore_kernels::num::Element;
use nncore_kernels::pool;
use smallvec::smallvec;

/// Elements from which on threads share.
const GRAIN: usize = 1 << 16;

/// Copies the part of each row that `keep(row)` names, and makes the rest zero.
fn triangle<T: Element>(cx: &Cpu, keep: &(dyn Fn(usize) -> (usize, usize) + Sync)) {
    let (x, out, s) = (cx.get::<T>(0), cx.out::<T>(0), cx.out_spec(0));
    let (rows, width) = (s.d(s.rank() - 2), s.d(s.rank() - 1));
    if out.is_empty() {
        return;
    }
    let (lines, y) = (out.len() / width, out.as_mut_ptr() as usize);
    let parts = (out.len() / GRAIN).clamp(1, pool::threads());
    pool::run(parts, &|i| {
        for line in pool::share(lines, parts, i) {
            // Each line of the output belongs to one share.
            let row = unsafe { std::slice::from_raw_parts_mut((y as *mut T).add(line * width), width) };
            let (start, end) = keep(line % rows);
            row[..start].fill(T::default());
            row[start..end].copy_from_slice(&x[line * width..][start..end]);
            row[end..].fill(T::default());
        }
    })
}

macro_rules! triangles {
    ($($S:ident = $name:literal, |$at:ident, $width:ident| $keep:expr, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            /// `diagonal` counts from the main one, 0, to the right.
            ///
            /// Shape: `(*, m, n)`; the result has the same. Raises `ShapeError` for less than two dimensions.
            pub $S = $name(input: One) -> (output; 1) { diagonal: i64 = 0 }
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                if x[0].rank() < 2 {
                    return Err(err(Kind::Shape, format!("at least two dimensions expected, got {:?}", x[0].dims())));
                }
                out.fresh(x[0].contiguous())
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                let s: &Spec = cx.out_spec(0);
                let $width = s.d(s.rank() - 1);
                let cut = |x: i64| x.clamp(0, $width as i64) as usize;
                let keep = |row: usize| {
                    // The first place to the right of the diagonal.
                    let $at = self.diagonal.saturating_add(row as i64);
                    let (a, b): (i64, i64) = $keep;
                    (cut(a), cut(b))
                };
                elements!(s.dtype, T => triangle::<T>(cx, &keep));
                Ok(())
            }
            const DIFFERENTIABLE: bool = true;
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                Ok(smallvec![Some(cx.emit(self, &[cx.dy(0)])?)])
            }
            fn cost(&self, x: Specs, outs: &Outs) -> Cost {
                Cost { flops: 0, bytes: (x.bytes() / 2 + outs.bytes()) as u64 }
            }
            fn samples() -> Samples<$S> {
                let case = |diagonal, d: &[u32]| ($S { diagonal }, vec![Some(crate::ops::sample(1, d))]);
                vec![case(0, &[3, 4]), case(1, &[4, 2]), case(-1, &[2, 3, 3]), case(9, &[2, 2]), case(-9, &[2, 2]), case(0, &[0, 2])]
            }
            fn refusals() -> Refusals<$S> {
                vec![
                    ($S { diagonal: 0 }, given::floats(&[&[3]]), Kind::Shape, "at least two dimensions expected, got [3]"),
                ]
            }
        }
    )* };
}
triangles! {
    Tril = "tril", |at, width| (0, at.saturating_add(1)), " The lower triangle of matrices, up to a diagonal; zero above it.";
    Triu = "triu", |at, width| (at, width as i64), " The upper triangle of matrices, from a diagonal on; zero below it.";
}
