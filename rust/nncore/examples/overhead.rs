//! What a call costs beside its arithmetic: relu on 16 numbers, with and without the tape.
use nncore::{ops, Tensor};
use std::hint::black_box;
use std::time::Instant;

fn main() -> nncore::Result<()> {
    let x = Tensor::from_slice(&[0.5f32; 16], &[16])?;
    let leaf = x.leaf();
    for (name, t) in [("relu on 16 numbers", &x), ("the same on the tape", &leaf)] {
        let mut times: Vec<f64> = (0..31)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..20_000 {
                    black_box(ops::relu::relu(black_box(t)).expect("relu"));
                }
                start.elapsed().as_secs_f64() / 20_000.0
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("{name}: {:.0} ns", times[15] * 1e9);
    }
    Ok(())
}
