//! Attention by blocks against the whole matrix in float64, with gradients by differences.
mod common;
use common::*;
use nncore_kernels::attention::*;
use nncore_kernels::num::Float;
use nncore_kernels::pool;

/// Sizes, and what is seen.
#[derive(Clone, Copy, Debug)]
struct Case {
    batches: usize,
    group: usize,
    queries: usize,
    keys: usize,
    width: usize,
    values: usize,
    causal: bool,
    masked: bool,
}
const CASES: [Case; 6] = [
    Case { batches: 1, group: 1, queries: 1, keys: 1, width: 1, values: 1, causal: false, masked: false },
    Case { batches: 4, group: 2, queries: 5, keys: 7, width: 3, values: 2, causal: false, masked: false },
    // More than a block each way.
    Case { batches: 2, group: 1, queries: 131, keys: 1030, width: 16, values: 8, causal: false, masked: true },
    Case { batches: 1, group: 1, queries: 300, keys: 290, width: 8, values: 20, causal: true, masked: false },
    Case { batches: 3, group: 3, queries: 17, keys: 33, width: 32, values: 16, causal: true, masked: false },
    Case { batches: 2, group: 1, queries: 9, keys: 4, width: 5, values: 3, causal: false, masked: true },
];
const SCALE: f64 = 0.4;

impl Case {
    /// Every seventh pair is hidden, and all of query 2.
    fn mask(&self) -> Vec<bool> {
        (0..self.queries * self.keys).map(|i| i % 7 != 3 && i / self.keys != 2).collect()
    }
    fn sees(&self, i: usize, j: usize) -> bool {
        (!self.causal || j <= i) && (!self.masked || self.mask_at(i, j))
    }
    fn mask_at(&self, i: usize, j: usize) -> bool {
        (i * self.keys + j) % 7 != 3 && i != 2
    }
    fn inputs(&self) -> [Vec<f32>; 4] {
        let pairs = self.batches / self.group;
        [
            noise(self.batches * self.queries * self.width, 1).iter().map(|x| 3.0 * x).collect(),
            noise(pairs * self.keys * self.width, 2).iter().map(|x| 3.0 * x).collect(),
            noise(pairs * self.keys * self.values, 3),
            noise(self.batches * self.queries * self.values, 4),
        ]
    }
    fn with<T: Float, R>(&self, f: impl FnOnce(&Attention<T>) -> R) -> R {
        let mask = self.mask();
        let (p, row) = (mask.as_ptr() as usize, self.keys as isize);
        let masked = self.masked;
        let of = move |_: usize| if masked { Mask::Bool(p as *const bool, row, 1) } else { Mask::None };
        f(&Attention {
            batches: self.batches,
            group: self.group,
            queries: self.queries,
            keys: self.keys,
            width: self.width,
            values: self.values,
            scale: SCALE,
            causal: self.causal,
            mask: &of,
        })
    }
}
fn aligned(bytes: usize) -> Vec<u128> {
    vec![0; bytes / 16 + 8]
}
fn forward<T: Float>(c: &Case, q: &[T], k: &[T], v: &[T]) -> (Vec<T>, Vec<T>) {
    c.with(|p: &Attention<T>| {
        let threads = pool::threads();
        let mut scratch = aligned(attention_bytes(p, threads));
        let mut out = vec![T::ZERO; c.batches * c.queries * c.values];
        let mut sums = vec![T::ZERO; c.batches * c.queries];
        // As long as was asked for; the mask lives as long as `with`.
        unsafe { attention(p, q, k, v, &mut out, &mut sums, scratch.as_mut_ptr().cast(), threads) };
        (out, sums)
    })
}
fn gradient<T: Float>(c: &Case, q: &[T], k: &[T], v: &[T], dy: &[T]) -> [Vec<T>; 3] {
    let (out, sums) = forward(c, q, k, v);
    c.with(|p: &Attention<T>| {
        let threads = pool::threads();
        let mut scratch = aligned(attention_gradient_bytes(p, threads));
        let [mut dq, mut dk, mut dv] = [q, k, v].map(|x| vec![T::ZERO; x.len()]);
        let into = [&mut dq[..], &mut dk[..], &mut dv[..]];
        // As above.
        unsafe { attention_gradient(p, [q, k, v], &out, &sums, dy, into, scratch.as_mut_ptr().cast(), threads) };
        [dq, dk, dv]
    })
}
/// By the definition.
fn reference(c: &Case, q: &[f64], k: &[f64], v: &[f64]) -> Vec<f64> {
    let mut out = vec![];
    for b in 0..c.batches {
        let pair = b / c.group;
        for i in 0..c.queries {
            let q = &q[(b * c.queries + i) * c.width..][..c.width];
            let weights: Vec<f64> = (0..c.keys)
                .map(|j| {
                    let k = &k[(pair * c.keys + j) * c.width..][..c.width];
                    let s: f64 = q.iter().zip(k).map(|(q, k)| q * k).sum();
                    if c.sees(i, j) {
                        (SCALE * s).exp()
                    } else {
                        0.0
                    }
                })
                .collect();
            let total: f64 = weights.iter().sum();
            for d in 0..c.values {
                let y: f64 = (0..c.keys).map(|j| weights[j] * v[(pair * c.keys + j) * c.values + d]).sum();
                out.push(if total == 0.0 { 0.0 } else { y / total });
            }
        }
    }
    out
}

