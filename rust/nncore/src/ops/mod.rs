//! The one list of ops. Adding one: its file, and its line here.
use crate::op::{OpInfo, Signature};
use crate::shape::Dim;
use crate::tensor::Tensor;

pub mod dense;
pub mod places;
pub mod window;

macro_rules! ops {
    ($($group:ident { $($file:ident: $($S:ident)*;)* })*) => {
        $(pub mod $group {
            $(pub mod $file;)*
        }
        // An op is found by its file's name alone, wherever that lies.
        pub use $group::{$($file),*};)*
        /// Every op and function with the folder that it lies in, by file.
        pub fn groups() -> &'static [(&'static str, &'static OpInfo)] {
            static ALL: std::sync::OnceLock<Vec<(&'static str, &'static OpInfo)>> = std::sync::OnceLock::new();
            ALL.get_or_init(|| vec![$($($((stringify!($group), <$file::$S as Signature>::info()),)*)*)*])
        }
    };
}
ops! {
    elementwise {
        abs: Abs Sign;
        add: Add;
        addcmul: Addcmul Addcdiv;
        atan2: Atan2;
        bitwise: BitwiseAnd BitwiseOr BitwiseXor BitwiseNot;
        clamp: Clamp ClampMin ClampMax ClampBoth;
        comparison: Eq Ne Lt Le Gt Ge;
        div: Div;
        erf: Erf Erfc;
        exp: Exp;
        exp2: Exp2 Expm1;
        floor: Floor Ceil Trunc;
        frac: Frac;
        isfinite: Isfinite Isinf Isnan;
        lerp: Lerp;
        log: Log;
        log1p: Log1p Log2 Log10;
        logical: LogicalAnd LogicalOr LogicalXor LogicalNot;
        maximum: Maximum Minimum;
        mul: Mul;
        neg: Neg;
        pass: PassGe PassAbove PassLarger;
        pow: Pow PowNumber PowFixed Cube NumberPow;
        remainder: Fmod Remainder FloorDivide;
        round: Round;
        scale: Scale;
        sqrt: Sqrt SqrtGrad;
        square: Square Reciprocal Rsqrt;
        sub: Sub;
        trigonometry: Sin Cos Tan Asin Acos Atan Sinh Cosh;
        where_: Where;
    }
    activation {
        elu: Elu Selu Celu EluScaled EluScaledGrad;
        gelu: Gelu GeluErf GeluErfGrad GeluTanh GeluTanhGrad;
        glu: Glu GluGrad;
        hardswish: Hardswish HardswishGrad Hardsigmoid;
        hardtanh: Hardtanh HardtanhGrad Relu6;
        leaky_relu: LeakyRelu LeakyReluGrad;
        logsigmoid: Logsigmoid LogsigmoidGrad;
        mish: Mish MishGrad;
        prelu: Prelu PreluChannels PreluInputGrad;
        relu: Relu ReluGrad;
        shrink: Softshrink Hardshrink ShrinkGrad Tanhshrink;
        sigmoid: Sigmoid SigmoidGrad;
        silu: Silu SiluGrad;
        softmax: Softmax SoftmaxGrad LogSoftmax LogSoftmaxGrad;
        softmin: Softmin;
        softplus: Softplus SoftplusGrad;
        softsign: Softsign SoftsignGrad;
        tanh: Tanh TanhGrad;
        threshold: Threshold ThresholdGrad;
    }
    reduce {
        any: Any All CountNonzero;
        argmax: Argmax Argmin;
        cummax: Cummax Cummin;
        cumsum: Cumsum SumsAlong Cumprod ProductsAlong LinearAlong;
        extreme: Max Amax MaxDim Min Amin MinDim;
        logsumexp: Logsumexp LogsumexpGrad;
        mean: MeanAs Mean;
        median: Kthvalue Median Nanmedian RankAlong;
        nansum: Nansum NansumFloat Nanmean Aminmax;
        prod: Prod ProdAlong;
        quantile: Quantile Nanquantile QuantilePlaces;
        searchsorted: Searchsorted SearchLines Bucketize Bincount CountEach Histc;
        sort: Sort Argsort Topk;
        sum: SumAs Sum;
        var: Var Std VarMean StdMean Moments;
        vector_norm: Norm VectorNorm PNorm PNormGrad;
    }
    layout {
        broadcast_to: BroadcastTo ExpandAs Atleast1d Atleast2d Atleast3d Meshgrid;
        cat: Cat Stack;
        diagonal: Diagonal DiagonalGrad DiagEmbed Diag;
        expand: Expand;
        flatten: Flatten;
        flip: Flip Fliplr Flipud Rot90 Roll RollAlong;
        movedim: Movedim Moveaxis Swapaxes Swapdims;
        narrow: Narrow;
        pad: Pad ConstantPad EdgePad EdgePadGrad;
        permute: Permute Transpose;
        pixel_shuffle: PixelShuffle PixelUnshuffle ChannelShuffle;
        repeat: Repeat Tile RepeatInterleave;
        reshape: Reshape;
        slice: Slice SliceGrad Select;
        split: Split Chunk TensorSplit Pieces;
        squeeze: Squeeze Unsqueeze;
        tril: Tril Triu;
        unbind: Unbind;
        unflatten: Unflatten;
        unfold: Unfold Fold UnfoldDimension UnfoldDimensionGrad;
    }
    memory {
        assign: Assign Accumulate;
        cast: Cast;
        copy: Copy;
    }
    index {
        embedding: Embedding EmbeddingRows EmbeddingGrad;
        gather: Gather GatherGrad;
        index_add: IndexAdd IndexCopy IndexFill IndexInto;
        index_get: IndexGet IndexGetGrad;
        index_put: IndexPut IndexPutCopy IndexPutInto;
        index_select: IndexSelect IndexSelectGrad;
        masked_fill: MaskedFill MaskedScatter MaskedPut MaskedTake;
        masked_select: MaskedSelect;
        nonzero: Nonzero Argwhere;
        one_hot: OneHot OneHotRows;
        scatter: Scatter ScatterAdd ScatterReduce ScatterInto ScatterProdGrad;
        take: Take TakeAlongDim;
        unique: Unique;
    }
    create {
        arange: Arange;
        eye: Eye;
        full: Full;
        linspace: Linspace;
    }
    matrix {
        addmm: Addmm Addbmm Addmv Addr Baddbmm;
        bilinear: Bilinear;
        cdist: Cdist PairDistances PairDistancesGrad;
        kron: Kron;
        linear: Linear Affine;
        matmul: Matmul Product;
        mm: Mm Bmm Mv Dot Vdot Inner Outer;
    }
    linalg {
        cholesky: LinalgCholesky;
        det: LinalgDet LinalgSlogdet;
        eigh: LinalgEigh LinalgEigvalsh;
        inv: LinalgInv;
        lstsq: LinalgLstsq;
        qr: LinalgQr;
        solve: LinalgSolve SolveSquare;
        svd: LinalgSvd LinalgSvdvals;
    }
    conv {
        conv2d: Conv1d Conv2d Conv3d;
        conv_transpose2d: ConvTranspose1d ConvTranspose2d ConvTranspose3d;
        convolution: Convolution ConvolutionInputGrad ConvolutionWeightGrad;
    }
    pool {
        adaptive_avg_pool2d: AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d;
        avg_pool: AvgPool AvgPoolGrad;
        avg_pool2d: AvgPool1d AvgPool2d AvgPool3d;
        lp_pool2d: LpPool1d LpPool2d LpPool3d;
        max_pool: MaxPool MaxPoolGrad PoolIndices;
        max_pool2d: MaxPool1d MaxPool2d MaxPool3d;
        max_unpool2d: MaxUnpool1d MaxUnpool2d MaxUnpool3d PlaneScatter PlaneGather;
    }
    attention {
        attention_core: AttentionCore AttentionCoreGrad;
        scaled_dot_product_attention: ScaledDotProductAttention;
    }
    norm {
        batch_norm: BatchNorm BatchNormTraining BatchNormInference BatchNormGrad;
        group_norm: GroupNorm GroupNormGrad;
        instance_norm: InstanceNorm;
        layer_norm: LayerNorm LayerNormGrad;
        local_response_norm: LocalResponseNorm LocalResponseNormGrad;
        normalize: Normalize;
        rms_norm: RmsNorm;
    }
    loss {
        binary_cross_entropy: BinaryCrossEntropy;
        binary_cross_entropy_with_logits: BinaryCrossEntropyWithLogits;
        class_probabilities: ClassProbabilities;
        cosine_embedding_loss: CosineEmbeddingLoss;
        cosine_similarity: CosineSimilarity;
        cross_entropy: CrossEntropy SoftmaxCrossEntropy SoftmaxCrossEntropyGrad;
        gaussian_nll_loss: GaussianNllLoss;
        hinge_embedding_loss: HingeEmbeddingLoss;
        huber_loss: HuberLoss;
        kl_div: KlDiv;
        l1_loss: L1Loss;
        margin_ranking_loss: MarginRankingLoss;
        mse_loss: MseLoss;
        multi_margin_loss: MultiMarginLoss MultiMarginRows MultiMarginGrad;
        multilabel_margin_loss: MultilabelMarginLoss MultilabelMarginRows MultilabelMarginSlopes;
        nll_loss: NllLoss NllRows NllLossGrad;
        pair_loss: PairLoss PairLossGrad;
        pairwise_distance: PairwiseDistance;
        poisson_nll_loss: PoissonNllLoss;
        smooth_l1_loss: SmoothL1Loss;
        soft_margin_loss: SoftMarginLoss;
        triplet_margin_loss: TripletMarginLoss;
    }
    resample {
        affine_grid: AffineGrid;
        grid_sample: GridSample GridSampleGrad;
        interpolate: Interpolate;
        resample_axis: ResampleAxis ResampleAxisGrad;
    }
    random {
        alpha: RandomFeatureDropout RandomAlphaDropout;
        bernoulli: Bernoulli;
        dropout: Dropout DropoutGrad RandomDropout;
        exponential: Exponential;
        gumbel: RandomGumbelSoftmax;
        multinomial: Multinomial;
        randint: Randint;
        randperm: Randperm;
        rng: RngNext Uniform Normal;
        trunc_normal: TruncNormal;
    }
    rnn {
        rnn_layer: RnnLayer RnnLayerGrad;
    }
    optim {
        adadelta: AdadeltaStep;
        adagrad: AdagradStep;
        adam: AdamStep;
        adamax: AdamaxStep;
        lamb: LambStep;
        lars: LarsStep;
        lion: LionStep;
        nadam: NadamStep;
        radam: RadamStep;
        rmsprop: RmspropStep;
        rprop: RpropStep;
        sgd: SgdStep;
    }
}

/// Every op and function.
pub fn all() -> impl Iterator<Item = &'static OpInfo> {
    groups().iter().map(|(_, info)| *info)
}
/// The op of that name.
pub fn find(name: &str) -> Option<&'static OpInfo> {
    all().find(|o| o.name == name)
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
