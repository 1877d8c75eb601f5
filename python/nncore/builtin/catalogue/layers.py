"""The built-in layers, sorted by name: name, file and class, what it does."""

from nncore.api import LayerSpec


def layer(name: str, target: str, summary: str, *aliases: str) -> LayerSpec:
    return LayerSpec(name=name, target=f"nncore.builtin.layers.{target}", summary=summary, aliases=aliases)


LAYERS = [
    layer("adaptive_avg_pool1d", "adaptive_avg_pool:AdaptiveAvgPool1d", "Means of a sequence, as many as asked for"),
    layer("adaptive_avg_pool2d", "adaptive_avg_pool:AdaptiveAvgPool2d", "Means of an image, as many as asked for"),
    layer("adaptive_avg_pool3d", "adaptive_avg_pool:AdaptiveAvgPool3d", "Means of a volume, as many as asked for"),
    layer("adaptive_max_pool1d", "adaptive_max_pool:AdaptiveMaxPool1d", "Maxima of a sequence, as many as asked for"),
    layer("adaptive_max_pool2d", "adaptive_max_pool:AdaptiveMaxPool2d", "Maxima of an image, as many as asked for"),
    layer("adaptive_max_pool3d", "adaptive_max_pool:AdaptiveMaxPool3d", "Maxima of a volume, as many as asked for"),
    layer("alpha_dropout", "dropout:AlphaDropout", "Dropout that keeps mean and variance, for SELU"),
    layer("avg_pool1d", "avg_pool:AvgPool1d", "Mean over windows of a sequence"),
    layer("avg_pool2d", "avg_pool:AvgPool2d", "Mean over windows of an image"),
    layer("avg_pool3d", "avg_pool:AvgPool3d", "Mean over windows of a volume"),
    layer("batch_norm1d", "batch_norm:BatchNorm1d", "Batch normalization of (N, C) or (N, C, L)"),
    layer("batch_norm2d", "batch_norm:BatchNorm2d", "Batch normalization of (N, C, H, W), per channel"),
    layer("batch_norm3d", "batch_norm:BatchNorm3d", "Batch normalization of (N, C, D, H, W), per channel"),
    layer(
        "batch_norm_per_activation",
        "batch_norm_per_activation:BatchNormPerActivation",
        "Batch normalization, each number of a sample by itself",
    ),
    layer("conv1d", "conv:Conv1d", "Convolution over sequences"),
    layer("conv2d", "conv:Conv2d", "Convolution over images"),
    layer("conv3d", "conv:Conv3d", "Convolution over volumes"),
    layer("conv_transpose1d", "conv_transpose:ConvTranspose1d", "Transposed convolution over sequences"),
    layer("conv_transpose2d", "conv_transpose:ConvTranspose2d", "Transposed convolution over images"),
    layer("conv_transpose3d", "conv_transpose:ConvTranspose3d", "Transposed convolution over volumes"),
    layer("dropout", "dropout:Dropout", "Zeroes elements at random in training"),
    layer("dropout1d", "dropout:Dropout1d", "Zeroes channels of sequences at random in training"),
    layer("dropout2d", "dropout:Dropout2d", "Zeroes channels of images at random in training"),
    layer("dropout3d", "dropout:Dropout3d", "Zeroes channels of volumes at random in training"),
    layer("feature_alpha_dropout", "dropout:FeatureAlphaDropout", "Alpha dropout of whole channels"),
    layer("flatten", "flatten:Flatten", "Joins dimensions into one"),
    LayerSpec(
        name="function_activation", target="nncore.activation:FunctionActivation", summary="A function as a layer"
    ),
    layer("global_avg_pool", "global_pool:GlobalAvgPool", "Mean of each channel"),
    layer("global_max_pool", "global_pool:GlobalMaxPool", "Maximum of each channel"),
    layer("glu", "glu:GLU", "Half of the input, gated by the sigmoid of the other half"),
    layer("group_norm", "group_norm:GroupNorm", "Normalization of groups of channels, sample by sample"),
    layer("gru", "gru:GRU", "Gated recurrent units over sequences"),
    layer("gru_cell", "rnn_cells:GRUCell", "One step of gated recurrent units"),
    layer("identity", "identity:Identity", "Hands its input on"),
    layer("instance_norm1d", "instance_norm:InstanceNorm1d", "Normalization of each channel of a sequence by itself"),
    layer("instance_norm2d", "instance_norm:InstanceNorm2d", "Normalization of each channel of an image by itself"),
    layer("instance_norm3d", "instance_norm:InstanceNorm3d", "Normalization of each channel of a volume by itself"),
    layer("layer_norm", "layer_norm:LayerNorm", "Normalization of each sample over its last dimensions"),
    layer("linear", "linear:Linear", "Fully connected layer", "dense"),
    layer(
        "local_response_norm",
        "local_response_norm:LocalResponseNorm",
        "Division by what neighbouring channels are",
        "lrn",
    ),
    layer("lp_pool1d", "lp_pool:LPPool1d", "Norm of windows of a sequence"),
    layer("lp_pool2d", "lp_pool:LPPool2d", "Norm of windows of an image"),
    layer("lp_pool3d", "lp_pool:LPPool3d", "Norm of windows of a volume"),
    layer("lstm", "lstm:LSTM", "Long short-term memory over sequences"),
    layer("lstm_cell", "rnn_cells:LSTMCell", "One step of long short-term memory"),
    layer("max_pool1d", "max_pool:MaxPool1d", "Maximum over windows of a sequence"),
    layer("max_pool2d", "max_pool:MaxPool2d", "Maximum over windows of an image"),
    layer("max_pool3d", "max_pool:MaxPool3d", "Maximum over windows of a volume"),
    layer("max_unpool1d", "max_unpool:MaxUnpool1d", "Maxima of a sequence back at their places, zeros around"),
    layer("max_unpool2d", "max_unpool:MaxUnpool2d", "Maxima of an image back at their places, zeros around"),
    layer("max_unpool3d", "max_unpool:MaxUnpool3d", "Maxima of a volume back at their places, zeros around"),
    layer("module_list", "module_list:ModuleList", "Modules in a list"),
    layer("multihead_attention", "multihead_attention:MultiheadAttention", "Attention with several heads"),
    layer("rms_norm", "rms_norm:RMSNorm", "Division by the root mean square of the last dimensions"),
    layer("rnn", "rnn:RNN", "Plain recurrent network over sequences"),
    layer("rnn_cell", "rnn_cells:RNNCell", "One step of a plain recurrent network"),
    layer("sequential", "sequential:Sequential", "Modules one after the other"),
]
