//! Normalization: by channel over a batch here, by row in [`rows()`], by group of channels in [`groups()`], by
//! neighbouring channels in [`response()`].
//!
//! Batch normalization runs over a dense (rows, channels) matrix: what channels-last memory of any rank is.
//! Statistics are those of float64 to float32's accuracy whatever the mean: blocks of rows are centred on their own mean
//! and joined in float64 (Chan, Golub and LeVeque, 1983). Bits do not depend on the number of threads.
mod apply;
mod columns;
mod groups;
mod lanes;
mod planes;
mod response;
mod rows;
use crate::num::Float;
use columns::{fold, Grads, Moments};
pub use groups::{groups, groups_gradient, Groups};
pub use planes::{planes_gradient, planes_normalize, planes_statistics, Planes};
pub use response::{response, response_gradient, Response};
pub use rows::{rows, rows_gradient, rows_scratch};

/// Mean and biased variance of every channel.
///
/// # Panics
/// When `x` is no whole number of rows, or the outputs do not hold one number for each channel.
pub fn statistics<T: Float>(x: &[T], mean: &mut [T], var: &mut [T]) {
    let c = mean.len();
    assert_eq!(var.len(), c);
    let rows = whole_rows(x, c);
    fold(&Moments { x }, rows, c, |channel, [m, m2]| {
        (mean[channel], var[channel]) = (T::of(m), T::of(m2 / rows as f64));
    });
}

/// `1 / sqrt(var + eps)` for every channel.
pub fn rstd<T: Float>(var: &[T], eps: f64, rstd: &mut [T]) {
    for (r, v) in rstd.iter_mut().zip(var) {
        *r = T::ONE / (*v + T::of(eps)).sqrt();
    }
}

/// `y = (x - mean) * rstd * weight + bias` by channel: in training with the statistics of the batch, in inference with
/// the running ones.
///
/// # Panics
/// When lengths do not fit.
pub fn normalize<T: Float>(x: &[T], mean: &[T], rstd: &[T], weight: Option<&[T]>, bias: Option<&[T]>, y: &mut [T]) {
    let c = mean.len();
    assert!(x.len() == y.len() && rstd.len() == c);
    assert!(weight.is_none_or(|w| w.len() == c) && bias.is_none_or(|b| b.len() == c));
    apply::forward(x, y, whole_rows(x, c), c, &|i| {
        let scale = rstd[i] * weight.map_or(T::ONE, |w| w[i]);
        [mean[i], scale, bias.map_or(T::ZERO, |b| b[i])]
    })
}

/// Gradients of [`normalize`]: by the weight and the bias always (`dw = sum(dy (x - mean) rstd)`, `db = sum(dy)`), by
/// the input into `dx` when there is one. In `training` mean and rstd are functions of `x`, else constants.
///
/// # Panics
/// When lengths do not fit.
pub fn gradient<T: Float>(
    x: &[T],
    dy: &[T],
    mean: &[T],
    rstd: &[T],
    weight: Option<&[T]>,
    training: bool,
    dx: Option<&mut [T]>,
    dw: &mut [T],
    db: &mut [T],
) {
    let c = mean.len();
    assert!(dy.len() == x.len() && rstd.len() == c && dw.len() == c && db.len() == c);
    assert!(weight.is_none_or(|w| w.len() == c));
    let rows = whole_rows(x, c);
    fold(&Grads { x, dy, mean: &|i| mean[i] }, rows, c, |i, [sum, product]| {
        (db[i], dw[i]) = (T::of(sum), T::of(product * rstd[i].f64()));
    });
    let Some(dx) = dx else { return };
    assert_eq!(dx.len(), x.len());
    let k = if training { -1.0 / rows as f64 } else { 0.0 };
    let (dw, db) = (&*dw, &*db);
    apply::backward(x, dy, dx, rows, c, &|i| {
        // dx = scale (dy - mean(dy) - xhat mean(dy xhat)), the last two only in training.
        let scale = rstd[i] * weight.map_or(T::ONE, |w| w[i]);
        let k = scale * T::of(k);
        [mean[i], scale, k * db[i], k * rstd[i] * dw[i]]
    })
}

fn whole_rows<T>(x: &[T], c: usize) -> usize {
    if c == 0 {
        assert!(x.is_empty());
        return 0;
    }
    assert_eq!(x.len() % c, 0, "whole rows");
    x.len() / c
}
