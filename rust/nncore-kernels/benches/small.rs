//! What small and middle-sized calls cost: medians of nanoseconds a call, GB/s where large.
//! `cargo bench -p nncore-kernels --bench small`
use nncore_kernels::optim::{Rule, States};
use nncore_kernels::pointwise::*;
use nncore_kernels::{cpu, math, norm, optim, pooling, random, reduce, softmax};
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
    reductions();
    rows();
    layers();
    streams();
}

fn reductions() {
    for (dims, mask, name) in [
        (vec![16], 1, "sum all"),
        (vec![1 << 16], 1, "sum all"),
        (vec![1 << 22], 1, "sum all"),
        (vec![64, 10], 2, "sum rows"),
        (vec![64, 10], 1, "sum columns"),
        (vec![12544, 6], 1, "sum columns"),
        (vec![6400, 16], 1, "sum columns"),
        (vec![128, 512], 1, "sum columns"),
        (vec![12544, 256], 1, "sum columns"),
        (vec![1024, 1024], 2, "sum rows"),
    ] {
        let n: usize = dims.iter().product();
        let strides: Vec<isize> = (0..dims.len()).map(|i| dims[i + 1..].iter().product::<usize>() as isize).collect();
        let x = vec![0.5f32; n];
        let outputs: usize = (0..dims.len()).filter(|i| mask >> i & 1 == 0).map(|i| dims[i]).product();
        let (mut y, mut at) = (vec![0f32; outputs], vec![0i64; outputs]);
        let t = time(|| unsafe { reduce::sum(black_box(&dims), &strides, mask, x.as_ptr(), black_box(&mut y)) });
        report(&format!("{name} {dims:?}"), n, 4 * n, t);
        let t = time(|| unsafe { reduce::max(black_box(&dims), &strides, mask, x.as_ptr(), black_box(&mut y)) });
        report(&format!("{} {dims:?}", name.replace("sum", "max")), n, 4 * n, t);
        let t = time(|| unsafe { reduce::argmax(black_box(&dims), &strides, mask, x.as_ptr(), black_box(&mut at)) });
        report(&format!("{} {dims:?}", name.replace("sum", "argmax")), n, 4 * n, t);
    }
}

fn rows() {
    for (r, c) in [(1, 10), (64, 10), (128, 100), (64, 1000), (2048, 1000)] {
        let n = r * c;
        let (x, mut y, mut dx) = (vec![0.5f32; n], vec![0f32; n], vec![0f32; n]);
        report(&format!("softmax {r}x{c}"), n, 8 * n, time(|| softmax::softmax(black_box(&x), &mut y, c, 1)));
        report(&format!("log_softmax {r}x{c}"), n, 8 * n, time(|| softmax::log_softmax(black_box(&x), &mut y, c, 1)));
        report(
            &format!("softmax_grad {r}x{c}"),
            n,
            12 * n,
            time(|| softmax::softmax_grad(black_box(&x), &y, &mut dx, c, 1)),
        );
        let k = softmax::Classes { count: c, weights: None, smoothing: 0.0, ignore: Some(-100) };
        let (labels, mut l, mut w) = (vec![3i64; r], vec![0f32; r], vec![0f32; r]);
        let t = time(|| softmax::cross_entropy(&k, black_box(&x), &labels, &mut y, &mut l, &mut w));
        report(&format!("cross_entropy {r}x{c}"), n, 8 * n, t);
        let t = time(|| softmax::cross_entropy_grad(&k, black_box(&x), &labels, &[0.1], &mut dx));
        report(&format!("cross_entropy_grad {r}x{c}"), n, 8 * n, t);
    }
    let n = 4 * 64 * 3136;
    let (x, mut y) = (vec![0.5f32; n], vec![0f32; n]);
    report("softmax channels NCHW", n, 8 * n, time(|| softmax::softmax(black_box(&x), &mut y, 64, 3136)));
}

