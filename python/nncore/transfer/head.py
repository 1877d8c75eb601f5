"""The head of a classifier: the layer whose outputs are the classes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from nncore import _patterns, nn, streams
from nncore._core import Tensor
from nncore.config import NotRebuildable, from_config
from nncore.errors import InvalidValueError
from nncore.io import describe, rebuild_model
from nncore.module import Module
from nncore.parameter import Parameter, fill

__all__ = ["draw", "head_names", "replace_head"]

SETTINGS = ("num_classes", "out_features", "sizes")
"""Arguments of a constructor that say how many outputs there are; of a list it is the last number."""
OUTPUTS = ("out_features", "out_channels")
"""What a layer's argument is called that says how many outputs it has."""


def replace_head(model: Module, num_classes: int, *, head: str | None = None, seed: int | None = None) -> Module:
    """A model like the one given, with all its weights but those of its head, which is drawn anew for other classes.

    A model whose constructor takes `num_classes` is built anew with another one, so that it can be saved and loaded as any:
    the head is what depends on that number, auxiliary heads too. In any other model the last layer that was registered
    and says how many outputs it has, a `Linear` or a convolution, gives way to one like it. Modes and frozen layers stay
    as they are; the new head is trained. Hooks are not taken along.

    Args:
        model: The model. It stays as it is.
        num_classes: Outputs of the new head. As many as before draws the head anew.
        head: Path of the head, where it is not the one that would be found.
        seed: Draw the head by this seed and its parameters' names. Default: from the global stream.

    Returns:
        The new model, which shares no memory with the other.

    Raises:
        InvalidValueError: There is no layer of that name, or it is none with a number of outputs; or no head is found.

    Example:
        >>> import nncore as nc
        >>> model = nc.replace_head(nc.create("lenet5"), num_classes=3)
        >>> model(nc.ones((1, 1, 28, 28))).shape, model.config["num_classes"]
        ((1, 3), 3)
    """
    if not isinstance(model, Module):
        raise InvalidValueError(f"replace_head: model is a Module, got {type(model).__name__}")
    if isinstance(num_classes, bool) or not isinstance(num_classes, int) or num_classes < 1:
        raise InvalidValueError(f"replace_head: num_classes is a positive integer, got {num_classes!r}")
    if head is not None and head not in _patterns.paths(model):
        raise _patterns.unknown(model, str(head), _patterns.paths(model), "replace_head, head")
    for made, names in _rebuilt(model, num_classes):
        if head is None or any(_patterns.below(name, head) for name in names):
            _copy(model, made, names)
            _train(made, names)
            return draw(made, names, seed)
    made = copy.deepcopy(model)
    path = _last(made) if head is None else head
    layer = made.get_submodule(path)
    setting = _setting(layer)
    if setting is None:
        raise InvalidValueError(
            f"replace_head: {path} is a {type(layer).__name__}, which does not say how many outputs it has; name a layer "
            f"with {' or '.join(OUTPUTS)}, such as a Linear"
        )
    with streams.drawing_later():
        new = from_config(type(layer), {**layer.config, setting: num_classes})
    dtypes = {parameter.dtype.name for parameter in layer.parameters()}
    if len(dtypes) == 1:
        new.to(dtypes.pop())
    _put(made, path, new.train(layer.training))
    return draw(made, [f"{path}.{name}" for name, _ in new.named_parameters()], seed)


def head_names(model: Module) -> list[str]:
    """State-dict names of a model's head: what depends on the number of classes; none where no head is found."""
    for _, names in _rebuilt(model, 1):
        return names
    try:
        path = _last(model)
    except InvalidValueError:
        return []
    return [f"{path}.{name}" for name in model.get_submodule(path).state_dict()]


def _rebuilt(model: Module, num_classes: int) -> Iterator[tuple[Module, list[str]]]:
    """The model built anew with other classes, and the names of its head, for each argument that changes them."""
    try:
        description, config = describe(model), model.config
    except NotRebuildable:
        return
    for setting in SETTINGS:
        pair = []
        for number in (num_classes, num_classes + 1):
            changed = copy.deepcopy(description)
            given = {**config, **changed["spec"]["config"]}
            if setting == "sizes" and isinstance(given.get(setting), list):
                value: Any = [*given[setting][:-1], number]
            elif setting in given and setting != "sizes":
                value = number
            else:
                break
            changed["spec"]["config"][setting] = value
            try:
                pair.append(rebuild_model(changed))
            except Exception:
                # It cannot be made with that; perhaps with another.
                break
        if len(pair) < 2:
            continue
        shapes, others = ({name: tuple(t.shape) for name, t in each.state_dict().items()} for each in pair)
        names = [name for name in shapes if shapes[name] != others.get(name)]
        ours = {name: tuple(t.shape) for name, t in model.state_dict().items()}
        # Where more than the head is another, this is no setting of the head alone.
        if names and shapes.keys() == ours.keys() and all(shapes[n] == ours[n] for n in shapes if n not in names):
            yield pair[0], names


def _copy(source: Module, target: Module, but: list[str]) -> None:
    values = source.state_dict()
    for name, slot in target.state_dict().items():
        if name not in but:
            fill(slot, values[name])


def _train(model: Module, names: list[str]) -> None:
    """Undo what was frozen of the head."""
    modules = _patterns.paths(model)
    for name, parameter in _patterns.parameters(model).items():
        if name in names:
            parameter.requires_grad = True
            owner = modules.get(name.rpartition(".")[0])
            if owner is not None:
                owner.__dict__["frozen"] = False


def draw(model: Module, names: list[str], seed: int | None) -> Module:
    """Draw the parameters of these names, by a seed or from the global stream. Returns the model."""
    found: dict[str, Any] = _patterns.parameters(model)
    for name in names:
        parameter: Parameter | Tensor | None = found.get(name)
        if isinstance(parameter, Parameter):
            parameter.draw(streams.next_stream() if seed is None else streams.initial_stream(seed, name))
    return model


def _last(model: Module) -> str:
    """Path of the last layer that says how many outputs it has.

    Raises:
        InvalidValueError: There is none; or it may not be the head, since others with weights come after it.
    """
    there = _patterns.paths(model)
    found = [path for path, module in there.items() if module._parameters and _setting(module) is not None]
    if not found:
        raise InvalidValueError(
            f"replace_head: {type(model).__name__} has no layer with {' or '.join(OUTPUTS)}, such as a Linear"
        )
    after = list(there)[list(there).index(found[-1]) + 1 :]
    weighty = [path for path in after if there[path]._parameters or there[path]._buffers]
    several = [path for path, module in [("", model), *there.items()] if isinstance(module, nn.WithHeads)]
    if weighty or several:
        why = f"{weighty[0]} comes after {found[-1]}" if weighty else f"{several[0] or 'the model'} has several"
        raise InvalidValueError(
            f"replace_head: which layer of {type(model).__name__} is its head cannot be told, since {why}; give head="
        )
    return found[-1]


def _setting(layer: Module) -> str | None:
    """Which argument of a layer says how many outputs it has."""
    return next((name for name in OUTPUTS if name in (layer.recorded_arguments() or {})), None)


def _put(model: Module, path: str, new: Module) -> None:
    """Put a module in another's place, in all of its places, without changing the order."""
    old = model.get_submodule(path)
    for owner in model.modules():
        for name in [name for name, child in owner._modules.items() if child is old]:
            order = list(owner._modules)
            owner.add_module(name, new)
            for later in order[order.index(name) + 1 :]:
                owner._modules[later] = owner._modules.pop(later)
