//! Broadcast and strided operands: staged tile by tile into dense buffers, so that one flat loop serves every layout.
use super::kernel::{Kernel, Tile, PARALLEL, TILE};
use super::walk::{Walk, MAX_DIMS};
use crate::pool;

impl Kernel<'_> {
    /// `out = f(inputs)` over `dims`, each operand with its own strides (in elements; 0 broadcasts; at most [`MAX_DIMS`]
    /// dimensions). `strides` holds one slice for each input. Threaded where that pays.
    ///
    /// # Safety
    /// Every operand is valid at every index of `dims`. The output visits no element twice. An input may be the output's
    /// memory when it has the same strides and its elements are of the same size; any other overlap is undefined.
    pub unsafe fn map(
        &self,
        dims: &[usize],
        x: [*const u8; 3],
        strides: &[&[isize]],
        out: *mut u8,
        out_strides: &[isize],
    ) {
        let n = self.inputs();
        debug_assert!(strides.len() >= n && dims.len() <= MAX_DIMS);
        // Missing inputs walk with the output: they then never hinder a merge.
        let s = |k: usize| if k < n { strides[k] } else { out_strides };
        let walk = Walk::new(dims, [out_strides, s(0), s(1), s(2)]);
        let total = walk.len();
        if total == 0 {
            return;
        }
        let dense = [walk.dense(0), walk.dense(1), walk.dense(2), walk.dense(3)];
        if dense == [true; 4] {
            return self.flat(x, out, total);
        }
        let shares = if total * self.cost() >= PARALLEL / 2 { pool::threads() } else { 1 };
        if shares <= 1 {
            return self.tiles(&walk, &dense, x, out, 0, total);
        }
        let (x, out) = (x.map(|p| p as usize), out as usize);
        pool::run(shares, &|i| {
            let part = pool::share(total.div_ceil(64), shares, i);
            // Shares write to disjoint elements.
            let x = x.map(|p| p as *const u8);
            unsafe { self.tiles(&walk, &dense, x, out as *mut u8, part.start * 64, (part.end * 64).min(total)) }
        })
    }

    unsafe fn tiles(
        &self,
        walk: &Walk<4>,
        dense: &[bool; 4],
        x: [*const u8; 3],
        out: *mut u8,
        start: usize,
        end: usize,
    ) {
        let mut buffers = [Tile::uninit(); 4];
        let row = if walk.rank > 0 { walk.dims[walk.rank - 1] } else { 1 };
        // Whole rows in a tile where they fit: an operand that repeats every row is then staged once for all tiles.
        let tile = if row < TILE { TILE / row * row } else { TILE };
        let by_rows = walk.rank == 2 && row <= TILE && start.is_multiple_of(row);
        let repeats = |k: usize| {
            let strides = &walk.strides[k][..walk.rank];
            by_rows && strides[0] == 0 || strides.iter().all(|&s| s == 0)
        };
        let repeats = [repeats(1), repeats(2), repeats(3)];
        let (sizes, out_size, in_place) = (self.sizes(), self.out_size(), self.in_place(&x, out));
        let mut staged = [0usize; 3];
        let mut i = start;
        while i < end {
            let mut m = tile.min(end - i);
            if row >= TILE {
                m = m.min(row - i % row);
            }
            let mut p = [std::ptr::null(); 3];
            for k in 0..self.inputs() {
                let size = sizes[k];
                if dense[k + 1] {
                    p[k] = x[k].add(i * size);
                } else if row >= TILE && walk.strides[k + 1][walk.rank - 1] == 1 {
                    // The tile is a stretch of one row.
                    let at = walk.only(k + 1).rows(i, 1).next().map_or(0, |(_, [at], _)| at);
                    p[k] = x[k].offset(at * size as isize);
                } else {
                    p[k] = buffers[k].as_ptr().cast();
                    if !(repeats[k] && staged[k] >= m) {
                        gather(&walk.only(k + 1), x[k], size, i, m, buffers[k].as_mut_ptr().cast());
                        staged[k] = m;
                    }
                }
            }
            if dense[0] && !in_place {
                self.run(&p, out.add(i * out_size), m);
            } else {
                let b: *mut u8 = buffers[3].as_mut_ptr().cast();
                self.run(&p, b, m);
                scatter(&walk.only(0), b, out_size, i, m, out);
            }
            i += m;
        }
    }
}

/// Stages elements `start..start + count` of an operand densely.
#[inline(never)]
unsafe fn gather(walk: &Walk<1>, src: *const u8, size: usize, start: usize, count: usize, dst: *mut u8) {
    match size {
        1 => gather_as::<u8>(walk, src.cast(), start, count, dst.cast()),
        4 => gather_as::<u32>(walk, src.cast(), start, count, dst.cast()),
        _ => gather_as::<u64>(walk, src.cast(), start, count, dst.cast()),
    }
}

#[inline(always)]
unsafe fn gather_as<E: Copy>(walk: &Walk<1>, src: *const E, start: usize, count: usize, dst: *mut E) {
    let step = if walk.rank > 0 { walk.strides[0][walk.rank - 1] } else { 0 };
    for (done, [at], n) in walk.rows(start, count) {
        // Within the bounds that the caller promised.
        move_row(src.offset(at), step, dst.add(done), 1, n)
    }
}

/// Writes elements `start..start + count` of an operand from a dense buffer.
#[inline(never)]
unsafe fn scatter(walk: &Walk<1>, src: *const u8, size: usize, start: usize, count: usize, dst: *mut u8) {
    match size {
        1 => scatter_as::<u8>(walk, src.cast(), start, count, dst.cast()),
        4 => scatter_as::<u32>(walk, src.cast(), start, count, dst.cast()),
        _ => scatter_as::<u64>(walk, src.cast(), start, count, dst.cast()),
    }
}

#[inline(always)]
unsafe fn scatter_as<E: Copy>(walk: &Walk<1>, src: *const E, start: usize, count: usize, dst: *mut E) {
    let step = if walk.rank > 0 { walk.strides[0][walk.rank - 1] } else { 0 };
    for (done, [at], n) in walk.rows(start, count) {
        // Within the bounds that the caller promised.
        move_row(src.add(done), 1, dst.offset(at), step, n)
    }
}

/// One row, of which at least one side has stride 0 or 1 mostly.
#[inline(always)]
pub(super) fn move_row<E: Copy>(s: *const E, ss: isize, d: *mut E, ds: isize, n: usize) {
    // Callers hand over rows within bounds, not overlapping.
    unsafe {
        if ss == 1 && ds == 1 {
            if n >= 16 {
                std::ptr::copy_nonoverlapping(s, d, n)
            } else {
                // A call to memcpy costs more than a few moves.
                for i in 0..n {
                    *d.add(i) = *s.add(i);
                }
            }
        } else if ss == 0 && ds == 1 {
            std::slice::from_raw_parts_mut(d, n).fill(*s)
        } else if ss == -1 && ds == 1 {
            // A stride that is known, or elements go one by one.
            for i in 0..n {
                *d.add(i) = *s.sub(i);
            }
        } else {
            for i in 0..n as isize {
                *d.offset(i * ds) = *s.offset(i * ss);
            }
        }
    }
}
