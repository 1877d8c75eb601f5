"""The built-in activations, sorted by name: name, file and class, what it computes."""

from nncore.api import ActivationSpec


def activation(name: str, target: str, summary: str, *aliases: str) -> ActivationSpec:
    return ActivationSpec(name=name, target=f"nncore.builtin.activations.{target}", summary=summary, aliases=aliases)


ACTIVATIONS = [
    activation("celu", "celu:CELU", "max(x, 0) + min(alpha (exp(x / alpha) - 1), 0)"),
    activation("elu", "elu:ELU", "x where positive, else alpha (exp(x) - 1)"),
    activation("gelu", "gelu:GELU", "x times the normal probability of a value below x"),
    activation("hardshrink", "hardshrink:Hardshrink", "x where |x| > lambd, else 0"),
    activation("hardsigmoid", "hardsigmoid:Hardsigmoid", "x / 6 + 1/2, clipped to [0, 1]", "hard_sigmoid"),
    activation("hardswish", "hardswish:Hardswish", "x times hardsigmoid(x)", "hard_swish"),
    activation("hardtanh", "hardtanh:Hardtanh", "x clipped to [min_val, max_val]", "hard_tanh"),
    activation("leaky_relu", "leaky_relu:LeakyReLU", "x where not negative, else negative_slope x"),
    activation("log_sigmoid", "log_sigmoid:LogSigmoid", "log(sigmoid(x)), computed without overflow", "logsigmoid"),
    activation("log_softmax", "log_softmax:LogSoftmax", "log(softmax(x)), computed without overflow"),
    activation("mish", "mish:Mish", "x tanh(softplus(x))"),
    activation("prelu", "prelu:PReLU", "Leaky ReLU with a learned slope"),
    activation("relu", "relu:ReLU", "max(x, 0)"),
    activation("relu6", "relu6:ReLU6", "x clipped to [0, 6]"),
    activation("rrelu", "rrelu:RReLU", "Leaky ReLU with a random slope in training"),
    activation("selu", "selu:SELU", "ELU that keeps mean 0 and variance 1 through deep networks"),
    activation("sigmoid", "sigmoid:Sigmoid", "1 / (1 + exp(-x))"),
    activation("silu", "silu:SiLU", "x sigmoid(x)", "swish"),
    activation("softmax", "softmax:Softmax", "exp(x) / sum(exp(x)) along one dimension"),
    activation("softmin", "softmin:Softmin", "softmax(-x) along one dimension"),
    activation("softplus", "softplus:Softplus", "log(1 + exp(beta x)) / beta"),
    activation("softshrink", "softshrink:Softshrink", "x moved towards 0 by lambd, 0 within it"),
    activation("softsign", "softsign:Softsign", "x / (1 + |x|)"),
    activation("tanh", "tanh:Tanh", "Hyperbolic tangent"),
    activation("tanhshrink", "tanhshrink:Tanhshrink", "x - tanh(x)"),
    activation("threshold", "threshold:Threshold", "x where above a threshold, else a value"),
]
