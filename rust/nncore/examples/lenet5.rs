//! Trains LeNet-5 on the digits that the Python package ships, with no Python:
//! `cargo run --release --example lenet5 -p nncore`.
#[path = "../tests/common/mod.rs"]
mod lenet;

use lenet::LeNet;
use nncore::{capture, no_grad, Tensor};
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

const BATCH: usize = 64;
const EPOCHS: usize = 20;
const SIZE: usize = 28;

fn main() -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/nncore/data/digits.npz");
    let mut archive = npyz::npz::NpzArchive::new(File::open(path)?)?;
    let (train_x, train_y) = (images(&mut archive, "train_x")?, labels(&mut archive, "train_y")?);
    let (test_x, test_y) = (images(&mut archive, "test_x")?, labels(&mut archive, "test_y")?);
    let net = LeNet::new(1, 0.0)?;
    let batches = train_y.len() / BATCH;
    let mut program = None;
    let start = Instant::now();
    for epoch in 0..EPOCHS {
        net.set_lr(0.05 / (1.0 + epoch as f64 / 5.0))?;
        let order = shuffled(train_y.len(), epoch as u64);
        let mut total = 0.0;
        for rows in order.chunks_exact(BATCH) {
            let (x, y) = gather(&train_x, &train_y, rows)?;
            let loss = match &mut program {
                None => {
                    let (mut out, p) = capture::record(&[x, y], |a| Ok(vec![net.step(&a[0], &a[1])?]))?;
                    program = Some(p);
                    out.swap_remove(0)
                }
                Some(p) => p.replay(&[&x, &y])?.swap_remove(0),
            };
            total += loss.item()?;
        }
        println!("epoch {:2}  loss {:.4}", epoch + 1, total / batches as f64);
    }
    println!("{:.2} s", start.elapsed().as_secs_f64());
    let all: Vec<usize> = (0..test_y.len()).collect();
    let (x, y) = gather(&test_x, &test_y, &all)?;
    let logits = no_grad(|| net.forward(&x, false))?.to_vec::<f32>()?;
    let best = |row: &[f32]| (0..10).max_by(|&a, &b| row[a].total_cmp(&row[b])).expect("ten classes");
    let right = logits.chunks(10).zip(y.to_vec::<i64>()?).filter(|(row, y)| best(row) as i64 == *y).count();
    println!("test accuracy: {:.1}%", 100.0 * right as f64 / test_y.len() as f64);
    Ok(())
}

fn bytes<R: Read + std::io::Seek>(
    archive: &mut npyz::npz::NpzArchive<R>,
    name: &str,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let array = archive.by_name(name)?.ok_or_else(|| format!("no {name} in the file"))?;
    Ok(array.into_vec::<u8>()?)
}
fn labels<R: Read + std::io::Seek>(
    archive: &mut npyz::npz::NpzArchive<R>,
    name: &str,
) -> Result<Vec<i64>, Box<dyn Error>> {
    Ok(bytes(archive, name)?.into_iter().map(i64::from).collect())
}
/// 8x8 images of 0..=16 as 28x28 of 0..=1, bilinearly with half-pixel centres.
fn images<R: Read + std::io::Seek>(
    archive: &mut npyz::npz::NpzArchive<R>,
    name: &str,
) -> Result<Vec<f32>, Box<dyn Error>> {
    let at = |i: usize| {
        let p = ((i as f32 + 0.5) * 8.0 / SIZE as f32 - 0.5).clamp(0.0, 7.0);
        (p as usize, (p as usize + 1).min(7), p.fract())
    };
    let mut out = vec![];
    for image in bytes(archive, name)?.chunks(64) {
        let pixel = |r: usize, c: usize| f32::from(image[8 * r + c]) / 16.0;
        for (r0, r1, v) in (0..SIZE).map(at) {
            for (c0, c1, u) in (0..SIZE).map(at) {
                let top = pixel(r0, c0) + (pixel(r0, c1) - pixel(r0, c0)) * u;
                let bottom = pixel(r1, c0) + (pixel(r1, c1) - pixel(r1, c0)) * u;
                out.push(top + (bottom - top) * v);
            }
        }
    }
    Ok(out)
}
fn gather(x: &[f32], y: &[i64], rows: &[usize]) -> nncore::Result<(Tensor, Tensor)> {
    const PIXELS: usize = SIZE * SIZE;
    let pixels: Vec<f32> = rows.iter().flat_map(|&r| &x[r * PIXELS..(r + 1) * PIXELS]).copied().collect();
    let labels: Vec<i64> = rows.iter().map(|&r| y[r]).collect();
    let n = rows.len() as u32;
    Ok((Tensor::from_slice(&pixels, &[n, 1, SIZE as u32, SIZE as u32])?, Tensor::from_slice(&labels, &[n])?))
}
/// Fisher-Yates over a counter-based generator.
fn shuffled(n: usize, epoch: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        let r = nncore_kernels::random::philox(7, epoch, i as u64);
        order.swap(i, (r[0] as usize) % (i + 1));
    }
    order
}
