use crate::op::*;
use crate::ops::places::{check_ranges, int64, offsets_of, put, Places};
use crate::shape::Spec;
use crate::{err, Kind, Result, Tensor};
use nncore_kernels::num::{Element, Number};
use nncore_kernels::pool;
use smallvec::smallvec;

op! {
    /// The elements of `input` at `indices`, int64 tensors that broadcast together and stand for `dims`: what `x[i, j]` reads.
    IndexGet = "index_get"(input: One @ Any, indices: List) -> (output; 1) { dims: Ints }
}
impl Op for IndexGet {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let taken = int64(x, 1, &self.dims)?;
        let places = Places::new(&x[0], taken, (1..x.len()).map(|i| x[i].dims()))?;
        out.fresh(Spec::checked(x[0].dtype, &places.result(&x[0]))?)
    }
    const CHECKS: u32 = !1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let x = cx.spec(0);
        let taken = self.dims.iter().map(|&d| x.axis(d)).collect::<Result<Vec<_>>>()?;
        check_ranges(cx, x, 1, &taken)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let x = cx.spec(0);
        let taken = self.dims.iter().map(|&d| x.axis(d)).collect::<Result<Vec<_>>>()?;
        let places = Places::new(x, taken, (1..cx.ins.len()).map(|i| cx.spec(i).dims()))?;
        let indices: Vec<(&[i64], Spec)> = (1..cx.ins.len()).map(|i| (cx.get(i), *cx.spec(i))).collect();
        let from = places.offsets(x, &indices);
        match x.dtype.size() {
            1 => read::<u8>(cx, &places, &from),
            4 => read::<i32>(cx, &places, &from),
            _ => read::<i64>(cx, &places, &from),
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(!1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let indices = (1..cx.inputs()).map(|i| cx.input(i)).collect::<Result<Vec<_>>>()?;
        let back = IndexGetGrad { shape: cx.spec(0).shape(), dims: self.dims.clone() };
        let ins: Vec<Option<&Tensor>> = [cx.dy(0)].into_iter().chain(&indices).map(Some).collect();
        let mut grads: Grads = smallvec![None; cx.inputs()];
        grads[0] = Some(cx.emit_all(&back, &ins)?.swap_remove(0));
        Ok(grads)
    }
    fn cost(&self, _x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: 2 * outs.bytes() as u64 }
    }
    fn samples() -> Samples<IndexGet> {
        let without_values = |(dims, mut ins): (Ints, Vec<Option<Tensor>>)| {
            ins.remove(1);
            (IndexGet { dims }, ins)
        };
        crate::ops::index_put::places().into_iter().map(without_values).collect()
    }
    fn refusals() -> Refusals<IndexGet> {
        let op = |dims: &[i64]| IndexGet { dims: dims.into() };
        vec![
            (op(&[0]), vec![given::float(&[3]), given::int64(&[3])], Kind::Value, "index 3 (element 0 of the index) is out of range for size 3"),
            (op(&[0, -2]), vec![given::float(&[3, 3]), given::int64(&[0]), given::int64(&[0])], Kind::Shape, "dim -2 is named twice in [0, -2]"),
            (op(&[0]), given::floats(&[&[3], &[2]]), Kind::DType, "an index must be int64, got float64"),
            (op(&[0, 1]), vec![given::float(&[3, 3]), given::int64(&[0, 1]), given::int64(&[0, 1, 2])], Kind::Shape, "the indices' shapes do not broadcast: [2], [3]"),
            (op(&[0]), vec![given::float(&[]), given::int64(&[0])], Kind::Shape, "a 0-d tensor has no dimension to index"),
            (op(&[0, 1]), vec![given::float(&[3, 3]), given::int64(&[0])], Kind::Shape, "2 indices expected, got 1"),
        ]
    }
}
/// Elements that a thread moves at least.
const GRAIN: usize = 64 << 10;
fn read<T: Element>(cx: &Cpu, places: &Places, from: &[isize]) {
    let (x, out) = (cx.ptr::<T>(0), cx.out_spec(0));
    let (over, rest) = places.parts(out);
    let (to, whole) = (offsets_of(&over), places.whole(cx.spec(0)));
    let (src, dst) = (x as usize, cx.out_ptr::<T>(0) as usize);
    let parts = (out.numel() / GRAIN).clamp(1, pool::threads());
    pool::run(parts, &|part| {
        for p in pool::share(from.len(), parts, part) {
            // Places are within the input, and each has its own part of the output.
            let (x, y) = unsafe { ((src as *const T).offset(from[p]), (dst as *mut T).offset(to[p])) };
            walk(&rest, &[whole], &mut |at, o, run, steps, step| unsafe {
                if steps[0] == 1 && step == 1 {
                    return std::ptr::copy_nonoverlapping(x.offset(at[0]), y.offset(o), run);
                }
                for i in 0..run as isize {
                    *y.offset(o + i * step) = *x.offset(at[0] + i * steps[0])
                }
            })
        }
    })
}

op! {
    /// Gradient of `index_get`: zeros of `shape`, to which `grad` is added where it was taken from, in order.
    IndexGetGrad = "index_get_grad"(grad: One @ Any, indices: List) -> (grad_input; 1) { shape: Ints, dims: Ints }
}
impl Op for IndexGetGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let whole = Spec::checked(x[0].dtype, &self.shape)?;
        let of = |i: usize| if i == 0 { Some(&whole) } else { x.opt(i) };
        let like: Vec<Option<&Spec>> = (0..x.len()).map(of).collect();
        let taken = int64(Specs(&like), 1, &self.dims)?;
        let shape = Places::new(&whole, taken, (1..x.len()).map(|i| x[i].dims()))?.result(&whole);
        if x[0].shape() != shape {
            return Err(err(Kind::Shape, format!("a gradient of shape {:?} expected, got {:?}", &shape[..], x[0].dims())));
        }
        out.fresh(whole)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        numbers!(cx.out_spec(0).dtype, T => cx.out::<T>(0).fill(T::ZERO));
        put(cx, cx.out_spec(0), cx.out_ptr(0), 0, 1, &self.dims, true)
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(!1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let indices = (1..cx.inputs()).map(|i| cx.input(i)).collect::<Result<Vec<_>>>()?;
        let ins: Vec<Option<&Tensor>> = [cx.dy(0)].into_iter().chain(&indices).map(Some).collect();
        let mut grads: Grads = smallvec![None; cx.inputs()];
        grads[0] = Some(cx.emit_all(&IndexGet { dims: self.dims.clone() }, &ins)?.swap_remove(0));
        Ok(grads)
    }
    fn samples() -> Samples<IndexGetGrad> {
        let index = |v: &[i64]| Some(Tensor::from_slice(v, &[3]).expect("a small tensor"));
        let op = IndexGetGrad { shape: smallvec![3, 4, 2], dims: smallvec![0, 1] };
        vec![(op, vec![Some(crate::ops::sample(1, &[3, 2])), index(&[0, 2, 0]), index(&[1, -1, 1])])]
    }
    fn refusals() -> Refusals<IndexGetGrad> {
        vec![
            (IndexGetGrad { shape: smallvec![3, 2], dims: smallvec![0] }, vec![given::float(&[2, 2]), given::int64(&[0])], Kind::Shape, "a gradient of shape [1, 2] expected, got [2, 2]"),
        ]
    }
}

