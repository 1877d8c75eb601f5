//! Two float64 totals for each column of a dense matrix, in a fixed order.
use crate::num::Float;
use crate::pool;
use crate::split::{side_by_side, Parts};

/// Columns at a time.
const WIDTH: usize = 256;
/// Columns of a band, whose sums stay in registers: few channels side by side make no more, so that memory is read in order.
const BAND: usize = 64;
/// Rows of a block, whose sums stay in registers.
const BLOCK: usize = 32;
/// From this many elements on the rows are cut into fixed parts, of no fewer than `PART`.
const LARGE: usize = 1 << 16;
const PART: usize = 1 << 15;
const PARTS: usize = 16;
type Totals = [[f64; WIDTH]; 2];

/// What is added up of each column.
pub(super) trait Columns: Sync {
    /// Totals of a matrix within the operands: its first element, the distance of its rows, its size; column `i` belongs
    /// to channel `channel + i % period`.
    fn fold(&self, at: usize, stride: usize, rows: usize, width: usize, channel: usize, period: usize, t: &mut Totals);
    /// Joins the totals of `na` and of `nb` rows.
    fn merge(na: f64, a: [f64; 2], nb: f64, b: [f64; 2]) -> [f64; 2];
}

/// Calls `end(channel, totals)` for each channel.
pub(super) fn fold<C: Columns>(kind: &C, rows: usize, c: usize, mut end: impl FnMut(usize, [f64; 2])) {
    for channel in (0..c).step_by(WIDTH) {
        let width = WIDTH.min(c - channel);
        let mut totals = [[0.0; WIDTH]; 2];
        if rows * width < LARGE {
            part(kind, 0, rows, channel, width, c, &mut totals);
        } else {
            parts(kind, rows, channel, width, c, &mut totals);
        }
        for i in 0..width {
            end(channel + i, [totals[0][i], totals[1][i]]);
        }
    }
}

#[inline(never)]
fn parts<C: Columns>(kind: &C, rows: usize, channel: usize, width: usize, c: usize, totals: &mut Totals) {
    let mut each = [[[0.0; WIDTH]; 2]; PARTS];
    let count = (rows * width / PART).min(PARTS);
    let each = &mut each[..count];
    let shared = Parts::new(each);
    pool::run(count, &|p| {
        let r = pool::share(rows, count, p);
        // Each share owns one part's totals.
        let t = unsafe { &mut shared.part(p..p + 1)[0] };
        part(kind, r.start, r.len(), channel, width, c, t)
    });
    let mut before = 0;
    for (p, t) in each.iter().enumerate() {
        let n = pool::share(rows, count, p).len();
        join::<C>(before, totals, n, t, width, 0);
        before += n;
    }
}

/// `a` joined with columns `from..from + width` of `b`.
fn join<C: Columns>(na: usize, a: &mut Totals, nb: usize, b: &Totals, width: usize, from: usize) {
    if nb == 0 {
        return;
    }
    for i in 0..width {
        let (x, y) = ([a[0][i], a[1][i]], [b[0][from + i], b[1][from + i]]);
        [a[0][i], a[1][i]] = C::merge(na as f64, x, nb as f64, y);
    }
}

fn part<C: Columns>(kind: &C, row: usize, rows: usize, channel: usize, width: usize, c: usize, totals: &mut Totals) {
    // Few channels: many rows side by side make one wide row.
    let side = if width == c { side_by_side(width, BAND) } else { 1 };
    if side == 1 || rows < 2 * side {
        return kind.fold(row * c + channel, c, rows, width, channel, width, totals);
    }
    let mut wide = [[0.0; WIDTH]; 2];
    let high = rows / side;
    kind.fold(row * c, c * side, high, width * side, 0, width, &mut wide);
    for s in 0..side {
        join::<C>(s * high, totals, high, &wide, width, s * width);
    }
    let done = high * side;
    if done < rows {
        wide = [[0.0; WIDTH]; 2];
        kind.fold((row + done) * c, c, rows - done, width, 0, width, &mut wide);
        join::<C>(done, totals, rows - done, &wide, width, 0);
    }
}

/// Mean and sum of squared differences from it.
pub(super) struct Moments<'a, T> {
    pub x: &'a [T],
}
impl<T: Float> Columns for Moments<'_, T> {
    fn fold(&self, at: usize, stride: usize, rows: usize, width: usize, _: usize, _: usize, t: &mut Totals) {
        moments(self.x, at, stride, rows, width, t)
    }
    #[inline(always)]
    fn merge(na: f64, [ma, sa]: [f64; 2], nb: f64, [mb, sb]: [f64; 2]) -> [f64; 2] {
        let (d, k) = (mb - ma, nb / (na + nb));
        [ma + d * k, sa + sb + d * d * na * k]
    }
}

