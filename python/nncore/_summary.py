"""What a network is made of, layer by layer: shapes, parameters, multiply-adds, memory, receptive fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore._fields import Fields
from nncore._profile import Profile
from nncore.errors import InvalidValueError
from nncore.module import Module

__all__ = ["LayerSummary", "Summary", "summary"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerSummary:
    """What one module is, and what it did to this input.

    Attributes:
        name: Its path; empty for the network itself.
        kind: Its class.
        inputs: Shapes of what it was given.
        outputs: Shapes of what it gave, in order; several where it gives a dict or a tuple.
        parameters: Numbers in parameters of its own, not of modules inside. A parameter that another layer has too counts at
            the first.
        trainable: How many of them are trained.
        neurons: Elements of its output for one sample, if it multiplies by weights.
        macs: Multiply-adds of its own products and convolutions, as papers count them: without biases.
        memory: Bytes of its output, if no module is inside.
        field: Receptive field: how many rows and columns of the input one element of the output depends on; None where it
            is all of it, or where the way from the input is not known.
        calls: How often it was called.
        inside: Whether there are no modules inside.
    """

    name: str
    kind: str
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    parameters: int
    trainable: int
    neurons: int
    macs: int
    memory: int
    field: Shape | None
    calls: int
    inside: bool


@dataclass(frozen=True)
class Summary:
    """A network's layers in the order in which they were called. It prints as a table; `rich.print` draws it.

    Attributes:
        layers: The modules that did something of their own, and those that hold parameters.
        inputs: Shapes of the input.
    """

    layers: tuple[LayerSummary, ...]
    inputs: tuple[Shape, ...]
    name: str = field(default="")

    @property
    def parameters(self) -> int:
        """Numbers in all parameters."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def trainable(self) -> int:
        """Numbers in the parameters that are trained."""
        return sum(layer.trainable for layer in self.layers)

    @property
    def neurons(self) -> int:
        """Neurons of all layers with weights; the input is not counted."""
        return sum(layer.neurons for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-adds of a forward pass."""
        return sum(layer.macs for layer in self.layers)

    @property
    def memory(self) -> int:
        """Bytes of all layers' outputs."""
        return sum(layer.memory for layer in self.layers)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The table's cells, a row for each layer without layers inside or with parameters of its own."""
        for layer in self.layers:
            if layer.inside or layer.parameters or layer.macs:
                yield (
                    layer.name or "(the network)",
                    layer.kind,
                    ", ".join(map(_sizes, layer.outputs)),
                    f"{layer.parameters:,}",
                    f"{layer.neurons:,}" if layer.neurons else "",
                    f"{layer.macs:,}" if layer.macs else "",
                    _bytes(layer.memory) if layer.memory else "",
                    "" if layer.field is None else _sizes(layer.field),
                )

    HEAD = ("layer", "kind", "output", "parameters", "neurons", "MACs", "memory", "field")

    def totals(self) -> str:
        """What all layers have together, in a sentence."""
        frozen = self.parameters - self.trainable
        return (
            f"{self.parameters:,} parameters{f' ({frozen:,} of them frozen)' if frozen else ''}, {self.neurons:,} neurons, "
            f"{self.macs:,} MACs, {_bytes(self.memory)} of activations, for an input of "
            f"{', '.join(map(_sizes, self.inputs))}"
        )

    def __str__(self) -> str:
        rows = [self.HEAD, *self.rows()]
        widths = [max(len(row[at]) for row in rows) for at in range(len(self.HEAD))]
        lines = [
            "  ".join(
                f"{cell:<{width}}" if at < 3 else f"{cell:>{width}}"
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, "", self.totals()])

    def __rich__(self) -> Any:
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=self.name, caption=self.totals())
        for at, column in enumerate(self.HEAD):
            table.add_column(column, justify="left" if at < 3 else "right")
        for row in self.rows():
            table.add_row(*row)
        return table

    def as_json(self) -> str:
        """All of it, as JSON."""
        totals = ("parameters", "trainable", "neurons", "macs", "memory")
        return json.dumps(
            {"layers": [asdict(layer) for layer in self.layers], **{name: getattr(self, name) for name in totals}}
        )


