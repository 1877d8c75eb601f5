//! Cross-entropy of rows of logits against integer labels, each way in one pass.
use super::rows::{block_rows, exps, few, largest, scale, FEW, ROWS};
use super::GRAIN;
use crate::math::ln;
use crate::num::Float;
use crate::split::{split, Parts};

/// How labels count (PyTorch's meanings).
#[derive(Clone, Copy, Debug)]
pub struct Classes<'a, T> {
    /// Number of classes: a row's length.
    pub count: usize,
    /// One weight a class; without, all are 1.
    pub weights: Option<&'a [T]>,
    /// Share of the target that is spread evenly over all classes.
    pub smoothing: f64,
    /// Rows with this label have loss, weight and gradient 0.
    pub ignore: Option<i64>,
}

impl<T: Float> Classes<'_, T> {
    /// Sum of the classes' weights.
    #[inline(always)]
    fn total(&self) -> T {
        match self.weights {
            None => T::of(self.count as f64),
            Some(w) => T::of(w.iter().map(|w| w.f64()).sum()),
        }
    }
    #[inline(always)]
    fn weight(&self, class: usize) -> T {
        self.weights.map_or(T::ONE, |w| w[class])
    }
}

/// For each row the loss `-(1 - s) w[label] ln p[label] - s / count * sum(w ln p)`, the weight `w[label]` (what a mean
/// divides by the sum of; 0 when ignored), and the probabilities `p` (what [`cross_entropy_grad`] needs).
///
/// # Panics
/// When the lengths do not fit, or a label that is not ignored is outside `0..count`: callers check labels first.
pub fn cross_entropy<T: Float>(
    classes: &Classes<T>,
    logits: &[T],
    labels: &[i64],
    probabilities: &mut [T],
    losses: &mut [T],
    row_weights: &mut [T],
) {
    let (n, c) = (labels.len(), classes.count);
    assert!(logits.len() == n * c && probabilities.len() == n * c && losses.len() == n && row_weights.len() == n);
    let (p, l, w) = (Parts::new(probabilities), Parts::new(losses), Parts::new(row_weights));
    split(n, 1, (GRAIN / c.max(1)).max(2), &|r| {
        // Disjoint rows.
        let (p, l, w) = unsafe { (p.part(r.start * c..r.end * c), l.part(r.clone()), w.part(r.clone())) };
        let x = &logits[r.start * c..r.end * c];
        match c {
            1..=FEW => forward_few(classes, x, &labels[r], p, l, w),
            _ => forward(classes, x, &labels[r], p, l, w),
        }
    });
}

/// `scale` times the gradient of each row's loss by its logits. `scale` holds one factor for each row, or one for all.
///
/// # Panics
/// When the lengths do not fit, or a label that is not ignored is outside `0..count`.
pub fn cross_entropy_grad<T: Float>(
    classes: &Classes<T>,
    probabilities: &[T],
    labels: &[i64],
    scale: &[T],
    dx: &mut [T],
) {
    let (n, c) = (labels.len(), classes.count);
    assert!(probabilities.len() == n * c && dx.len() == n * c && (scale.len() == n || scale.len() == 1));
    let out = Parts::new(dx);
    split(n, 1, (2 * GRAIN / c.max(1)).max(2), &|r| {
        // Disjoint rows.
        let dx = unsafe { out.part(r.start * c..r.end * c) };
        let scale = if scale.len() == 1 { scale } else { &scale[r.clone()] };
        backward(classes, &probabilities[r.start * c..r.end * c], &labels[r], scale, dx)
    });
}

/// A row's loss and weight, from its largest logit and the logarithm of its sum.
#[inline(always)]
fn loss<T: Float>(k: &Classes<T>, x: &[T], label: i64, m: T, log_sum: T, total: T) -> (T, T) {
    if Some(label) == k.ignore {
        return (T::ZERO, T::ZERO);
    }
    let w = k.weight(label as usize);
    let mut loss = T::of(1.0 - k.smoothing) * w * (log_sum - (x[label as usize] - m));
    if k.smoothing != 0.0 {
        let mut sum = T::ZERO;
        for (j, x) in x.iter().enumerate() {
            sum += k.weight(j) * (*x - m)
        }
        loss += T::of(k.smoothing / k.count as f64) * (total * log_sum - sum);
    }
    (loss, w)
}

simd! {
    fn forward<T: Float>(k: &Classes<T>, x: &[T], labels: &[i64], p: &mut [T], losses: &mut [T], weights: &mut [T]) {
        let (c, total) = (k.count, k.total());
        for (i, &label) in labels.iter().enumerate() {
            let (x, p) = (&x[i * c..(i + 1) * c], &mut p[i * c..(i + 1) * c]);
            let m = largest(x);
            let s = exps(x, m, Some(&mut *p));
            scale(p, T::ONE / s);
            (losses[i], weights[i]) = loss(k, x, label, m, ln(s), total);
        }
    }

    /// `forward` for rows of at most [`FEW`].
    fn forward_few<T: Float>(k: &Classes<T>, x: &[T], labels: &[i64], p: &mut [T], losses: &mut [T], weights: &mut [T]) {
        let (c, total) = (k.count, k.total());
        let rows = block_rows(c);
        for (b, labels) in labels.chunks(rows).enumerate() {
            let (start, n) = (b * rows, labels.len());
            let (x, p) = (&x[start * c..(start + n) * c], &mut p[start * c..(start + n) * c]);
            let (mut m, mut s) = ([T::ZERO; ROWS], [T::ONE; ROWS]);
            few(x, c, &mut m, p, &mut s);
            for (p, s) in p.chunks_exact_mut(c).zip(&s) { scale(p, T::ONE / *s) }
            for s in &mut s { *s = ln(*s) }
            for (i, &label) in labels.iter().enumerate() {
                (losses[start + i], weights[start + i]) = loss(k, &x[i * c..(i + 1) * c], label, m[i], s[i], total);
            }
        }
    }

    fn backward<T: Float>(k: &Classes<T>, p: &[T], labels: &[i64], scale: &[T], dx: &mut [T]) {
        let c = k.count;
        let (total, smooth, hard) = (k.total(), T::of(k.smoothing / c as f64), T::of(1.0 - k.smoothing));
        for (i, &label) in labels.iter().enumerate() {
            let (p, dx) = (&p[i * c..(i + 1) * c], &mut dx[i * c..(i + 1) * c]);
            if Some(label) == k.ignore {
                dx.fill(T::ZERO);
                continue;
            }
            let g = if scale.len() == 1 { scale[0] } else { scale[i] };
            let w = hard * k.weight(label as usize);
            let all = g * (w + smooth * total);
            match k.weights {
                Some(weights) if smooth != T::ZERO => {
                    let spread = g * smooth;
                    for ((dx, p), w) in dx.iter_mut().zip(p).zip(weights) { *dx = all * *p - spread * *w }
                }
                _ => {
                    let spread = g * smooth;
                    for (dx, p) in dx.iter_mut().zip(p) { *dx = all * *p - spread }
                }
            }
            dx[label as usize] -= g * w;
        }
    }
}