/// Sum of dy, and of dy (x - mean).
pub(super) struct Grads<'a, T> {
    pub x: &'a [T],
    pub dy: &'a [T],
    /// The mean of a channel.
    pub mean: &'a (dyn Fn(usize) -> T + Sync),
}
impl<T: Float> Columns for Grads<'_, T> {
    fn fold(&self, at: usize, stride: usize, rows: usize, width: usize, channel: usize, period: usize, t: &mut Totals) {
        let mut mean = [T::ZERO; WIDTH];
        for i in 0..width {
            mean[i] = (self.mean)(channel + i % period);
        }
        grads(self.x, self.dy, &mean, at, stride, rows, width, t)
    }
    #[inline(always)]
    fn merge(_: f64, a: [f64; 2], _: f64, b: [f64; 2]) -> [f64; 2] {
        [a[0] + b[0], a[1] + b[1]]
    }
}

/// Runs `$band::<L>(columns' offset)` over `$width` columns, 64, 16, 4 and 1 at a time.
macro_rules! bands {
    ($width:expr, $c:ident => $band:ident($($a:expr),*)) => {
        let mut $c = 0;
        while $c + 64 <= $width { $band::<T, 64>($($a),*); $c += 64 }
        while $c + 16 <= $width { $band::<T, 16>($($a),*); $c += 16 }
        while $c + 4 <= $width { $band::<T, 4>($($a),*); $c += 4 }
        while $c < $width { $band::<T, 1>($($a),*); $c += 1 }
    };
}

simd! {
    fn moments<T: Float>(x: &[T], at: usize, stride: usize, rows: usize, width: usize, t: &mut Totals) {
        for r in (0..rows).step_by(BLOCK) {
            let n = BLOCK.min(rows - r);
            bands!(width, c => moments_band(x, at + r * stride + c, stride, r, n, c, t));
        }
    }

    fn grads<T: Float>(x: &[T], dy: &[T], mean: &[T; WIDTH], at: usize, stride: usize, rows: usize, width: usize, t: &mut Totals) {
        for r in (0..rows).step_by(BLOCK) {
            let n = BLOCK.min(rows - r);
            bands!(width, c => grads_band(x, dy, mean, at + r * stride + c, stride, n, c, t));
        }
    }
}

#[inline(always)]
fn row<T, const L: usize>(x: &[T], at: usize) -> &[T; L] {
    x[at..at + L].try_into().unwrap()
}

/// Joins a block of `n` rows to the `before` rows in the totals.
#[inline(always)]
fn moments_band<T: Float, const L: usize>(
    x: &[T],
    at: usize,
    stride: usize,
    before: usize,
    n: usize,
    c: usize,
    t: &mut Totals,
) {
    let mut mean = [T::ZERO; L];
    if before == 0 {
        for r in 0..n {
            let x = row::<T, L>(x, at + r * stride);
            for l in 0..L {
                mean[l] += x[l];
            }
        }
        let k = T::of(1.0 / n as f64);
        for l in 0..L {
            mean[l] *= k;
        }
    } else {
        // About the mean so far, one pass does: what cancels in this block's squares where its own mean lies far from that is
        // small beside the square of the distance, which joins them.
        for l in 0..L {
            mean[l] = T::of(t[0][c + l]);
        }
    }
    // What the centre misses of the true mean comes along.
    let (mut squares, mut rest) = ([T::ZERO; L], [T::ZERO; L]);
    for r in 0..n {
        let x = row::<T, L>(x, at + r * stride);
        for l in 0..L {
            let d = x[l] - mean[l];
            rest[l] += d;
            squares[l] = d.mul_add(d, squares[l]);
        }
    }
    let (b, n) = (before as f64, n as f64);
    let (share, weight, k) = (n / (b + n), b * n / (b + n), 1.0 / n);
    for l in 0..L {
        let miss = rest[l].f64() * k;
        let d = mean[l].f64() + miss - t[0][c + l];
        t[0][c + l] += d * share;
        t[1][c + l] += (squares[l].f64() - miss * miss * n) + d * d * weight;
    }
}

#[inline(always)]
fn grads_band<T: Float, const L: usize>(
    x: &[T],
    dy: &[T],
    mean: &[T; WIDTH],
    at: usize,
    stride: usize,
    n: usize,
    c: usize,
    t: &mut Totals,
) {
    let mean = row::<T, L>(mean, c);
    let (mut sum, mut product) = ([T::ZERO; L], [T::ZERO; L]);
    for r in 0..n {
        let (x, dy) = (row::<T, L>(x, at + r * stride), row::<T, L>(dy, at + r * stride));
        for l in 0..L {
            sum[l] += dy[l];
            product[l] = dy[l].mul_add(x[l] - mean[l], product[l]);
        }
    }
    for l in 0..L {
        t[0][c + l] += sum[l].f64();
        t[1][c + l] += product[l].f64();
    }
}
