//! A common iteration space of several strided operands.

/// Dimensions that a strided kernel takes at most.
pub const MAX_DIMS: usize = 8;

/// Dimensions and the strides (in elements) of `K` operands over them, the last being walked fastest. Dimensions of
/// size 1 are gone, and neighbours that every operand walks as one are merged.
#[derive(Clone, Copy)]
pub(crate) struct Walk<const K: usize> {
    pub rank: usize,
    pub dims: [usize; MAX_DIMS],
    pub strides: [[isize; MAX_DIMS]; K],
}

impl<const K: usize> Walk<K> {
    /// Sorted by the strides of operand 0, largest first, so that it is walked in memory order.
    #[inline]
    pub fn new(dims: &[usize], strides: [&[isize]; K]) -> Self {
        let mut w = Walk { rank: 0, dims: [1; MAX_DIMS], strides: [[0; MAX_DIMS]; K] };
        for (i, &d) in dims.iter().enumerate() {
            if d == 1 {
                continue;
            }
            // Insertion keeps equal strides in their given order.
            let mut at = w.rank;
            while at > 0 && w.strides[0][at - 1].abs() < strides[0][i].abs() {
                w.dims[at] = w.dims[at - 1];
                for k in 0..K {
                    w.strides[k][at] = w.strides[k][at - 1];
                }
                at -= 1;
            }
            w.dims[at] = d;
            for k in 0..K {
                w.strides[k][at] = strides[k][i];
            }
            w.rank += 1;
        }
        w.merge();
        w
    }

    /// Walked in the order given.
    pub fn in_order(dims: &[usize], strides: [&[isize]; K]) -> Self {
        let mut w = Walk { rank: 0, dims: [1; MAX_DIMS], strides: [[0; MAX_DIMS]; K] };
        for (i, &d) in dims.iter().enumerate().filter(|(_, &d)| d != 1) {
            w.dims[w.rank] = d;
            for k in 0..K {
                w.strides[k][w.rank] = strides[k][i];
            }
            w.rank += 1;
        }
        w.merge();
        w
    }

    fn merge(&mut self) {
        let mut last = 0;
        for i in 1..self.rank {
            let joint = (0..K).all(|k| self.strides[k][last] == self.strides[k][i] * self.dims[i] as isize);
            if joint {
                self.dims[last] *= self.dims[i];
            } else {
                last += 1;
                self.dims[last] = self.dims[i];
            }
            for k in 0..K {
                self.strides[k][last] = self.strides[k][i];
            }
        }
        self.rank = self.rank.min(last + 1);
    }

    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.dims[..self.rank].iter().product()
    }

    /// Does operand `k` lie densely in the order of the walk?
    #[inline]
    pub fn dense(&self, k: usize) -> bool {
        let mut n = 1;
        for i in (0..self.rank).rev() {
            if self.strides[k][i] != n {
                return false;
            }
            n *= self.dims[i] as isize;
        }
        true
    }

    /// The stretches of the last dimension that `start..start + count` covers: each one's offset from `start` in the walk's
    /// order, the offsets of the operands, and its length.
    ///
    /// An iterator and no closure: a closure's body is compiled once, without the instructions of the `simd!` function that
    /// it stands in, unless the compiler happens to inline it.
    #[inline(always)]
    pub fn rows(&self, start: usize, count: usize) -> Rows<'_, K> {
        let mut rows = Rows { walk: self, index: [0; MAX_DIMS], offset: [0; K], done: 0, count };
        let mut rest = start;
        for i in (0..self.rank).rev() {
            (rows.index[i], rest) = (rest % self.dims[i], rest / self.dims[i]);
            for k in 0..K {
                rows.offset[k] += rows.index[i] as isize * self.strides[k][i];
            }
        }
        rows
    }

    /// The walk of operand `k` alone, not merged further.
    #[inline]
    pub fn only(&self, k: usize) -> Walk<1> {
        Walk { rank: self.rank, dims: self.dims, strides: [self.strides[k]] }
    }
}

/// See [`Walk::rows`].
pub(crate) struct Rows<'a, const K: usize> {
    walk: &'a Walk<K>,
    index: [usize; MAX_DIMS],
    offset: [isize; K],
    done: usize,
    count: usize,
}
impl<const K: usize> Iterator for Rows<'_, K> {
    type Item = (usize, [isize; K], usize);
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.done >= self.count {
            return None;
        }
        let w = self.walk;
        // A walk without dimensions is one of a single element.
        let last = w.rank.max(1) - 1;
        let n = (w.dims[last] - self.index[last]).min(self.count - self.done);
        let row = (self.done, self.offset, n);
        self.done += n;
        if self.done < self.count {
            self.onward(last);
        }
        Some(row)
    }
}
impl<const K: usize> Rows<'_, K> {
    /// To the start of the next stretch.
    #[inline(always)]
    fn onward(&mut self, last: usize) {
        let w = self.walk;
        for k in 0..K {
            self.offset[k] -= self.index[last] as isize * w.strides[k][last];
        }
        self.index[last] = 0;
        for i in (0..last).rev() {
            self.index[i] += 1;
            for k in 0..K {
                self.offset[k] += w.strides[k][i];
            }
            if self.index[i] < w.dims[i] {
                break;
            }
            for k in 0..K {
                self.offset[k] -= self.index[i] as isize * w.strides[k][i];
            }
            self.index[i] = 0;
        }
    }
}
