//! Matrix products against float64 sums, on every path of this machine and for any number of threads.
use nncore_kernels::cpu::{self, Path};
use nncore_kernels::gemm::{gemm, scratch_bytes, Matrix, Output};
use nncore_kernels::num::Float;
use nncore_kernels::pool::with_threads;
use proptest::prelude::*;
use std::sync::Mutex;

/// The path is one for the process.
static PATH: Mutex<()> = Mutex::new(());
fn on_every_path(test: impl Fn(Path)) {
    let _alone = PATH.lock().unwrap_or_else(|e| e.into_inner());
    let before = cpu::path();
    for path in cpu::available() {
        assert!(cpu::force(path));
        test(path);
    }
    cpu::force(before);
}

/// Numbers in [-1, 1), by xorshift.
struct Numbers(u64);
impl Numbers {
    fn vec<T: Float>(&mut self, n: usize) -> Vec<T> {
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            T::of((self.0 >> 40) as f64 / (1u64 << 23) as f64 - 1.0)
        };
        (0..n).map(|_| next()).collect()
    }
}

/// How a matrix lies in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lie {
    Rows,
    Cols,
    /// Neither stride is one.
    Loose,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    m: usize,
    n: usize,
    k: usize,
    a: Lie,
    b: Lie,
    /// Added to leading dimensions.
    pad: usize,
    bias: bool,
    accumulate: bool,
    seed: u64,
}

/// Strides of a matrix, and the elements that it spans.
fn strides(lie: Lie, rows: usize, cols: usize, pad: usize) -> ((usize, usize), usize) {
    match lie {
        Lie::Rows => ((cols + pad, 1), rows * (cols + pad)),
        Lie::Cols => ((1, rows + pad), cols * (rows + pad)),
        Lie::Loose => ((2 * cols + pad, 2), rows * (2 * cols + pad)),
    }
}

struct Data<T> {
    case: Case,
    a: Vec<T>,
    b: Vec<T>,
    c: Vec<T>,
    bias: Vec<T>,
    sa: (usize, usize),
    sb: (usize, usize),
    ldc: usize,
}

impl<T: Float> Data<T> {
    fn new(case: Case) -> Self {
        let Case { m, n, k, a, b, pad, .. } = case;
        let mut r = Numbers(case.seed | 1);
        let ((sa, na), (sb, nb)) = (strides(a, m, k, pad), strides(b, k, n, pad));
        let ldc = n + pad;
        Data { case, a: r.vec(na), b: r.vec(nb), c: r.vec(m * ldc), bias: r.vec(n), sa, sb, ldc }
    }

    fn run(&self, threads: usize) -> Vec<T> {
        let Case { m, n, k, .. } = self.case;
        let mut c = self.c.clone();
        let bytes = scratch_bytes::<T>(m, n, k, self.sa, self.sb, threads);
        // Scratch of exactly the size asked for, full of NaN, with a guard behind it.
        let numbers = bytes / size_of::<T>();
        let mut scratch = vec![T::of(f64::NAN); numbers];
        scratch.extend([T::of(77.0); 64]);
        let mut out = Output::new(c.as_mut_ptr(), self.ldc);
        if self.case.bias {
            out = out.bias(self.bias.as_ptr());
        }
        if self.case.accumulate {
            out = out.accumulate();
        }
        let a = Matrix { ptr: self.a.as_ptr(), row: self.sa.0, col: self.sa.1 };
        let b = Matrix { ptr: self.b.as_ptr(), row: self.sb.0, col: self.sb.1 };
        // The vectors have the lengths that strides and shapes span.
        with_threads(threads, || unsafe { gemm(m, n, k, a, b, out, scratch.as_mut_ptr().cast(), threads) });
        assert!(scratch[numbers..].iter().all(|x| *x == T::of(77.0)), "wrote behind the scratch: {:?}", self.case);
        c
    }

    /// Compares with sums in float64; the bound grows with the sum of absolute terms.
    fn check(&self, got: &[T], what: &str) {
        let Case { m, n, k, .. } = self.case;
        let eps = if T::IS_F32 { f32::EPSILON as f64 } else { f64::EPSILON };
        for i in 0..m {
            for j in 0..self.ldc {
                let at = i * self.ldc + j;
                let old = self.c[at].f64();
                if j >= n {
                    assert_eq!(got[at].f64(), old, "{what} wrote beside C at ({i}, {j}): {:?}", self.case);
                    continue;
                }
                let (mut sum, mut size) = (0.0, 0.0);
                let mut add = |x: f64| {
                    sum += x;
                    size += x.abs();
                };
                for p in 0..k {
                    let x = self.a[i * self.sa.0 + p * self.sa.1].f64();
                    add(x * self.b[p * self.sb.0 + j * self.sb.1].f64());
                }
                if self.case.bias {
                    add(self.bias[j].f64());
                }
                if self.case.accumulate {
                    add(old);
                }
                let bound = eps * size * (4.0 + (k as f64).sqrt());
                let err = (got[at].f64() - sum).abs();
                assert!(err <= bound, "{what} ({i}, {j}): {:?} for {sum}, error {err:e}: {:?}", got[at], self.case);
            }
        }
    }
}

