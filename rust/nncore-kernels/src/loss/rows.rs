//! Losses of scores against labels. Labels are checked before they come here: those outside panic.
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the samples.
const GRAIN: usize = 1 << 15;

/// How labels count: scores are (samples, classes, positions), labels (samples, positions).
#[derive(Clone, Copy, Debug)]
pub struct Nll<'a, T> {
    pub classes: usize,
    pub positions: usize,
    /// One weight a class; without, all are 1.
    pub weights: Option<&'a [T]>,
    /// Elements with this label have loss, weight and gradient 0.
    pub ignore: i64,
}
impl<T: Float> Nll<'_, T> {
    fn weight(&self, label: i64) -> T {
        match self.weights {
            _ if label == self.ignore => T::ZERO,
            None => T::ONE,
            Some(w) => w[label as usize],
        }
    }
}

/// For each label the loss `-weight[label] * x[label]` into `losses` where there is somewhere to; the sums of losses and
/// of weights.
///
/// # Panics
/// When lengths do not fit, or a label is neither ignored nor a class.
pub fn nll<T: Float>(p: &Nll<T>, x: &[T], labels: &[i64], mut losses: Option<&mut [T]>) -> (f64, f64) {
    assert_eq!(x.len(), labels.len() * p.classes);
    let mut totals = (0.0, 0.0);
    for (i, &label) in labels.iter().enumerate() {
        let w = p.weight(label);
        let (n, s) = (i / p.positions, i % p.positions);
        // Not read where ignored: the label may be no class.
        let loss = match label == p.ignore {
            true => T::ZERO,
            false => -w * x[(n * p.classes + label as usize) * p.positions + s],
        };
        if let Some(losses) = &mut losses {
            losses[i] = loss
        }
        totals = (totals.0 + loss.f64(), totals.1 + w.f64());
    }
    totals
}

/// Gradient of [`nll`] by the scores, times `g`: one number for each label, or one for all.
///
/// # Panics
/// When lengths do not fit, or a label is neither ignored nor a class.
pub fn nll_gradient<T: Float>(p: &Nll<T>, labels: &[i64], g: &[T], dx: &mut [T]) {
    assert!(dx.len() == labels.len() * p.classes && (g.len() == labels.len() || g.len() == 1));
    let (size, n) = (p.classes * p.positions, p.positions);
    if dx.is_empty() {
        return;
    }
    let out = Parts::new(dx);
    split(labels.len() / n, 1, (GRAIN / size).max(2), &|r| {
        // Disjoint samples.
        let dx = unsafe { out.part(r.start * size..r.end * size) };
        dx.fill(T::ZERO);
        for i in r.start * n..r.end * n {
            if labels[i] != p.ignore {
                let g = if g.len() == 1 { g[0] } else { g[i] };
                dx[(i / n - r.start) * size + labels[i] as usize * n + i % n] = -g * p.weight(labels[i]);
            }
        }
    });
}

/// Multi-class hinge: `sum over j != label of max(0, margin - x[label] + x[j])^power * weight[label] / classes`.
#[derive(Clone, Copy, Debug)]
pub struct Margin<'a, T> {
    pub classes: usize,
    /// 1 or 2.
    pub power: i64,
    pub margin: T,
    pub weights: Option<&'a [T]>,
}
impl<T: Float> Margin<'_, T> {
    /// The factor of a row with that label.
    fn factor(&self, label: usize) -> T {
        self.weights.map_or(T::ONE, |w| w[label]) / T::of(self.classes as f64)
    }
}

/// One loss a row.
///
/// # Panics
/// When lengths do not fit, or a label is no class.
pub fn multi_margin<T: Float>(p: &Margin<T>, x: &[T], labels: &[i64], losses: &mut [T]) {
    let c = p.classes;
    assert!(x.len() == labels.len() * c && losses.len() == labels.len());
    let out = Parts::new(losses);
    split(labels.len(), 1, (GRAIN / c.max(1)).max(2), &|r| {
        // Disjoint rows.
        let losses = unsafe { out.part(r.clone()) };
        for (loss, i) in losses.iter_mut().zip(r) {
            let (row, label) = (&x[i * c..(i + 1) * c], labels[i] as usize);
            let mut sum = T::ZERO;
            for (j, v) in row.iter().enumerate() {
                let z = p.margin - row[label] + *v;
                if j != label && z > T::ZERO {
                    sum += if p.power == 1 { z } else { z * z };
                }
            }
            *loss = sum * p.factor(label);
        }
    });
}

/// Gradient of [`multi_margin`] by the scores, times `g`: one number for each row, or one for all.
///
/// # Panics
/// When lengths do not fit, or a label is no class.
pub fn multi_margin_gradient<T: Float>(p: &Margin<T>, x: &[T], labels: &[i64], g: &[T], dx: &mut [T]) {
    let c = p.classes;
    assert!(x.len() == labels.len() * c && dx.len() == x.len() && (g.len() == labels.len() || g.len() == 1));
    let out = Parts::new(dx);
    split(labels.len(), 1, (GRAIN / c.max(1)).max(2), &|r| {
        // Disjoint rows.
        let dx = unsafe { out.part(r.start * c..r.end * c) };
        for (dx, i) in dx.chunks_exact_mut(c.max(1)).zip(r) {
            let (row, label) = (&x[i * c..(i + 1) * c], labels[i] as usize);
            let k = p.factor(label) * if g.len() == 1 { g[0] } else { g[i] };
            let mut sum = T::ZERO;
            for (j, v) in row.iter().enumerate() {
                let z = p.margin - row[label] + *v;
                dx[j] = match j != label && z > T::ZERO {
                    true if p.power == 1 => k,
                    true => k * (z + z),
                    false => T::ZERO,
                };
                sum += dx[j];
            }
            dx[label] = -sum;
        }
    });
}
