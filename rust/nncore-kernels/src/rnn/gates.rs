//! The gates of one row: their values, and their gradients.
use crate::math::{sigmoid, tanh as tanh_of};
use crate::num::Float;

simd! {
    /// `gates` hold the sums before i, f, g and o, then their values; the cell and the hidden state take a step.
    pub fn lstm<T: Float>(gates: &mut [T], c: &mut [T], h: &mut [T]) {
        let n = h.len();
        let (i, rest) = gates.split_at_mut(n);
        let (f, rest) = rest.split_at_mut(n);
        let (g, o) = rest.split_at_mut(n);
        let (c, o) = (&mut c[..n], &mut o[..n]);
        for k in 0..n {
            i[k] = sigmoid(i[k]);
            f[k] = sigmoid(f[k]);
            g[k] = tanh_of(g[k]);
            o[k] = sigmoid(o[k]);
            c[k] = f[k].mul_add(c[k], i[k] * g[k]);
            h[k] = o[k] * tanh_of(c[k]);
        }
    }
    /// `dh` is the gradient of the hidden state after the step, `dc` that of the cell, from later steps; they become those
    /// before the step, but for what flows through the weights. `d` takes the gradients of the sums before the gates.
    pub fn lstm_back<T: Float>(gates: &[T], c: &[T], before: &[T], dh: &mut [T], dc: &mut [T], d: &mut [T]) {
        let n = dh.len();
        let (i, rest) = gates.split_at(n);
        let (f, rest) = rest.split_at(n);
        let (g, o) = rest.split_at(n);
        let (di, rest) = d.split_at_mut(n);
        let (df, rest) = rest.split_at_mut(n);
        let (dg, dout) = rest.split_at_mut(n);
        let (o, dout, c, before, dc) = (&o[..n], &mut dout[..n], &c[..n], &before[..n], &mut dc[..n]);
        for k in 0..n {
            let t = tanh_of(c[k]);
            let cell = (dh[k] * o[k]).mul_add(T::ONE - t * t, dc[k]);
            dout[k] = dh[k] * t * (o[k] * (T::ONE - o[k]));
            di[k] = cell * g[k] * (i[k] * (T::ONE - i[k]));
            df[k] = cell * before[k] * (f[k] * (T::ONE - f[k]));
            dg[k] = cell * i[k] * (T::ONE - g[k] * g[k]);
            dc[k] = cell * f[k];
            dh[k] = T::ZERO;
        }
    }
    /// `gates` hold the input's part of r, z and n, then their values; `product` the hidden state's part. `kept` is what the
    /// reset gate multiplies.
    pub fn gru<T: Float>(gates: &mut [T], product: &[T], bias: Option<&[T]>, h: &mut [T], kept: &mut [T]) {
        let n = h.len();
        let (r, rest) = gates.split_at_mut(n);
        let (z, new) = rest.split_at_mut(n);
        let (pr, rest) = product.split_at(n);
        let (pz, pn) = rest.split_at(n);
        let (new, pn, kept) = (&mut new[..n], &pn[..n], &mut kept[..n]);
        match bias {
            Some(bias) => {
                let bias = &bias[..n];
                for k in 0..n {
                    kept[k] = pn[k] + bias[k]
                }
            }
            None => kept.copy_from_slice(pn),
        }
        for k in 0..n {
            r[k] = sigmoid(r[k] + pr[k]);
            z[k] = sigmoid(z[k] + pz[k]);
            new[k] = tanh_of(r[k].mul_add(kept[k], new[k]));
            h[k] = z[k].mul_add(h[k] - new[k], new[k]);
        }
    }
    /// As `lstm_back`: `d` takes the gradients of the input's part of the sums, `dp` those of the hidden state's.
    pub fn gru_back<T: Float>(gates: &[T], kept: &[T], before: &[T], dh: &mut [T], d: &mut [T], dp: &mut [T]) {
        let n = dh.len();
        let (r, rest) = gates.split_at(n);
        let (z, new) = rest.split_at(n);
        let (dr, rest) = d.split_at_mut(n);
        let (dz, dn) = rest.split_at_mut(n);
        let (pr, rest) = dp.split_at_mut(n);
        let (pz, pn) = rest.split_at_mut(n);
        let (new, dn, pn, kept, before) = (&new[..n], &mut dn[..n], &mut pn[..n], &kept[..n], &before[..n]);
        for k in 0..n {
            let sum = dh[k] * (T::ONE - z[k]) * (T::ONE - new[k] * new[k]);
            dn[k] = sum;
            pn[k] = sum * r[k];
            dr[k] = sum * kept[k] * (r[k] * (T::ONE - r[k]));
            dz[k] = dh[k] * (before[k] - new[k]) * (z[k] * (T::ONE - z[k]));
            pr[k] = dr[k];
            pz[k] = dz[k];
            dh[k] *= z[k];
        }
    }
    /// One gate, which is the hidden state.
    pub fn tanh<T: Float>(gates: &mut [T], h: &mut [T]) {
        for (y, h) in gates.iter_mut().zip(h) {
            *y = tanh_of(*y);
            *h = *y
        }
    }
    pub fn tanh_back<T: Float>(gates: &[T], dh: &mut [T], d: &mut [T]) {
        for ((y, dh), d) in gates.iter().zip(dh).zip(d) {
            *d = *dh * (T::ONE - *y * *y);
            *dh = T::ZERO
        }
    }
    pub fn relu<T: Float>(gates: &mut [T], h: &mut [T]) {
        for (y, h) in gates.iter_mut().zip(h) {
            // Written so that NaN passes.
            *y = if *y < T::ZERO { T::ZERO } else { *y };
            *h = *y
        }
    }
    pub fn relu_back<T: Float>(gates: &[T], dh: &mut [T], d: &mut [T]) {
        for ((y, dh), d) in gates.iter().zip(dh).zip(d) {
            *d = if *y > T::ZERO { *dh } else { T::ZERO };
            *dh = T::ZERO
        }
    }
    /// `y += x`.
    pub fn add<T: Float>(y: &mut [T], x: &[T]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y += *x
        }
    }
}
