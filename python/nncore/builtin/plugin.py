"""The one list of nncore's own components."""

from collections.abc import Iterator
from typing import Any

from nncore.api import (
    ActivationSpec,
    ArchitectureSpec,
    InitializerSpec,
    LayerSpec,
    LossSpec,
    MetricSpec,
    OptimizerSpec,
    ScheduleSpec,
    hookimpl,
)

api_version = 1

_HERE = "nncore.builtin"


@hookimpl
def nncore_layers() -> Iterator[LayerSpec]:
    """Layers, one file each."""

    def layer(name: str, file: str, cls: str, summary: str, **more: Any) -> LayerSpec:
        return LayerSpec(name=name, target=f"{_HERE}.layers.{file}:{cls}", summary=summary, **more)

    yield layer("avg_pool2d", "avg_pool2d", "AvgPool2d", "Mean over windows of an image")
    yield layer("batch_norm1d", "batch_norm", "BatchNorm1d", "Batch normalization of (N, C) or (N, C, L)")
    yield layer("batch_norm2d", "batch_norm", "BatchNorm2d", "Batch normalization of (N, C, H, W), per channel")
    yield layer("conv2d", "conv2d", "Conv2d", "Convolution over images")
    yield layer("dropout", "dropout", "Dropout", "Zeroes elements at random in training")
    yield layer("flatten", "flatten", "Flatten", "Joins dimensions into one")
    yield LayerSpec(
        name="function_activation", target="nncore.activation:FunctionActivation", summary="A function as a layer"
    )
    yield layer("identity", "identity", "Identity", "Hands its input on")
    yield layer("linear", "linear", "Linear", "Fully connected layer", aliases=["dense"])
    yield layer("max_pool2d", "max_pool2d", "MaxPool2d", "Maximum over windows of an image")
    yield layer("module_list", "module_list", "ModuleList", "Modules in a list")
    yield layer("sequential", "sequential", "Sequential", "Modules one after the other")


@hookimpl
def nncore_activations() -> Iterator[ActivationSpec]:
    """Activations, one file each."""

    def activation(name: str, cls: str, summary: str, **more: Any) -> ActivationSpec:
        return ActivationSpec(name=name, target=f"{_HERE}.activations.{name}:{cls}", summary=summary, **more)

    yield activation("log_softmax", "LogSoftmax", "log(softmax(x)), computed without overflow")
    yield activation("relu", "ReLU", "max(x, 0)")
    yield activation("sigmoid", "Sigmoid", "1 / (1 + exp(-x))")
    yield activation("softmax", "Softmax", "exp(x) / sum(exp(x)) along one dimension")
    yield activation("tanh", "Tanh", "Hyperbolic tangent")


@hookimpl
def nncore_losses() -> Iterator[LossSpec]:
    """Losses, one file each."""

    def loss(name: str, cls: str, summary: str, **more: Any) -> LossSpec:
        return LossSpec(name=name, target=f"{_HERE}.losses.{name}:{cls}", summary=summary, **more)

    yield loss("cross_entropy", "CrossEntropyLoss", "Softmax cross-entropy of logits")
    yield loss("l1", "L1Loss", "Absolute difference", aliases=["mae"])
    yield loss("mse", "MSELoss", "Squared difference", aliases=["l2"])


@hookimpl
def nncore_initializers() -> Iterator[InitializerSpec]:
    """Initializers, one file each."""

    def initializer(name: str, summary: str, **more: Any) -> InitializerSpec:
        return InitializerSpec(name=name, target=f"{_HERE}.initializers.{name}:{name}", summary=summary, **more)

    yield initializer("constant", "One value everywhere")
    yield initializer("fan_in_uniform", "U(-1/sqrt(fan_in), 1/sqrt(fan_in)), PyTorch's default")
    yield initializer("he_normal", "N(0, 2/fan_in), for ReLU", aliases=["kaiming_normal"])
    yield initializer("he_uniform", "U(-a, a), a = sqrt(6/fan_in), for ReLU", aliases=["kaiming_uniform"])
    yield initializer("lecun_normal", "N(0, 1/fan_in)")
    yield initializer("normal", "N(mean, std^2)")
    yield initializer("ones", "One everywhere")
    yield initializer("uniform", "U(low, high)")
    yield initializer("xavier_normal", "N(0, 2/(fan_in + fan_out))", aliases=["glorot_normal"])
    yield initializer("xavier_uniform", "U(-a, a), a = sqrt(6/(fan_in + fan_out))", aliases=["glorot_uniform"])
    yield initializer("zeros", "Zero everywhere")


