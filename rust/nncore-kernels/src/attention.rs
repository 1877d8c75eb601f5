//! Scaled dot-product attention, `softmax(scale q k^T + mask) v`, without ever holding the whole matrix of weights.
//!
//! Queries go in blocks against blocks of keys; a row's largest score and its sum follow along (Dao et al., 2022). The
//! gradient computes the weights anew from their logarithmic sums. Each block is one thread's, so that bits do not depend
//! on the number of threads.
mod rows;
use crate::gemm::{gemm, Matrix, Output};
use crate::num::Float;
use crate::pool;
use crate::split::Parts;
use rows::{derivatives, normalize, products, softmax, weights, Scores};

/// Queries of a block, and keys: 256 KiB of float32 scores stay in the second cache.
const QUERIES: usize = 128;
const KEYS: usize = 512;
/// Keys of a block in the gradient, which holds two such matrices.
const KEYS_BACK: usize = 256;

/// What is added to the scores of one batch: its first element and the distances of rows and columns.
#[derive(Clone, Copy, Debug)]
pub enum Mask<T> {
    None,
    /// True where a key takes part.
    Bool(*const bool, isize, isize),
    Added(*const T, isize, isize),
}
// Read by several threads at once; the caller vouches for the memory.
unsafe impl<T: Sync> Sync for Mask<T> {}
unsafe impl<T: Sync> Send for Mask<T> {}

/// Sizes: queries (batches, queries, width), keys (batches / group, keys, width), values (batches / group, keys, values).
#[derive(Clone, Copy)]
pub struct Attention<'a, T> {
    pub batches: usize,
    /// How many batches of queries share one of keys.
    pub group: usize,
    pub queries: usize,
    pub keys: usize,
    pub width: usize,
    pub values: usize,
    pub scale: f64,
    /// Query i sees keys up to i only.
    pub causal: bool,
    pub mask: &'a (dyn Fn(usize) -> Mask<T> + Sync),
}

/// Where a block begins, and its keys.
#[derive(Clone, Copy)]
struct Block {
    query: usize,
    key: usize,
    keys: usize,
    /// Distance of rows of scores: whole vectors.
    ld: usize,
}

impl<T: Float> Attention<'_, T> {
    fn blocks(&self) -> usize {
        self.queries.div_ceil(QUERIES)
    }
    /// Keys that any of these queries sees.
    fn seen(&self, query: usize, queries: usize) -> usize {
        match self.causal {
            true => self.keys.min(query + queries),
            false => self.keys,
        }
    }
    fn scores(&self, b: usize, block: &Block) -> Scores<T> {
        Scores {
            mask: (self.mask)(b),
            causal: self.causal,
            scale: T::of(self.scale),
            query: block.query,
            key: block.key,
            keys: block.keys,
            ld: block.ld,
        }
    }
    /// Bytes that any product of a block packs at most: both factors whole, for each thread.
    fn product_bytes(&self, keys: usize, threads: usize) -> usize {
        let (rows, width) = (QUERIES.min(self.queries).max(keys), self.width.max(self.values));
        (threads * 2 * (rows + 64) * (rows.max(width) + 64) * size_of::<T>()).next_multiple_of(64)
    }
    fn forward_bytes(&self) -> usize {
        let keys = KEYS.min(self.keys).next_multiple_of(16);
        let numbers = QUERIES * keys + 2 * QUERIES;
        (numbers * size_of::<T>()).next_multiple_of(64) + self.product_bytes(keys, 1)
    }
    fn backward_threads(&self, threads: usize) -> (usize, usize) {
        // Batches go to threads; where there are too few, each product goes to all of them.
        let pairs = self.batches / self.group;
        if pairs >= threads {
            (threads.min(pairs), 1)
        } else {
            (1, threads)
        }
    }
    fn backward_bytes(&self, threads: usize) -> usize {
        let keys = KEYS_BACK.min(self.keys).next_multiple_of(16);
        let numbers = 2 * QUERIES * keys + QUERIES;
        (numbers * size_of::<T>()).next_multiple_of(64) + self.product_bytes(keys, self.backward_threads(threads).1)
    }
}

/// Bytes of scratch for [`attention`] on that many threads.
pub fn attention_bytes<T: Float>(p: &Attention<T>, threads: usize) -> usize {
    threads.max(1) * p.forward_bytes()
}
/// Bytes of scratch for [`attention_gradient`] on that many threads.
pub fn attention_gradient_bytes<T: Float>(p: &Attention<T>, threads: usize) -> usize {
    p.backward_threads(threads).0.max(1) * p.backward_bytes(threads)
}