fn layers() {
    for (r, c) in [(50176, 6), (6400, 16), (32768, 64), (2048, 512)] {
        let n = r * c;
        let (x, dy, mut y) = (vec![0.5f32; n], vec![0.25f32; n], vec![0f32; n]);
        let (mut m, mut v, w) = (vec![0f32; c], vec![0f32; c], vec![1f32; c]);
        report(
            &format!("batch norm stats {r}x{c}"),
            n,
            4 * n,
            time(|| norm::statistics(black_box(&x), &mut m, &mut v)),
        );
        let t = time(|| norm::normalize(black_box(&x), &m, &w, Some(&w), Some(&v), &mut y));
        report(&format!("batch norm apply {r}x{c}"), n, 8 * n, t);
        let t = time(|| {
            norm::gradient(black_box(&x), &dy, &m, &w, Some(&w), true, Some(&mut y), &mut v.clone(), &mut vec![0.0; c])
        });
        report(&format!("batch norm grad {r}x{c}"), n, 20 * n, t);
    }
    for (batch, channels, size, kernel, stride) in
        [(64, 6, 28, 2, 2), (64, 16, 10, 2, 2), (4, 64, 112, 3, 2), (1, 64, 112, 2, 2), (32, 512, 7, 7, 7)]
    {
        let out = (size - kernel) / stride + 1;
        let p = pooling::Pool {
            batch,
            channels,
            input: [1, size, size],
            output: [1, out, out],
            kernel: [1, kernel, kernel],
            stride: [1, stride, stride],
            padding: [0; 3],
            dilation: [1; 3],
            adaptive: false,
        };
        let (n, m) = (batch * channels * size * size, batch * channels * out * out);
        let (x, mut y, mut i, mut dx) = (vec![0.5f32; n], vec![0f32; m], vec![0u8; m], vec![0f32; n]);
        let name = format!("{batch}x{channels}x{size} k{kernel}");
        report(
            &format!("max_pool2d {name}"),
            n,
            4 * n + 5 * m,
            time(|| pooling::max_pool(&p, black_box(&x), &mut y, &mut i)),
        );
        report(
            &format!("  grad {name}"),
            n,
            4 * n + 5 * m,
            time(|| pooling::max_pool_grad(&p, black_box(&y), &i, &mut dx)),
        );
        report(
            &format!("avg_pool2d {name}"),
            n,
            4 * n + 4 * m,
            time(|| pooling::avg_pool(&p, pooling::Divisor::Padded, black_box(&x), &mut y)),
        );
        report(
            &format!("  grad {name}"),
            n,
            4 * n + 4 * m,
            time(|| pooling::avg_pool_grad(&p, pooling::Divisor::Padded, black_box(&y), &mut dx)),
        );
    }
}

/// What steps of optimizers are like: a product and a sum, or a root and a division besides.
struct Momentum;
impl Rule<f32> for Momentum {
    #[inline(always)]
    fn eval(&self, p: f32, g: f32, [m, ..]: States<f32>) -> (f32, States<f32>) {
        let m = m.mul_add(0.9, g);
        (m.mul_add(-1e-9, p), [m, 0.0, 0.0])
    }
}
struct Adam;
impl Rule<f32> for Adam {
    #[inline(always)]
    fn eval(&self, p: f32, g: f32, [m, v, _]: States<f32>) -> (f32, States<f32>) {
        let (m, v) = ((g - m).mul_add(0.1, m), v.mul_add(0.999, 0.001 * g * g));
        ((m / v.sqrt().mul_add(1.1, 1e-8)).mul_add(-1e-9, p), [m, v, 0.0])
    }
    #[inline(always)]
    fn measure(&self, p: f32, g: f32, [m, v, _]: States<f32>) -> ([f32; 2], States<f32>) {
        ([p, m / v.sqrt().mul_add(1.1, 1e-8)], [m, v, g])
    }
}

fn streams() {
    for n in [16, 1024, 65536, 1 << 22] {
        let (x, mut y) = (vec![0.5f32; n], vec![0f32; n]);
        report("uniform", n, 4 * n, time(|| random::uniform(1, 2, black_box(&mut y))));
        report("normal", n, 4 * n, time(|| random::normal(1, 2, black_box(&mut y))));
        let mut kept = vec![0; random::mask_bytes(n)];
        report("dropout", n, 8 * n, time(|| random::dropout(1, 2, 0.5, 2.0, black_box(&x), &mut y, &mut kept)));
        report("masked", n, 8 * n, time(|| random::masked(&kept, 2.0, black_box(&x), &mut y)));
        let (mut p, mut m, mut v) = (vec![0.5f32; n], vec![0f32; n], vec![0f32; n]);
        report(
            "step of one state",
            n,
            20 * n,
            time(|| optim::update::<_, _, 0b001>(&Momentum, &mut p, black_box(&x), [&mut m, &mut [], &mut []])),
        );
        report(
            "step of two states",
            n,
            28 * n,
            time(|| optim::update::<_, _, 0b011>(&Adam, &mut p, black_box(&x), [&mut m, &mut v, &mut []])),
        );
        report(
            "norms of two states",
            n,
            16 * n,
            time(|| {
                black_box(optim::measure::<_, _, 0b011>(&Adam, &p, black_box(&x), [&mut m, &mut v, &mut []]));
            }),
        );
    }
}
