//! [`Spec`]: all that `infer` may look at. Strides are part of it: layout is decided by `infer`, never by data.
use crate::dtype::DType;
use crate::error::{err, Kind, Result};
use smallvec::SmallVec;
use std::fmt;

/// Most dimensions that a tensor may have.
pub const MAX_NDIM: usize = 8;
/// Most elements: strides and offsets are 32-bit numbers.
pub const MAX_NUMEL: usize = i32::MAX as usize;
pub type Dim = u32;
pub type Stride = i32;
pub type Dims = SmallVec<[Dim; MAX_NDIM]>;

/// A tensor without its memory: dtype, shape, strides in elements. 68 bytes, since its size is felt in every call.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spec {
    dims: [Dim; MAX_NDIM],
    strides: [Stride; MAX_NDIM],
    pub ndim: u8,
    pub dtype: DType,
}

impl Spec {
    pub const NONE: Spec = Spec { dims: [0; MAX_NDIM], strides: [0; MAX_NDIM], ndim: 0, dtype: DType::U8 };

    /// Row-major. `dims` has at most [`MAX_NDIM`] entries; [`Spec::checked`] is for sizes from outside.
    #[inline]
    pub fn new(dtype: DType, dims: &[Dim]) -> Spec {
        let mut s = Spec { dtype, ndim: dims.len() as u8, ..Spec::NONE };
        s.dims[..dims.len()].copy_from_slice(dims);
        s.contiguous()
    }
    /// Row-major, from sizes that somebody gave: negative ones, too many dimensions and too many elements are refused.
    pub fn checked(dtype: DType, dims: &[i64]) -> Result<Spec> {
        if dims.len() > MAX_NDIM {
            return Err(err(Kind::Shape, format!("at most {MAX_NDIM} dimensions, got {}", dims.len())));
        }
        if let Some(d) = dims.iter().find(|d| **d < 0) {
            return Err(err(Kind::Shape, format!("a size must not be negative, got {d} in {dims:?}")));
        }
        // Zero sizes count as one here, so that strides stay in range too.
        let elements = dims.iter().try_fold(1i64, |n, &d| n.checked_mul(d.max(1)));
        match elements {
            Some(n) if n <= MAX_NUMEL as i64 => Ok(Spec::new(dtype, &dims.iter().map(|&d| d as Dim).collect::<Dims>())),
            _ => Err(err(Kind::Shape, format!("a tensor holds at most {MAX_NUMEL} elements, {dims:?} has more"))),
        }
    }
    pub fn strided(dtype: DType, dims: &[Dim], strides: &[Stride]) -> Spec {
        let mut s = Spec { dtype, ndim: dims.len() as u8, ..Spec::NONE };
        s.dims[..dims.len()].copy_from_slice(dims);
        s.strides[..dims.len()].copy_from_slice(strides);
        s
    }
    #[inline]
    pub fn scalar(dtype: DType) -> Spec {
        Spec { dtype, ..Spec::NONE }
    }
    #[inline]
    pub fn dims(&self) -> &[Dim] {
        &self.dims[..self.ndim as usize]
    }
    #[inline]
    pub fn strides(&self) -> &[Stride] {
        &self.strides[..self.ndim as usize]
    }
    /// Size of dimension `i`.
    #[inline]
    pub fn d(&self, i: usize) -> usize {
        self.dims[i] as usize
    }
    /// Stride of dimension `i`, in elements.
    #[inline]
    pub fn s(&self, i: usize) -> isize {
        self.strides[i] as isize
    }
    #[inline]
    pub fn rank(&self) -> usize {
        self.ndim as usize
    }
    /// Sizes as kernels take them; the first `rank` count.
    #[inline]
    pub fn usize_dims(&self) -> [usize; MAX_NDIM] {
        self.dims.map(|d| d as usize)
    }
    /// Strides as kernels take them.
    #[inline]
    pub fn isize_strides(&self) -> [isize; MAX_NDIM] {
        self.strides.map(|s| s as isize)
    }
    #[inline]
    pub fn numel(&self) -> usize {
        // Saturates, so that what is too large is seen to be.
        self.dims().iter().fold(1usize, |n, &d| n.saturating_mul(d as usize))
    }
    /// Bytes of the elements, packed.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.numel().saturating_mul(self.dtype.size())
    }
    /// The sizes as attributes carry them.
    pub fn shape(&self) -> crate::op::Ints {
        self.dims().iter().map(|&d| d as i64).collect()
    }
    #[inline]
    pub fn with_dtype(mut self, dtype: DType) -> Spec {
        self.dtype = dtype;
        self
    }
    /// A dimension counted from the end when negative, or an error that names it.
    pub fn axis(&self, dim: i64) -> Result<usize> {
        let n = self.ndim as i64;
        // A 0-d tensor takes 0 and -1, as in PyTorch.
        let limit = n.max(1);
        if dim < -limit || dim >= limit {
            let text = format!("dim {dim} is out of range for {n} dimensions, -{limit} to {} expected", limit - 1);
            return Err(err(Kind::Shape, text));
        }
        Ok(if dim < 0 { dim + limit } else { dim } as usize)
    }
    /// The same shape, row-major.
    #[inline]
    pub fn contiguous(mut self) -> Spec {
        let mut n: Dim = 1;
        for i in (0..self.rank()).rev() {
            self.strides[i] = n as Stride;
            // Wraps only where the tensor is too large to be made: its memory is refused then.
            n = n.wrapping_mul(self.dims[i].max(1));
        }
        self
    }
    /// The same shape, channels-last where it has three to five dimensions, else row-major.
    pub fn channels_last(mut self) -> Spec {
        let n = self.rank();
        if !(3..=5).contains(&n) {
            return self.contiguous();
        }
        let mut step = self.dims[1].max(1);
        self.strides[1] = 1;
        for i in (2..n).rev() {
            self.strides[i] = step as Stride;
            // Wraps only where the tensor is too large to be made, as in `contiguous`.
            step = step.wrapping_mul(self.dims[i].max(1));
        }
        self.strides[0] = step as Stride;
        self
    }
    /// Do both visit memory alike? Strides of dimensions of size 1 mean nothing, so they are not compared.
    #[inline]
    pub fn same_walk(&self, o: &Spec) -> bool {
        self.ndim == o.ndim
            && (0..self.rank())
                .all(|i| self.dims[i] == o.dims[i] && (self.dims[i] <= 1 || self.strides[i] == o.strides[i]))
    }
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        let mut n: Dim = 1;
        for i in (0..self.rank()).rev() {
            if self.dims[i] > 1 && self.strides[i] != n as Stride {
                return self.numel() == 0;
            }
            n = n.wrapping_mul(self.dims[i].max(1));
        }
        true
    }
    pub fn is_channels_last(&self) -> bool {
        (3..=5).contains(&self.ndim) && (self.numel() == 0 || self.same_walk(&self.channels_last()))
    }
    /// Each element once and no holes, in one of the two layouts that ops make: a flat loop may walk it.
    #[inline]
    pub fn is_dense(&self) -> bool {
        self.is_contiguous() || self.is_channels_last()
    }
    /// May two indices show one element? Exact for views of dense memory, whose strides nest: each is larger than all that
    /// the smaller ones reach.
    pub fn overlaps(&self) -> bool {
        let mut axes: SmallVec<[(isize, isize); MAX_NDIM]> =
            (0..self.rank()).filter(|&i| self.dims[i] > 1).map(|i| (self.s(i).abs(), self.d(i) as isize)).collect();
        axes.sort_unstable();
        let mut reach = 0;
        self.numel() > 0
            && axes.iter().any(|&(stride, n)| {
                let inside = stride <= reach;
                reach += stride * (n - 1);
                inside
            })
    }
    /// Elements from the lowest to the highest address touched, both included (0 when empty).
    pub fn reach(&self) -> (isize, isize) {
        let (mut low, mut high) = (0, 0);
        for i in 0..self.rank() {
            if self.dims[i] == 0 {
                return (0, 0);
            }
            let step = (self.dims[i] as isize - 1) * self.s(i);
            if step < 0 {
                low += step
            } else {
                high += step
            }
        }
        (low, high + 1)
    }
    /// Strides that repeat elements to reach `dims`, or None where the shapes do not broadcast.
    #[inline]
    pub fn broadcast_to(&self, dims: &[Dim]) -> Option<Spec> {
        let (n, m) = (dims.len(), self.rank());
        if m > n {
            return None;
        }
        let mut s = Spec { dtype: self.dtype, ndim: n as u8, ..Spec::NONE };
        s.dims[..n].copy_from_slice(dims);
        for i in 0..m {
            let (a, j) = (self.dims[i], i + n - m);
            if a == dims[j] {
                s.strides[j] = self.strides[i]
            } else if a != 1 {
                return None;
            }
        }
        Some(s)
    }
    /// Dimension `i` of the result is dimension `order[i]` of this.
    pub fn permute(&self, order: &[usize]) -> Spec {
        let mut s = *self;
        for (i, &a) in order.iter().enumerate() {
            s.dims[i] = self.dims[a];
            s.strides[i] = self.strides[a];
        }
        s
    }
}

/// The shape that two shapes broadcast to (NumPy's rule).
pub fn broadcast(a: &[Dim], b: &[Dim]) -> Option<Dims> {
    let n = a.len().max(b.len());
    let at = |x: &[Dim], i: usize| if i + x.len() >= n { x[i + x.len() - n] } else { 1 };
    (0..n)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y || y == 1 => Some(x),
            (1, y) => Some(y),
            _ => None,
        })
        .collect()
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}(", self.dtype)?;
        for (i, d) in self.dims().iter().enumerate() {
            write!(f, "{}{d}", if i > 0 { ", " } else { "" })?;
        }
        f.write_str(if self.ndim == 1 { ",)" } else { ")" })
    }
}
impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")?;
        if !self.is_contiguous() {
            write!(f, "/{:?}", self.strides())?
        }
        Ok(())
    }
}