/// Outputs (batches, queries, values) into `out`, and for every query `ln(sum(e^score))` into `sums` (batches, queries).
/// A query that sees no key gets zeros, and minus infinity.
///
/// # Safety
/// The mask is valid for every batch, query and key, and `scratch` has [`attention_bytes`] bytes for `threads`, aligned to 64.
///
/// # Panics
/// When lengths do not fit.
pub unsafe fn attention<T: Float>(
    p: &Attention<T>,
    q: &[T],
    k: &[T],
    v: &[T],
    out: &mut [T],
    sums: &mut [T],
    scratch: *mut u8,
    threads: usize,
) {
    let pairs = p.batches / p.group.max(1);
    assert!(q.len() == p.batches * p.queries * p.width && k.len() == pairs * p.keys * p.width);
    assert!(v.len() == pairs * p.keys * p.values && out.len() == p.batches * p.queries * p.values);
    assert_eq!(sums.len(), p.batches * p.queries);
    let tasks = p.batches * p.blocks();
    let shares = threads.min(tasks);
    let (o, s) = (Parts::new(out), Parts::new(sums));
    let scratch = scratch as usize;
    pool::run(shares, &|share| {
        let own = (scratch + share * p.forward_bytes()) as *mut u8;
        for task in pool::share(tasks, shares, share) {
            let (b, query) = (task / p.blocks(), task % p.blocks() * QUERIES);
            let queries = QUERIES.min(p.queries - query);
            let row = b * p.queries + query;
            // Each block has its own queries, and each share its own scratch.
            unsafe {
                let out = o.part(row * p.values..(row + queries) * p.values);
                let sums = s.part(row..row + queries);
                let q = &q[row * p.width..];
                let pair = b / p.group;
                let (k, v) = (&k[pair * p.keys * p.width..], &v[pair * p.keys * p.values..]);
                forward(p, b, query, queries, q, k, v, out, sums, own);
            }
        }
    });
}

unsafe fn forward<T: Float>(
    p: &Attention<T>,
    b: usize,
    query: usize,
    queries: usize,
    q: &[T],
    k: &[T],
    v: &[T],
    out: &mut [T],
    sums: &mut [T],
    scratch: *mut u8,
) {
    let most = KEYS.min(p.keys).next_multiple_of(16);
    let numbers = std::slice::from_raw_parts_mut(scratch as *mut T, QUERIES * most + 2 * QUERIES);
    let packs = scratch.add(size_of_val(numbers).next_multiple_of(64));
    let (scores, rest) = numbers.split_at_mut(QUERIES * most);
    let (largest, total) = rest.split_at_mut(QUERIES);
    largest.fill(T::LOWEST);
    total.fill(T::ZERO);
    out.fill(T::ZERO);
    let seen = p.seen(query, queries);
    for key in (0..seen).step_by(KEYS) {
        let keys = KEYS.min(seen - key);
        let block = Block { query, key, keys, ld: keys.next_multiple_of(16) };
        let (a, t) = (Matrix::rows(q.as_ptr(), p.width), Matrix::cols(k[key * p.width..].as_ptr(), p.width));
        gemm(queries, keys, p.width, a, t, Output::new(scores.as_mut_ptr(), block.ld), packs, 1);
        softmax(&p.scores(b, &block), &mut scores[..queries * block.ld], largest, total, out, p.values);
        let (w, x) = (Matrix::rows(scores.as_ptr(), block.ld), Matrix::rows(v[key * p.values..].as_ptr(), p.values));
        gemm(queries, p.values, keys, w, x, Output::new(out.as_mut_ptr(), p.values).accumulate(), packs, 1);
    }
    normalize(out, sums, largest, total, p.values);
}