def summary(model: Module, *input: Any) -> Summary:
    """Look at a network while it takes an input: shapes, parameters, neurons, multiply-adds, memory, receptive fields.

    The network is run once, in evaluation mode and without the tape; its mode is afterwards as it was.

    Args:
        model: The network.
        *input: What it takes: a tensor, an array, or a shape such as `(1, 3, 224, 224)`, of which zeros are made.

    Raises:
        InvalidValueError: There is no input, or it is none of these.

    Example:
        >>> import nncore as nc
        >>> print(nc.summary(nc.create("lenet5"), (1, 1, 28, 28)).totals())
        61,706 parameters, 6,518 neurons, 416,520 MACs, 60.0 kB of activations, for an input of 1x1x28x28
    """
    if not isinstance(model, Module):
        raise InvalidValueError(f"summary() takes a Module, got {type(model).__name__}")
    if not input:
        raise InvalidValueError("summary() needs an input, or its shape, such as summary(model, (1, 3, 224, 224))")
    given = [_tensor(each, model) for each in input]
    calls, fields = _Calls(model), Fields()
    training = {module: module.training for module in model.modules()}
    handles = []
    profile = Profile(model)

    def after(module: Module, args: Any, output: Any) -> None:
        calls.note(module, args, output, fields.leave(module, args, output))

    try:
        model.eval()
        for module in model.modules():
            handles.append(module.register_forward_pre_hook(fields.enter))
            handles.append(module.register_forward_hook(after))
        with _core.no_grad(), profile.counting():
            fields.begin(given)
            model(*given)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in training.items():
            module.training = mode
    macs = {row.layer: row.macs for row in profile.rows("layer")}
    return Summary(tuple(calls.rows(macs)), tuple(tuple(each.shape) for each in given), type(model).__name__)


class _Calls:
    """The calls of a network's modules, in the order of their first ends, an outer one before its inner ones."""

    def __init__(self, model: Module) -> None:
        self.names = {id(module): name for name, module in model.named_modules()}
        self.order = {id(module): at for at, module in enumerate(model.modules())}
        self.seen: dict[int, list[Any]] = {}

    def note(self, module: Module, args: Any, output: Any, seen: Shape | None) -> None:
        found = self.seen.setdefault(id(module), [module, args, output, seen, 0])
        found[4] += 1

    def rows(self, macs: dict[str, int]) -> Iterator[LayerSummary]:
        counted: set[int] = set()
        for module, args, output, seen, calls in self.seen.values():
            own = [each for each in module._parameters.values() if each is not None and id(each) not in counted]
            counted.update(map(id, own))
            name = self.names[id(module)]
            outputs = _shapes(output)
            inside = not module._modules
            weighs = macs.get(name, 0) > 0
            yield LayerSummary(
                name=name,
                kind=type(module).__name__,
                inputs=_shapes(args),
                outputs=outputs,
                parameters=sum(each.numel() for each in own),
                trainable=sum(each.numel() for each in own if each.requires_grad),
                neurons=sum(int(np.prod(shape[1:])) for shape in outputs) if weighs else 0,
                macs=macs.get(name, 0),
                memory=sum(each.numel() * each.dtype.itemsize for each in _tensors(output)) if inside else 0,
                field=seen,
                calls=calls,
                inside=inside,
            )


def _tensor(value: Any, model: Module) -> Tensor:
    if isinstance(value, Tensor):
        return value
    if isinstance(value, np.ndarray):
        return _core.tensor(value)
    if isinstance(value, tuple | list) and value and all(isinstance(size, int) and size >= 0 for size in value):
        first = next((each.dtype for each in model.parameters() if each.dtype.name.startswith("float")), None)
        return _core.zeros(tuple(value), dtype="float32" if first is None else first)
    raise InvalidValueError(f"summary() takes tensors, arrays or shapes such as (1, 3, 224, 224), got {value!r}")


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [each for part in parts for each in _tensors(part)]


def _shapes(value: Any) -> tuple[Shape, ...]:
    return tuple(tuple(each.shape) for each in _tensors(value))


def _sizes(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "()"


def _bytes(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
