//! What small and middle-sized calls cost: medians of nanoseconds a call, GB/s where large.
//! `cargo bench -p nncore-kernels --bench small`
use nncore_kernels::pointwise::*;
use nncore_kernels::{cpu, math};
use std::hint::black_box;
use std::time::Instant;

/// Median nanoseconds of one call.
fn time(mut f: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut calls = 0u64;
    while start.elapsed().as_millis() < 5 {
        f();
        calls += 1;
    }
    let batch = (calls / 50).max(1);
    let mut all: Vec<f64> = (0..21)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..batch {
                f()
            }
            start.elapsed().as_nanos() as f64 / batch as f64
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all[10]
}

fn report(name: &str, n: usize, bytes: usize, ns: f64) {
    println!("{name:28} {n:>9}  {ns:>11.1} ns  {:>8.2} GB/s", bytes as f64 / ns);
}

macro_rules! map {
    ($name:ident, $n:literal, $cost:literal, $x:pat => $y:expr) => {
        struct $name;
        impl Map for $name {
            type In = [f32; $n];
            type Out = f32;
            const COST: usize = $cost;
            #[inline(always)]
            fn eval(&self, $x: [f32; $n]) -> f32 {
                $y
            }
        }
    };
}
map!(Relu, 1, 1, [x] => if x < 0.0 { 0.0 } else { x });
map!(Exp, 1, 8, [x] => math::exp(x));
map!(Ln, 1, 8, [x] => math::ln(x));
map!(Tanh, 1, 16, [x] => math::tanh(x));
map!(Sigmoid, 1, 16, [x] => math::sigmoid(x));
map!(Add, 2, 1, [a, b] => a + b);

fn main() {
    println!("path {}, {} threads", cpu::path().name(), nncore_kernels::pool::threads());
    for n in [1, 10, 16, 100, 1024, 65536, 1 << 22] {
        let (a, b) = (vec![0.5f32; n], vec![0.25f32; n]);
        let mut y = vec![0f32; n];
        let mut unary = |name: &str, f: &dyn Fn(&[f32], &mut [f32])| {
            report(name, n, 8 * n, time(|| f(black_box(&a), black_box(&mut y))))
        };
        unary("relu", &|x, y| flat1(&Relu, x, y));
        unary("exp", &|x, y| flat1(&Exp, x, y));
        unary("ln", &|x, y| flat1(&Ln, x, y));
        unary("tanh", &|x, y| flat1(&Tanh, x, y));
        unary("sigmoid", &|x, y| flat1(&Sigmoid, x, y));
        report("add", n, 12 * n, time(|| flat2(&Add, black_box(&a), black_box(&b), black_box(&mut y))));
        let p = black_box(y.as_mut_ptr());
        report("relu in place", n, 8 * n, time(|| unsafe { flat(&Relu, [p.cast(); 3], p, n) }));
    }
    for (rows, cols) in [(64, 6), (12544, 6), (12544, 84), (128, 512)] {
        let (a, b) = (vec![0.5f32; rows * cols], vec![0.25f32; cols.max(rows)]);
        let mut y = vec![0f32; rows * cols];
        let c = cols as isize;
        for (name, s) in [("add (R, C) + (C,)", [0, 1]), ("add (R, C) + (R, 1)", [1, 0])] {
            let x = [a.as_ptr().cast(), b.as_ptr().cast(), std::ptr::null()];
            let t = time(|| unsafe { map(&Add, black_box(&[rows, cols]), x, &[&[c, 1], &s], y.as_mut_ptr(), &[c, 1]) });
            report(&format!("{name} C={cols}"), rows * cols, 8 * rows * cols, t);
        }
    }
    for (channels, pixels) in [(3, 1024 * 32), (6, 784 * 64), (64, 56 * 56 * 4), (512, 49)] {
        let x = vec![1f32; channels * pixels];
        let mut y = vec![0f32; channels * pixels];
        let (c, p) = (channels as isize, pixels as isize);
        for (name, s, d) in [("NCHW to NHWC", [1, p], [c, 1]), ("NHWC to NCHW", [c, 1], [1, p])] {
            let t = time(|| unsafe { copy(&[pixels, channels], x.as_ptr().cast(), &s, y.as_mut_ptr().cast(), &d, 4) });
            report(&format!("{name} C={channels}"), x.len(), 8 * x.len(), t);
        }
    }
}
