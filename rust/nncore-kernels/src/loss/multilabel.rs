//! The hinge loss of rows with several labels each. A row's labels end at the first that is negative.
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 14;

/// The labels of a row that count.
fn counted(row: &[i64]) -> &[i64] {
    &row[..row.iter().position(|l| *l < 0).unwrap_or(row.len())]
}
/// Calls `f(label, other)` for each label and each class that is none, where the label's score is not 1 above the other's.
fn each_close<T: Float>(x: &[T], labels: &[i64], mut f: impl FnMut(usize, usize, T)) {
    let own = counted(labels);
    for (j, v) in x.iter().enumerate().filter(|(j, _)| !own.contains(&(*j as i64))) {
        for l in own {
            let z = T::ONE - x[*l as usize] + *v;
            // NaN is no slope, but a loss.
            if z > T::ZERO || z.is_nan() {
                f(*l as usize, j, z)
            }
        }
    }
}

/// `losses[i] = sum of max(0, 1 - x[i][label] + x[i][other]) / classes` over the labels and other classes of each row.
///
/// # Panics
/// When lengths do not fit, or a label is no class.
pub fn multilabel_margin<T: Float>(classes: usize, x: &[T], labels: &[i64], losses: &mut [T]) {
    assert!(x.len() == losses.len() * classes && labels.len() == x.len());
    let (n, out) = (losses.len(), Parts::new(losses));
    split(n, 1, (GRAIN / (classes * classes).max(1)).max(2), &|r| {
        // Disjoint rows.
        let losses = unsafe { out.part(r.clone()) };
        for (loss, i) in losses.iter_mut().zip(r) {
            let (row, mut sum) = (i * classes..(i + 1) * classes, T::ZERO);
            each_close(&x[row.clone()], &labels[row], |_, _, z| sum += z);
            *loss = sum / T::of(classes.max(1) as f64);
        }
    });
}

/// The slopes of [`multilabel_margin`] by the scores.
///
/// # Panics
/// When lengths do not fit, or a label is no class.
pub fn multilabel_margin_slopes<T: Float>(classes: usize, x: &[T], labels: &[i64], slopes: &mut [T]) {
    assert!(x.len() == slopes.len() && labels.len() == x.len());
    if classes == 0 {
        return;
    }
    let (n, out, step) = (x.len() / classes, Parts::new(slopes), T::ONE / T::of(classes as f64));
    split(n, 1, (GRAIN / (classes * classes)).max(2), &|r| {
        for i in r {
            let row = i * classes..(i + 1) * classes;
            // Disjoint rows.
            let slopes = unsafe { out.part(row.clone()) };
            slopes.fill(T::ZERO);
            each_close(&x[row.clone()], &labels[row], |label, other, z| {
                if z > T::ZERO {
                    slopes[label] -= step;
                    slopes[other] += step;
                }
            });
        }
    });
}
