//! Places that tensors of indices name, several of which stand for several dimensions at once.
use crate::op::*;
use crate::ops::index_select::{check_range, from_start};
use crate::shape::{broadcast, Dims, Spec};
use crate::{err, DType, Kind, Result};
use nncore_kernels::num::Number;

/// Does a mask fit the dimensions from `at` on?
pub fn check_mask(x: &Spec, at: usize, mask: &Spec) -> Result<()> {
    if x.rank() < at + mask.rank() || x.dims()[at..at + mask.rank()] != *mask.dims() {
        let text = format!("a mask of shape {:?} does not fit {:?} from dim {at} on", mask.dims(), x.dims());
        return Err(err(Kind::Shape, text));
    }
    Ok(())
}
/// What an index comes to: the places that it names, and what is taken whole at each of them.
pub struct Places {
    /// The shape in which the places lie.
    shape: Dims,
    /// Where their dimensions go in the result.
    to: usize,
    /// Which dimensions the indices take up.
    taken: Vec<usize>,
    /// The other dimensions.
    rest: Vec<usize>,
}
impl Places {
    /// From the shapes of int64 indices, one for each of `taken`.
    pub fn new<'a>(x: &Spec, taken: Vec<usize>, shapes: impl Iterator<Item = &'a [u32]> + Clone) -> Result<Places> {
        let mut shape = Dims::new();
        for s in shapes.clone() {
            shape = broadcast(&shape, s).ok_or_else(|| {
                let all = shapes.clone().map(|s| format!("{s:?}")).collect::<Vec<_>>().join(", ");
                err(Kind::Shape, format!("the indices' shapes do not broadcast: {all}"))
            })?;
        }
        // Neighbours stand where they are; else their dimensions come first.
        let neighbours = taken.windows(2).all(|w| w[1] == w[0] + 1);
        let rest = (0..x.rank()).filter(|d| !taken.contains(d)).collect();
        Ok(Places { shape, to: if neighbours { taken[0] } else { 0 }, taken, rest })
    }
    /// The shape of what is read.
    pub fn result(&self, x: &Spec) -> Ints {
        let mut all: Ints = self.rest.iter().map(|&d| x.d(d) as i64).collect();
        all.insert_many(self.to, self.shape.iter().map(|&d| d as i64));
        all
    }
    /// Offsets in `x` of all places, in row-major order.
    pub fn offsets(&self, x: &Spec, indices: &[(&[i64], Spec)]) -> Vec<isize> {
        let whole = Spec::new(DType::I64, &self.shape);
        let mut all = vec![0; whole.numel()];
        for (&d, (entries, spec)) in self.taken.iter().zip(indices) {
            let lies = spec.contiguous().broadcast_to(&self.shape).expect("the shapes have been broadcast");
            walk(&whole, &[lies], &mut |at, o, run, steps, step| {
                for i in 0..run as isize {
                    let k = from_start(entries[(at[0] + i * steps[0]) as usize], x.d(d));
                    all[(o + i * step) as usize] += k as isize * x.s(d)
                }
            });
        }
        all
    }
    /// A spec of the result's shape as one over the places and one over what is taken whole.
    pub fn parts(&self, s: &Spec) -> (Spec, Spec) {
        let n = self.shape.len();
        let of = |dims: &mut dyn Iterator<Item = usize>| {
            let (d, t): (Vec<u32>, Vec<i32>) = dims.map(|i| (s.dims()[i], s.strides()[i])).unzip();
            Spec::strided(s.dtype, &d, &t)
        };
        (of(&mut (self.to..self.to + n)), of(&mut (0..self.to).chain(self.to + n..s.rank())))
    }
    /// What of `x` is taken whole.
    pub fn whole(&self, x: &Spec) -> Spec {
        let (d, t): (Vec<u32>, Vec<i32>) = self.rest.iter().map(|&i| (x.dims()[i], x.strides()[i])).unzip();
        Spec::strided(x.dtype, &d, &t)
    }
}
/// Offsets in row-major order of everything that a spec names.
pub fn offsets_of(s: &Spec) -> Vec<isize> {
    let whole = Spec::new(s.dtype, s.dims());
    let mut all = vec![0; whole.numel()];
    walk(&whole, &[*s], &mut |at, o, run, steps, step| {
        for i in 0..run as isize {
            all[(o + i * step) as usize] = at[0] + i * steps[0]
        }
    });
    all
}
/// The dimensions that int64 indices (the inputs from `first` on) stand for.
pub fn int64(x: Specs, first: usize, dims: &Ints) -> Result<Vec<usize>> {
    if x.len() != first + dims.len() {
        let given = x.len().saturating_sub(first);
        return Err(err(Kind::Shape, format!("{} indices expected, got {given}", dims.len())));
    }
    let wrong = (first..x.len()).map(|i| x[i].dtype).find(|d| *d != DType::I64);
    if let Some(d) = wrong {
        return Err(err(Kind::DType, format!("an index must be int64, got {d}")));
    }
    let taken = dims.iter().map(|&d| x[0].axis(d)).collect::<Result<Vec<_>>>()?;
    if let Some(i) = (1..taken.len()).find(|&i| taken[..i].contains(&taken[i])) {
        return Err(err(Kind::Shape, format!("dim {} is named twice in {:?}", dims[i], &dims[..])));
    }
    match taken.iter().find(|d| **d >= x[0].rank()) {
        Some(_) => Err(err(Kind::Shape, "a 0-d tensor has no dimension to index")),
        None => Ok(taken),
    }
}
/// Is every entry in range?
pub fn check_ranges(cx: &Cpu, x: &Spec, first: usize, dims: &[usize]) -> Result<()> {
    dims.iter().enumerate().try_for_each(|(i, &d)| check_range(cx, first + i, x.d(d)))
}