@hookimpl
def nncore_architectures() -> Iterator[ArchitectureSpec]:
    """Architectures, one file each."""

    def architecture(name: str, cls: str, summary: str, **more: Any) -> ArchitectureSpec:
        return ArchitectureSpec(name=name, target=f"{_HERE}.architectures.{name}:{cls}", summary=summary, **more)

    yield architecture("lenet5", "LeNet5", "LeNet-5 as it is built today, 61,706 parameters")
    yield architecture("mlp", "MLP", "Fully connected network with N layers", aliases=["multilayer_perceptron"])


@hookimpl
def nncore_optimizers() -> Iterator[OptimizerSpec]:
    """Optimizers, from `nncore.optim`."""

    def optimizer(name: str, cls: str, summary: str) -> OptimizerSpec:
        return OptimizerSpec(name=name, target=f"nncore.optim:{cls}", summary=summary)

    yield optimizer("adadelta", "Adadelta", "Steps scaled by running means of gradients and of steps")
    yield optimizer("adafactor", "Adafactor", "Adam's scale in the memory of a row and a column of each matrix")
    yield optimizer("adagrad", "Adagrad", "Steps scaled by all gradients so far")
    yield optimizer("adam", "Adam", "Steps scaled by running means of the gradient and its square")
    yield optimizer("adamax", "Adamax", "Adam with the largest gradient in place of the mean square")
    yield optimizer("adamw", "AdamW", "Adam with decoupled weight decay")
    yield optimizer("lamb", "LAMB", "Adam's steps scaled to each parameter's norm")
    yield optimizer("lars", "LARS", "SGD's steps scaled to each parameter's norm")
    yield optimizer("lion", "Lion", "Steps by the sign of a running mean")
    yield optimizer("nadam", "NAdam", "Adam with Nesterov's momentum")
    yield optimizer("radam", "RAdam", "Adam that waits until its variance is known")
    yield optimizer("rmsprop", "RMSprop", "Steps scaled by a running mean of squares")
    yield optimizer("rprop", "Rprop", "Step sizes that grow and shrink by the gradients' signs")
    yield optimizer("sgd", "SGD", "Gradient descent, with momentum if asked for")


@hookimpl
def nncore_schedules() -> Iterator[ScheduleSpec]:
    """Schedules of the learning rate, one file each."""

    def schedule(name: str, summary: str, **more: Any) -> ScheduleSpec:
        return ScheduleSpec(name=name, target=f"{_HERE}.schedules.{name}:{name}", summary=summary, **more)

    yield schedule("constant", "One rate throughout")
    yield schedule("cosine", "Half a cosine, with a warm-up if asked for", aliases=["cosine_annealing"])
    yield schedule("exponential", "The same factor in each epoch")
    yield schedule("one_cycle", "Up and down again along cosines")
    yield schedule("polynomial", "Down along a power of what is left", aliases=["linear"])
    yield schedule("steps", "A factor at each of some epochs", aliases=["multi_step"])


@hookimpl
def nncore_metrics() -> Iterator[MetricSpec]:
    """Metrics, one file each."""

    def metric(name: str, file: str, cls: str, summary: str, **more: Any) -> MetricSpec:
        return MetricSpec(name=name, target=f"{_HERE}.metrics.{file}:{cls}", summary=summary, **more)

    yield metric("accuracy", "accuracy", "Accuracy", "Share of right classes")
    yield metric("confusion_matrix", "confusion", "ConfusionMatrix", "How often each class is taken for each")
    yield metric("f1", "confusion", "F1", "Harmonic mean of precision and recall, over the classes")
    yield metric("mae", "errors", "MeanAbsoluteError", "Mean absolute error", aliases=["mean_absolute_error"])
    yield metric("mse", "errors", "MeanSquaredError", "Mean squared error", aliases=["mean_squared_error"])
    yield metric("precision", "confusion", "Precision", "Share of right ones among those taken for a class")
    yield metric("recall", "confusion", "Recall", "Share of a class that is found")
    yield metric("top_k_accuracy", "accuracy", "TopKAccuracy", "Share of classes among the k most likely")
