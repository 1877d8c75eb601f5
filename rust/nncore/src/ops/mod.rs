//! The one list of ops. Adding one: its file, and its line here.
use crate::op::{OpInfo, Signature};
use crate::shape::Dim;
use crate::tensor::Tensor;

macro_rules! ops {
    ($($file:ident: $($S:ident)*;)*) => {
        $(pub mod $file;)*
        /// Every op and function, by file.
        pub fn all() -> &'static [&'static OpInfo] {
            static ALL: std::sync::OnceLock<Vec<&'static OpInfo>> = std::sync::OnceLock::new();
            ALL.get_or_init(|| vec![$($(<$file::$S as Signature>::info(),)*)*])
        }
    };
}
pub mod window;
ops! {
    adam: AdamStep;
    add: Add;
    arange: Arange;
    argmax: Argmax;
    argmin: Argmin;
    assign: Assign Accumulate;
    avg_pool2d: AvgPool2d AvgPool2dGrad;
    batch_norm: BatchNorm BatchNormTraining BatchNormInference BatchNormGrad;
    cast: Cast;
    cat: Cat Stack;
    comparison: Eq Ne Lt Le Gt Ge;
    conv2d: Conv2d Conv2dInputGrad Conv2dWeightGrad;
    copy: Copy;
    cross_entropy: CrossEntropy SoftmaxCrossEntropy SoftmaxCrossEntropyGrad;
    div: Div;
    dropout: Dropout RandomDropout;
    exp: Exp;
    expand: Expand;
    eye: Eye;
    flatten: Flatten;
    full: Full;
    gather: Gather GatherGrad;
    index_select: IndexSelect IndexSelectGrad;
    linear: Linear Affine;
    linspace: Linspace;
    log: Log;
    masked_select: MaskedSelect;
    matmul: Matmul Product;
    max: Max Amax MaxDim;
    max_pool2d: MaxPool2d MaxPool2dGrad;
    mean: Mean;
    min: Min Amin MinDim;
    mul: Mul;
    neg: Neg;
    permute: Permute Transpose;
    relu: Relu ReluGrad;
    reshape: Reshape;
    rng: RngNext Uniform Normal;
    scale: Scale;
    sgd: SgdStep SgdMomentumStep;
    sigmoid: Sigmoid SigmoidGrad;
    slice: Slice SliceGrad Select;
    softmax: Softmax SoftmaxGrad LogSoftmax LogSoftmaxGrad;
    sqrt: Sqrt SqrtGrad;
    squeeze: Squeeze Unsqueeze;
    sub: Sub;
    sum: Sum;
    tanh: Tanh TanhGrad;
    where_: Where;
}

/// The op of that name.
pub fn find(name: &str) -> Option<&'static OpInfo> {
    all().iter().copied().find(|o| o.name == name)
}

/// Float64 numbers in [-1, 1) for samples: the same for the same seed, on every machine.
pub fn sample(seed: u64, dims: &[Dim]) -> Tensor {
    sample_in(seed, dims, -1.0, 1.0)
}
/// Float64 numbers in [low, high) for samples.
pub fn sample_in(seed: u64, dims: &[Dim], low: f64, high: f64) -> Tensor {
    let n: usize = dims.iter().map(|&d| d as usize).product();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let values: Vec<f64> = (0..n)
        .map(|_| {
            // xorshift64*: quality does not matter here, sameness does.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            let u = (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64;
            low + (high - low) * u
        })
        .collect();
    Tensor::from_slice(&values, dims).expect("a small tensor")
}
