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

    /// Calls `row(offset in the walk's order, offsets of the operands, length)` for each stretch of the last dimension
    /// that `start..start + count` covers.
    #[inline(always)]
    pub fn rows(&self, start: usize, count: usize, mut row: impl FnMut(usize, [isize; K], usize)) {
        if self.rank == 0 {
            if count > 0 {
                row(0, [0; K], 1);
            }
            return;
        }
        let last = self.rank - 1;
        let mut index = [0usize; MAX_DIMS];
        let mut offset = [0isize; K];
        let mut rest = start;
        for i in (0..self.rank).rev() {
            (index[i], rest) = (rest % self.dims[i], rest / self.dims[i]);
            for k in 0..K {
                offset[k] += index[i] as isize * self.strides[k][i];
            }
        }
        let mut done = 0;
        while done < count {
            let n = (self.dims[last] - index[last]).min(count - done);
            row(done, offset, n);
            done += n;
            for k in 0..K {
                offset[k] -= index[last] as isize * self.strides[k][last];
            }
            index[last] = 0;
            for i in (0..last).rev() {
                index[i] += 1;
                for k in 0..K {
                    offset[k] += self.strides[k][i];
                }
                if index[i] < self.dims[i] {
                    break;
                }
                for k in 0..K {
                    offset[k] -= index[i] as isize * self.strides[k][i];
                }
                index[i] = 0;
            }
        }
    }

    /// The walk of operand `k` alone, not merged further.
    #[inline]
    pub fn only(&self, k: usize) -> Walk<1> {
        Walk { rank: self.rank, dims: self.dims, strides: [self.strides[k]] }
    }
}
