"""The built-in layers, sorted by name: name, file and class, what it does."""

from nncore.api import LayerSpec


def layer(name: str, target: str, summary: str, *aliases: str) -> LayerSpec:
    return LayerSpec(name=name, target=f"nncore.builtin.layers.{target}", summary=summary, aliases=aliases)


LAYERS = [
    layer("avg_pool2d", "avg_pool2d:AvgPool2d", "Mean over windows of an image"),
    layer("batch_norm1d", "batch_norm:BatchNorm1d", "Batch normalization of (N, C) or (N, C, L)"),
    layer("batch_norm2d", "batch_norm:BatchNorm2d", "Batch normalization of (N, C, H, W), per channel"),
    layer("conv2d", "conv2d:Conv2d", "Convolution over images"),
    layer("dropout", "dropout:Dropout", "Zeroes elements at random in training"),
    layer("flatten", "flatten:Flatten", "Joins dimensions into one"),
    LayerSpec(
        name="function_activation", target="nncore.activation:FunctionActivation", summary="A function as a layer"
    ),
    layer("glu", "glu:GLU", "Half of the input, gated by the sigmoid of the other half"),
    layer("gru", "gru:GRU", "Gated recurrent units over sequences"),
    layer("gru_cell", "rnn_cells:GRUCell", "One step of gated recurrent units"),
    layer("identity", "identity:Identity", "Hands its input on"),
    layer("linear", "linear:Linear", "Fully connected layer", "dense"),
    layer("lstm", "lstm:LSTM", "Long short-term memory over sequences"),
    layer("lstm_cell", "rnn_cells:LSTMCell", "One step of long short-term memory"),
    layer("max_pool2d", "max_pool2d:MaxPool2d", "Maximum over windows of an image"),
    layer("module_list", "module_list:ModuleList", "Modules in a list"),
    layer("multihead_attention", "multihead_attention:MultiheadAttention", "Attention with several heads"),
    layer("rnn", "rnn:RNN", "Plain recurrent network over sequences"),
    layer("rnn_cell", "rnn_cells:RNNCell", "One step of a plain recurrent network"),
    layer("sequential", "sequential:Sequential", "Modules one after the other"),
]
