//! Matrix products. Elements a second are floating-point operations a second. Ids are MxKxN, then how A and B lie
//! (`n` by rows, `t` transposed), then the path where it is not the best one.
use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use nncore_kernels::cpu;
use nncore_kernels::gemm::{gemm, scratch_bytes, Matrix, Output};
use nncore_kernels::num::Float;
use nncore_kernels::pool::threads;

fn product<T: Float>(c: &mut Criterion, name: &str, (m, k, n): (usize, usize, usize), (at, bt): (bool, bool)) {
    let numbers = |len: usize| (0..len).map(|i| T::of((i * 7919 % 1009) as f64 / 1009.0 - 0.5)).collect::<Vec<_>>();
    let (a, b, mut out) = (numbers(m * k), numbers(k * n), numbers(m * n));
    let a = if at { Matrix::cols(a.as_ptr(), m) } else { Matrix::rows(a.as_ptr(), k) };
    let b = if bt { Matrix::cols(b.as_ptr(), k) } else { Matrix::rows(b.as_ptr(), n) };
    let bytes = scratch_bytes::<T>(m, n, k, a.strides(), b.strides(), threads());
    // Whole lines of 64 bytes.
    let mut scratch = vec![[0u64; 8]; bytes / 64 + 2];
    let scratch = scratch.as_mut_ptr() as usize;
    let scratch = scratch.next_multiple_of(64) as *mut u8;
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(2 * (m * n * k) as u64));
    let lie = |t: bool| if t { "t" } else { "n" };
    group.bench_function(format!("{m}x{k}x{n}/{}{}", lie(at), lie(bt)), |bench| {
        // The vectors hold what the shapes say.
        bench.iter(|| unsafe { gemm(m, n, k, a, b, Output::new(out.as_mut_ptr(), n), scratch, threads()) })
    });
}

fn products(c: &mut Criterion) {
    let plain = (false, false);
    for size in [32, 64, 128, 256, 512, 1024] {
        for lie in [plain, (false, true), (true, false)] {
            product::<f32>(c, "gemm", (size, size, size), lie);
        }
    }
    // Layers of small networks: forward (B transposed), input gradient, weight gradient (A transposed).
    for (batch, i, o) in [(32, 64, 32), (32, 32, 10), (64, 400, 120), (128, 784, 512), (1, 784, 512), (8, 1024, 1024)] {
        product::<f32>(c, "gemm", (batch, i, o), (false, true));
        product::<f32>(c, "gemm", (batch, o, i), plain);
        product::<f32>(c, "gemm", (o, batch, i), (true, false));
    }
    product::<f64>(c, "gemm_f64", (256, 256, 256), plain);
    let best = cpu::path();
    for path in cpu::available().into_iter().skip(1) {
        cpu::force(path);
        product::<f32>(c, &format!("gemm_{}", path.name()), (256, 256, 256), plain);
        product::<f64>(c, &format!("gemm_f64_{}", path.name()), (256, 256, 256), plain);
    }
    cpu::force(best);
}

criterion_group!(benches, products);
criterion_main!(benches);