#[test]
fn blocks_give_what_the_whole_matrix_gives() {
    on_every_path(|| {
        for c in CASES {
            let [q, k, v, _] = c.inputs();
            let want = reference(&c, &wide(&q), &wide(&k), &wide(&v));
            close(&forward(&c, &q, &k, &v).0, &want, 1e-5, &format!("{c:?}"));
            close(&forward(&c, &wide(&q), &wide(&k), &wide(&v)).0, &want, 1e-12, &format!("{c:?}"));
        }
    });
}

#[test]
fn gradients_agree_with_differences() {
    on_every_path(|| {
        for c in CASES {
            let [q, k, v, dy] = c.inputs().map(|x| wide(&x));
            let grads = gradient(&c, &q, &k, &v, &dy);
            for which in 0..3 {
                let n = [&q, &k, &v][which].len();
                for at in (0..n).step_by(1 + n / 12) {
                    let side = |h: f64| {
                        let mut x = [q.clone(), k.clone(), v.clone()];
                        x[which][at] += h;
                        let y = reference(&c, &x[0], &x[1], &x[2]);
                        y.iter().zip(&dy).map(|(y, g)| y * g).sum::<f64>()
                    };
                    let want = (side(1e-5) - side(-1e-5)) / 2e-5;
                    let got = grads[which][at];
                    assert!((got - want).abs() < 1e-6, "{c:?} {which}[{at}]: {got} instead of {want}");
                }
            }
        }
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    for c in CASES {
        let [q, k, v, dy] = c.inputs();
        same_for_any_threads(&format!("{c:?}"), || (forward(&c, &q, &k, &v), gradient(&c, &q, &k, &v, &dy)));
    }
}

#[test]
fn large_scores_overflow_nowhere() {
    let c = CASES[2];
    let [q, k, v, dy] = c.inputs();
    let q: Vec<f32> = q.iter().map(|q| 1000.0 * q).collect();
    let (y, _) = forward(&c, &q, &k, &v);
    let grads = gradient(&c, &q, &k, &v, &dy);
    assert!(y.iter().chain(grads.iter().flatten()).all(|x| x.is_finite()));
    close(&y, &reference_far(&c, &q, &k, &v), 1e-3, "far");
}
/// With scores shifted by the largest.
fn reference_far(c: &Case, q: &[f32], k: &[f32], v: &[f32]) -> Vec<f64> {
    let mut out = vec![];
    for b in 0..c.batches {
        for i in 0..c.queries {
            let score = |j: usize| {
                let (q, k) = (&q[(b * c.queries + i) * c.width..], &k[(b * c.keys + j) * c.width..]);
                let s: f64 = (0..c.width).map(|d| q[d] as f64 * k[d] as f64).sum();
                if c.sees(i, j) {
                    SCALE * s
                } else {
                    f64::NEG_INFINITY
                }
            };
            let m = (0..c.keys).map(score).fold(f64::NEG_INFINITY, f64::max);
            let w: Vec<f64> = (0..c.keys).map(|j| if m.is_finite() { (score(j) - m).exp() } else { 0.0 }).collect();
            let total = w.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            for d in 0..c.values {
                out.push((0..c.keys).map(|j| w[j] * v[(b * c.keys + j) * c.values + d] as f64).sum::<f64>() / total);
            }
        }
    }
    out
}
