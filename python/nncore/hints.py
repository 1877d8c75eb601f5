"""What wrong calls are told: what to use instead of names that hands used to PyTorch or Keras will type, and that are not
here; and which function it was, where one is made of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nncore import _core
from nncore.errors import NNCoreError

__all__ = ["expect_tensors", "missing", "under"]

_GPU = 'Tensors are made or moved with device=, as in tensor.to("wgpu"), and device="cpu" is the default.'
_FUNCTIONS = "Functions are in nncore.ops, as in ops.relu(x)."
_PREPROCESS = "Preprocessing is in nncore.preprocess, as in preprocess.Standardize().fit(train)."
_AUGMENT = (
    "Random changes of training images are in nncore.data, as in train.batches(64, augment=[data.HorizontalFlip()])."
)
_BATCHES = "A data set gives its own batches: train.batches(64, shuffle=True)."

_INSTEAD: dict[str, dict[str, str]] = {
    "nncore": {
        "functional": _FUNCTIONS,
        "transforms": _PREPROCESS,
        "preprocessing": _PREPROCESS,
        "F": _FUNCTIONS,
        "cuda": _GPU,
        "mps": _GPU,
        "backends": _GPU,
        "Sequential": "It is nncore.nn.Sequential.",
        "Module": "It is nncore.nn.Module.",
        "Parameter": "It is nncore.nn.Parameter.",
        "utils": "Data sets are in nncore.data, the test kit in nncore.testing.",
        "DataLoader": _BATCHES,
        "autograd": "Gradients: tensor.backward(), nncore.grad(output, inputs), and nncore.custom_op for your own.",
        "jit": "nncore.capture(step) records a step and replays it.",
        "compile": "nncore.capture(step) records a step and replays it.",
        "layers": "Layers are in nncore.nn; nncore.registry.layers lists them by name.",
        "models": 'Models are built by name: nncore.create("lenet5"); nncore.registry.architectures lists them.',
        "losses": "Losses are in nncore.nn; nncore.registry.losses lists them by name.",
        "init": 'Parameters say how they are drawn: nn.Linear(2, 3, init="he_normal"), nn.Parameter(shape, init=...). nncore.initialization reports and scales.',
        "FloatTensor": "nncore.tensor(data) makes float32 of Python floats.",
        "LongTensor": 'nncore.tensor(data, dtype="int64").',
        "set_default_dtype": "Give dtype= where a tensor is made.",
        "concat": "It is nncore.ops.cat.",
    },
    "nn": {
        "functional": _FUNCTIONS,
        "init": 'Parameters say how they are drawn: nn.Linear(2, 3, init="he_normal"), nn.Parameter(shape, init=...). nncore.initialization reports and scales.',
        "Dense": "It is called nn.Linear(in_features, out_features) here.",
        "Conv2D": "It is called nn.Conv2d(in_channels, out_channels, kernel_size) here.",
        "MaxPooling2D": "It is called nn.MaxPool2d here.",
        "AveragePooling2D": "It is called nn.AvgPool2d here.",
        "BatchNormalization": "It is called nn.BatchNorm2d (or nn.BatchNorm1d) here.",
        "SparseCategoricalCrossentropy": "It is called nn.CrossEntropyLoss here; it takes logits and class numbers.",
        "DataParallel": "Ops use all cores of the machine by themselves.",
    },
    "optim": {
        "swa_utils": "optim.EMA and optim.SWA average weights, optim.update_bn estimates statistics anew.",
        "AveragedModel": "optim.EMA(model) and optim.SWA(model) average its weights.",
        "lr_scheduler": "optim.ReduceLROnPlateau is here; else set optimizer.lr = ... between steps, or group['lr'] for one group.",
        "schedules": "Set optimizer.lr = ... between steps, or group['lr'] for one group.",
    },
    "ops": {
        "dense": "It is called ops.linear here.",
        "concat": "It is called ops.cat here.",
    },
    "data": {
        "DataLoader": _BATCHES,
        "TensorDataset": "data.ArrayDataset(x, y) holds arrays.",
        "Dataset": "data.ArrayDataset(x, y) holds arrays; data.load reads data sets by name or folder.",
        "transforms": _PREPROCESS,
        "Transform": _PREPROCESS,
        "Pipeline": _PREPROCESS,
        "Standardize": _PREPROCESS,
        "PCA": _PREPROCESS,
        "random_split": "A data set divides itself: train, val = train.split(0.1, seed=0).",
    },
    "preprocess": {
        "StandardScaler": "It is called preprocess.Standardize here.",
        "MinMaxScaler": "It is called preprocess.MinMax here.",
        "OneHotEncoder": "preprocess.OneHot changes labels into rows.",
        "Compose": "It is called preprocess.Pipeline here.",
        "make_pipeline": "preprocess.Pipeline([...]) takes a list of steps.",
        "RandomCrop": _AUGMENT,
        "RandomHorizontalFlip": _AUGMENT,
        "HorizontalFlip": _AUGMENT,
    },
    "Tensor": {
        "cuda": _GPU,
        "mps": _GPU,
        "cpu": 'tensor.to("cpu") brings it to the CPU.',
        "data": "tensor.detach() is the same memory off the tape; under nncore.no_grad() ops change it in place.",
        "type": "tensor.to(dtype) converts, tensor.dtype tells.",
        "half": "float16 is not there.",
        "is_cuda": "tensor.device tells where it lies.",
        "register_hook": "Module.register_gradient_hook sees gradients on their way; nncore.grad(y, x) computes one.",
    },
    "Module": {
        "cuda": _GPU,
        "cpu": 'module.to(device="cpu").',
        "compile": "nncore.capture(step) records a whole training step; nncore.Trainer does so by itself.",
        "fit": "nncore.Trainer(model, loss=..., optimizer=...).fit(train) trains.",
        "predict": "Call the model: model.eval(); with nncore.no_grad(): model(x).",
        "summary": "print(model) shows its layers, model.num_parameters() its size.",
        "half": 'module.to("float64") changes the dtype; float16 is not there.',
        "float": 'module.to("float32") changes the dtype.',
        "double": 'module.to("float64") changes the dtype.',
        "register_full_backward_hook": "register_gradient_hook(hook) calls hook(module, gradient of the output).",
        "register_backward_hook": "register_gradient_hook(hook) calls hook(module, gradient of the output).",
        "get_parameter": "dict(module.named_parameters())[name].",
        "weights": "module.state_dict() has all weights by name.",
        "get_weights": "module.state_dict() has all weights by name.",
        "set_weights": "module.load_state_dict(state) copies weights in.",
        "save": "nncore.save(module, path) writes it, nncore.load(path) reads it.",
        "save_weights": "nncore.save(module, path) writes it, nncore.load(path) reads it.",
    },
}


def missing(namespace: str, name: str, owner: str, known: Iterable[str] = ()) -> str:
    """The text of an AttributeError: what to use instead, or names that look alike.

    Args:
        namespace: Where the name was looked for, such as `"nn"`.
        name: The name.
        owner: What to call that place, such as `"module 'nncore.nn'"`.
        known: The names that are there.
    """
    if name.startswith("__"):  # what Python itself asks for; nobody reads that message
        return f"{owner} has no attribute {name!r}"
    instead = _INSTEAD.get(namespace, {}).get(name)
    # Imported late: this module is imported with nncore itself, the plugin host is not.
    from nncore.plugins.near import did_you_mean

    public = (each for each in known if not each.startswith("_"))
    hint = f" {instead}" if instead else did_you_mean(name, public)
    return f"{owner} has no attribute {name!r}.{hint}"


def under(name: str, op: Callable[..., Any], *arguments: Any) -> Any:
    """Call an op for the function `name`, whose errors are then that function's."""
    try:
        return op(*arguments)
    except NNCoreError as error:
        error.op = name
        raise
    except TypeError as error:
        raise TypeError(str(error).replace(f"{op.__name__}(", f"{name}(")) from None


def expect_tensors(name: str, **given: Any) -> None:
    """Refuse what is no tensor, for the function `name` with these arguments."""
    for argument, value in given.items():
        if not isinstance(value, _core.Tensor):
            raise TypeError(f"{name}() argument {argument}: a Tensor expected, got {type(value).__name__}")
