//! Optimizer updates of one parameter in a single pass, by PyTorch's formulas.
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 16;

/// Stochastic gradient descent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sgd {
    pub lr: f64,
    pub momentum: f64,
    /// Keeps this share of a gradient out of the momentum.
    pub dampening: f64,
    /// L2: added to the gradient, times the parameter.
    pub weight_decay: f64,
    pub nesterov: bool,
    /// The first step sets the momentum to the gradient, undamped, whatever it held.
    pub first: bool,
}

/// `g += weight_decay p; v = momentum v + (1 - dampening) g; p -= lr v` (or `p -= lr (g + momentum v)` by Nesterov).
/// `velocity` is empty, and not kept, when momentum is 0.
///
/// # Panics
/// When the lengths differ.
pub fn sgd<T: Float>(c: &Sgd, param: &mut [T], grad: &[T], velocity: &mut [T]) {
    let n = param.len();
    assert_eq!(grad.len(), n);
    assert_eq!(velocity.len(), if c.momentum == 0.0 { 0 } else { n });
    let (p, v) = (Parts::new(param), Parts::new(velocity));
    split(n, 16, GRAIN, &|r| {
        // Disjoint ranges.
        let p = unsafe { p.part(r.clone()) };
        if c.momentum == 0.0 {
            plain(T::of(c.lr), T::of(c.weight_decay), p, &grad[r])
        } else {
            momentum(c, p, &grad[r.clone()], unsafe { v.part(r) })
        }
    });
}

simd! {
    fn plain<T: Float>(lr: T, decay: T, p: &mut [T], g: &[T]) {
        for (p, g) in p.iter_mut().zip(g) {
            *p = (-lr).mul_add(decay.mul_add(*p, *g), *p);
        }
    }

    fn momentum<T: Float>(c: &Sgd, p: &mut [T], g: &[T], v: &mut [T]) {
        let (lr, decay) = (T::of(-c.lr), T::of(c.weight_decay));
        // On the first step the old velocity may be anything, even NaN: it is not read.
        let (keep, new) = if c.first { (T::ZERO, T::ONE) } else { (T::of(c.momentum), T::of(1.0 - c.dampening)) };
        let (ahead, direct) = if c.nesterov { (T::of(c.momentum), T::ONE) } else { (T::ONE, T::ZERO) };
        if c.first { v.fill(T::ZERO) }
        for ((p, g), v) in p.iter_mut().zip(g).zip(v) {
            let g = decay.mul_add(*p, *g);
            *v = keep.mul_add(*v, new * g);
            let step = if c.nesterov { ahead.mul_add(*v, direct * g) } else { *v };
            *p = lr.mul_add(step, *p);
        }
    }
}

/// Adam (Kingma and Ba, 2015), or AdamW (Loshchilov and Hutter, 2019) when `decoupled`.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    pub lr: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    /// Times the parameter: added to the gradient (L2), or, `decoupled`, shrinks the parameter by `lr` of it.
    pub weight_decay: f64,
    pub decoupled: bool,
    /// This step's number, from 1.
    pub step: u64,
}

/// `m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps)`.
///
/// # Panics
/// When the lengths differ.
pub fn adam<T: Float>(c: &Adam, param: &mut [T], grad: &[T], m: &mut [T], v: &mut [T]) {
    let n = param.len();
    assert!(grad.len() == n && m.len() == n && v.len() == n);
    let (p, m, v) = (Parts::new(param), Parts::new(m), Parts::new(v));
    split(n, 16, GRAIN, &|r| {
        // Disjoint ranges.
        let (p, m, v) = unsafe { (p.part(r.clone()), m.part(r.clone()), v.part(r.clone())) };
        adam_step(c, p, &grad[r], m, v)
    });
}

simd! {
    fn adam_step<T: Float>(c: &Adam, p: &mut [T], g: &[T], m: &mut [T], v: &mut [T]) {
        // Scalars in float64, once.
        let lr = T::of(-c.lr / (1.0 - c.beta1.powf(c.step as f64)));
        let root = T::of(1.0 / (1.0 - c.beta2.powf(c.step as f64)).sqrt());
        let (b1, b2, eps) = (T::of(1.0 - c.beta1), T::of(c.beta2), T::of(c.eps));
        let b2_new = T::of(1.0 - c.beta2);
        let (shrink, decay) = if c.decoupled { (T::of(1.0 - c.lr * c.weight_decay), T::ZERO) } else { (T::ONE, T::of(c.weight_decay)) };
        for (((p, g), m), v) in p.iter_mut().zip(g).zip(m).zip(v) {
            let old = *p * shrink;
            let g = decay.mul_add(*p, *g);
            *m = b1.mul_add(g - *m, *m);
            *v = b2.mul_add(*v, b2_new * g * g);
            *p = lr.mul_add(*m / (*v).sqrt().mul_add(root, eps), old);
        }
    }
}