/// Gradients of [`attention`], whose `out` and `sums` it takes, by queries, keys and values.
///
/// # Safety
/// As for [`attention`], with [`attention_gradient_bytes`] bytes of scratch.
///
/// # Panics
/// When lengths do not fit.
pub unsafe fn attention_gradient<T: Float>(
    p: &Attention<T>,
    [q, k, v]: [&[T]; 3],
    out: &[T],
    sums: &[T],
    dy: &[T],
    [dq, dk, dv]: [&mut [T]; 3],
    scratch: *mut u8,
    threads: usize,
) {
    let pairs = p.batches / p.group.max(1);
    assert!(q.len() == p.batches * p.queries * p.width && k.len() == pairs * p.keys * p.width);
    assert!(v.len() == pairs * p.keys * p.values && out.len() == p.batches * p.queries * p.values);
    assert!(dq.len() == q.len() && dk.len() == k.len() && dv.len() == v.len() && dy.len() == out.len());
    assert_eq!(sums.len(), p.batches * p.queries);
    let (outer, inner) = p.backward_threads(threads);
    let shares = outer.min(pairs);
    let (dq, dk, dv) = (Parts::new(dq), Parts::new(dk), Parts::new(dv));
    let scratch = scratch as usize;
    let one = |share: usize| {
        let own = (scratch + share * p.backward_bytes(threads)) as *mut u8;
        for pair in pool::share(pairs, shares, share) {
            let (kw, kv) = (p.keys * p.width, p.keys * p.values);
            let (qw, qv) = (p.queries * p.width, p.queries * p.values);
            // Each pair of keys and values has its own gradients and queries, and each share its own scratch.
            unsafe {
                let (dk, dv) = (dk.part(pair * kw..(pair + 1) * kw), dv.part(pair * kv..(pair + 1) * kv));
                dk.fill(T::ZERO);
                dv.fill(T::ZERO);
                let (k, v) = (&k[pair * kw..(pair + 1) * kw], &v[pair * kv..(pair + 1) * kv]);
                for b in pair * p.group..(pair + 1) * p.group {
                    let (x, y) = (b * qw..(b + 1) * qw, b * qv..(b + 1) * qv);
                    let sums = &sums[b * p.queries..(b + 1) * p.queries];
                    let dq = dq.part(x.clone());
                    backward(p, b, [&q[x], k, v], [&out[y.clone()], &dy[y]], sums, [dq, dk, dv], own, inner);
                }
            }
        }
    };
    if shares <= 1 {
        // Not as a region: its products make theirs.
        (0..shares).for_each(one)
    } else {
        pool::run(shares, &one)
    }
}

unsafe fn backward<T: Float>(
    p: &Attention<T>,
    b: usize,
    [q, k, v]: [&[T]; 3],
    [out, dy]: [&[T]; 2],
    sums: &[T],
    [dq, dk, dv]: [&mut [T]; 3],
    scratch: *mut u8,
    threads: usize,
) {
    let (w, vs) = (p.width, p.values);
    let most = KEYS_BACK.min(p.keys).next_multiple_of(16);
    let numbers = std::slice::from_raw_parts_mut(scratch as *mut T, 2 * QUERIES * most + QUERIES);
    let packs = scratch.add(size_of_val(numbers).next_multiple_of(64));
    let (scores, rest) = numbers.split_at_mut(QUERIES * most);
    let (slopes, means) = rest.split_at_mut(QUERIES * most);
    dq.fill(T::ZERO);
    for query in (0..p.queries).step_by(QUERIES) {
        let queries = QUERIES.min(p.queries - query);
        let (q, dq) = (&q[query * w..(query + queries) * w], &mut dq[query * w..(query + queries) * w]);
        let rows = query * vs..(query + queries) * vs;
        let (out, dy) = (&out[rows.clone()], &dy[rows]);
        products(out, dy, &mut means[..queries], vs);
        let seen = p.seen(query, queries);
        for key in (0..seen).step_by(KEYS_BACK) {
            let keys = KEYS_BACK.min(seen - key);
            let block = Block { query, key, keys, ld: keys.next_multiple_of(16) };
            let own = p.scores(b, &block);
            let (k, v) = (k[key * w..].as_ptr(), v[key * vs..].as_ptr());
            let (dk, dv) = (dk[key * w..].as_mut_ptr(), dv[key * vs..].as_mut_ptr());
            let into = |x: *mut T, ld: usize| Output::new(x, ld);
            let by_rows = Matrix::rows(q.as_ptr(), w);
            gemm(queries, keys, w, by_rows, Matrix::cols(k, w), into(scores.as_mut_ptr(), block.ld), packs, threads);
            weights(&own, &mut scores[..queries * block.ld], &sums[query..query + queries]);
            let (p_t, g) = (Matrix::cols(scores.as_ptr(), block.ld), Matrix::rows(dy.as_ptr(), vs));
            gemm(keys, vs, queries, p_t, g, into(dv, vs).accumulate(), packs, threads);
            gemm(queries, keys, vs, g, Matrix::cols(v, vs), into(slopes.as_mut_ptr(), block.ld), packs, threads);
            derivatives(&own, &scores[..queries * block.ld], &mut slopes[..queries * block.ld], &means[..queries]);
            let s = Matrix::rows(slopes.as_ptr(), block.ld);
            gemm(queries, w, keys, s, Matrix::rows(k, w), into(dq.as_mut_ptr(), w).accumulate(), packs, threads);
            gemm(keys, w, queries, s.t(), by_rows, into(dk, w).accumulate(), packs, threads);
        }
    }
}