fn same_bits<T: Float>(x: &[T], y: &[T]) -> bool {
    x.iter().zip(y).all(|(x, y)| x.f64().to_bits() == y.f64().to_bits())
}

/// Right on every path, and the same bits for 1 to 4 threads.
fn verify<T: Float>(case: Case) {
    let data = Data::<T>::new(case);
    on_every_path(|path| {
        let one = data.run(1);
        data.check(&one, path.name());
        for threads in 2..=4 {
            assert!(same_bits(&one, &data.run(threads)), "{} with {threads} threads: {case:?}", path.name());
        }
    });
}

fn both(case: Case) {
    verify::<f32>(case);
    verify::<f64>(case);
}

fn plain(m: usize, n: usize, k: usize, a: Lie, b: Lie) -> Case {
    Case { m, n, k, a, b, pad: 0, bias: false, accumulate: false, seed: (m * 31 + n * 7 + k) as u64 }
}

const LIES: [Lie; 3] = [Lie::Rows, Lie::Cols, Lie::Loose];

fn lie() -> impl Strategy<Value = Lie> {
    prop_oneof![4 => Just(Lie::Rows), 4 => Just(Lie::Cols), 1 => Just(Lie::Loose)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_shape_and_any_strides(
        (m, n, k) in (0usize..70, 0usize..70, 0usize..90), a in lie(), b in lie(),
        pad in 0usize..4, bias: bool, accumulate: bool, seed in 1u64..,
    ) {
        both(Case { m, n, k, a, b, pad, bias, accumulate, seed });
    }

    /// Large enough for several threads.
    #[test]
    fn shared_products(
        (m, n, k) in (20usize..160, 20usize..160, 60usize..160), a in lie(), b in lie(),
        pad in 0usize..4, bias: bool, accumulate: bool, seed in 1u64..,
    ) {
        both(Case { m, n, k, a, b, pad, bias, accumulate, seed });
    }

    #[test]
    fn few_rows_or_columns(
        thin in 0usize..10, wide in 1usize..400, k in 0usize..300, tall: bool, a in lie(), b in lie(),
        pad in 0usize..4, bias: bool, accumulate: bool, seed in 1u64..,
    ) {
        let (m, n) = if tall { (wide, thin) } else { (thin, wide) };
        both(Case { m, n, k, a, b, pad, bias, accumulate, seed });
    }
}

#[test]
fn edges() {
    for (m, n, k) in [(0, 5, 5), (5, 0, 5), (5, 5, 0), (0, 0, 0), (1, 1, 1), (1, 1, 100), (1, 100, 1), (100, 1, 1)] {
        for (a, b) in LIES.into_iter().flat_map(|a| LIES.map(|b| (a, b))) {
            for flags in 0..4 {
                let (bias, accumulate) = (flags & 1 == 1, flags & 2 == 2);
                both(Case { bias, accumulate, pad: flags, ..plain(m, n, k, a, b) });
            }
        }
    }
}

/// Every height and width of the innermost blocks, in place and with B packed.
#[test]
fn every_block_shape() {
    for m in 1..=30 {
        for n in [1, 3, 8, 9, 15, 16, 17, 31, 32, 33, 40] {
            for b in [Lie::Rows, Lie::Cols] {
                both(Case { bias: true, ..plain(m, n, 21, Lie::Rows, b) });
            }
        }
    }
}

/// Large enough for several k-blocks, for packed blocks and for real shares.
#[test]
fn large_products() {
    for (m, n, k) in
        [(200, 300, 500), (129, 1100, 390), (400, 70, 700), (9, 600, 1100), (64, 2100, 130), (300, 257, 385)]
    {
        for (a, b) in [(Lie::Rows, Lie::Rows), (Lie::Rows, Lie::Cols), (Lie::Cols, Lie::Rows), (Lie::Cols, Lie::Cols)] {
            verify::<f32>(Case { bias: true, accumulate: m % 2 == 0, pad: 3, ..plain(m, n, k, a, b) });
        }
        verify::<f64>(plain(m, n, k, Lie::Rows, Lie::Cols));
    }
}

/// A sum of products does not lose NaN and infinity, and C's old NaN does not survive being overwritten.
#[test]
fn nan_and_infinity_pass_through() {
    on_every_path(|path| {
        for (m, n) in [(1, 40), (5, 40), (40, 1), (40, 40)] {
            for b in [Lie::Rows, Lie::Cols] {
                let mut data = Data::<f32>::new(plain(m, n, 40, Lie::Rows, b));
                data.c.fill(f32::NAN);
                assert!(data.run(2).iter().all(|x| x.is_finite()), "{path:?} {m}x{n} {b:?}");
                data.a[7] = f32::NAN;
                data.b[data.sb.0 * 3] = f32::INFINITY;
                let c = data.run(2);
                assert!(c[..n].iter().all(|x| x.is_nan()), "{path:?} {m}x{n} {b:?}");
                assert!((1..m).all(|i| c[i * n].is_infinite()), "{path:?} {m}x{n} {b:?}");
                assert!((1..m).all(|i| (1..n).all(|j| c[i * n + j].is_finite())), "{path:?} {m}x{n} {b:?}");
            }
        }
    });
}