/// Do values of `v` fill what reading at the places gives?
pub fn fills(places: &Places, x: &Spec, v: &Spec) -> Result<Spec> {
    let shape = places.result(x);
    let dims: Dims = shape.iter().map(|&d| d as u32).collect();
    v.broadcast_to(&dims).ok_or_else(|| {
        err(Kind::Shape, format!("values of shape {:?} do not broadcast to the indexed {dims:?}", v.dims()))
    })
}
/// Indices with masks made into places, by dimension.
pub struct Found<'a>(Vec<(usize, std::borrow::Cow<'a, [i64]>, Spec)>);
impl<'a> Found<'a> {
    /// Reads masks and checks entries.
    pub fn new(cx: &Cpu<'a>, x: &Spec, first: usize, dims: &Ints) -> Result<Found<'a>> {
        let mut all = vec![];
        for (i, &d) in (first..cx.ins.len()).zip(dims) {
            let (s, d) = (cx.spec(i), x.axis(d)?);
            if s.dtype != DType::Bool {
                check_range(cx, i, x.d(d))?;
                all.push((d, cx.get(i).into(), *s));
                continue;
            }
            let hits: Vec<usize> = cx.get::<bool>(i).iter().enumerate().filter(|(_, h)| **h).map(|(p, _)| p).collect();
            let lies = s.contiguous();
            for k in 0..s.rank() {
                let coordinate = |p: &usize| (p / lies.s(k) as usize % s.d(k)) as i64;
                let found: Vec<i64> = hits.iter().map(coordinate).collect();
                all.push((d + k, found.into(), Spec::new(DType::I64, &[hits.len() as u32])))
            }
        }
        Ok(Found(all))
    }
    pub fn places(&self, x: &Spec) -> Result<Places> {
        Places::new(x, self.0.iter().map(|f| f.0).collect(), self.0.iter().map(|f| f.2.dims()))
    }
}
/// Writes input `values` of the call into `target`'s memory at the inputs from `first` on, or adds them.
pub fn put(
    cx: &Cpu,
    x: &Spec,
    target: *mut u8,
    values: usize,
    first: usize,
    dims: &Ints,
    accumulate: bool,
) -> Result<()> {
    let found = Found::new(cx, x, first, dims)?;
    let places = found.places(x)?;
    let indices: Vec<(&[i64], Spec)> = found.0.iter().map(|f| (&f.1[..], f.2)).collect();
    let to = places.offsets(x, &indices);
    let (over, rest) = places.parts(&fills(&places, x, cx.spec(values))?);
    let (from, whole) = (offsets_of(&over), places.whole(x));
    let each = |f: &mut dyn FnMut(isize, isize, usize, isize, isize)| {
        for (to, from) in to.iter().zip(&from) {
            walk(&whole, &[rest], &mut |at, o, run, steps, step| f(to + o, from + at[0], run, step, steps[0]))
        }
    };
    // Places are within the target, and values have been broadcast over them.
    if accumulate {
        numbers!(x.dtype, T => {
            let (y, v) = (target as *mut T, cx.ptr::<T>(values));
            each(&mut |o, at, run, step, v_step| unsafe {
                for i in 0..run as isize {
                    let y = y.offset(o + i * step);
                    *y = y.read().add(*v.offset(at + i * v_step))
                }
            })
        })
    } else {
        elements!(x.dtype, T => {
            let (y, v) = (target as *mut T, cx.ptr::<T>(values));
            each(&mut |o, at, run, step, v_step| unsafe {
                for i in 0..run as isize {
                    *y.offset(o + i * step) = *v.offset(at + i * v_step)
                }
            })
        })
    }
    Ok(())
}
