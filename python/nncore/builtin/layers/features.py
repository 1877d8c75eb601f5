"""What layers within a model compute."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from nncore.api import InvalidValueError, Module, example, intercept, nn


class _Reached(BaseException):
    """All layers that were asked for have been called. No error, so that nothing on the way takes it for one."""


@example(
    config=lambda: {"model": nn.Sequential(nn.Linear(3, 4, act="tanh"), nn.Linear(4, 2)), "layers": "0"},
    inputs=[(5, 3)],
    output=(5, 4),
)
@example(
    config=lambda: {
        "model": nn.Sequential(nn.Linear(3, 4, act="tanh"), nn.Sequential(nn.Linear(4, 2))),
        "layers": ["1.0", "0"],
    },
    inputs=[(5, 3)],
)
class Features(Module):
    """Calls a model, and gives what layers within it compute. Nothing that comes after the last of them is computed.

    Args:
        model: The model. It is not changed, and its parameters are this module's.
        layers: Path of a layer, such as `"layer3"` or `"features.3"`; or several in a list.

    Shape: what the model takes, to the layer's output; for a list, to a dict of outputs by path, in the list's order.

    A layer that is called several times gives its first output. Gradients flow, and modes and frozen layers are the
    model's own: call `eval()` for features that do not depend on the batch.

    Raises:
        InvalidValueError: There is no such layer; or the model did not call it, as auxiliary heads in evaluation.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn, ones
        >>> model = nc.create("lenet5").eval()
        >>> nn.Features(model, "features.2")(ones((1, 1, 28, 28))).shape
        (1, 6, 14, 14)
        >>> outputs = nn.Features(model, ["classifier.1", "features"])(ones((1, 1, 28, 28)))
        >>> {name: output.shape for name, output in outputs.items()}
        {'classifier.1': (1, 120), 'features': (1, 16, 5, 5)}
    """

    def __init__(self, model: Module, layers: str | Sequence[str]) -> None:
        super().__init__()
        if not isinstance(model, Module):
            raise InvalidValueError(f"Features: model is a Module, got {type(model).__name__}")
        names = [layers] if isinstance(layers, str) else list(layers)
        if not names or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
            raise InvalidValueError(
                f"Features: layers is the path of a layer, or a list of different ones; got {layers!r}"
            )
        self.model = model
        self.layers = layers if isinstance(layers, str) else tuple(names)
        for name in names:
            model.get_submodule(name)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        names = [self.layers] if isinstance(self.layers, str) else self.layers
        # Looked up anew in each call: a layer may have been put in another's place.
        wanted = {id(self.model.get_submodule(name)) for name in names}
        found: dict[int, Any] = {}

        def watched(module: Module, run: Callable[[], Any]) -> Any:
            output = run()
            if id(module) in wanted and id(module) not in found:
                found[id(module)] = output
                if len(found) == len(wanted):
                    raise _Reached
            return output

        with intercept(watched), contextlib.suppress(_Reached):
            self.model(*args, **kwargs)
        outputs = {}
        for name in names:
            key = id(self.model.get_submodule(name))
            if key not in found:
                raise InvalidValueError(
                    f"Features: {type(self.model).__name__} did not call its layer {name!r} "
                    f"in {'training' if self.model.training else 'evaluation'} mode"
                )
            outputs[name] = found[key]
        return outputs[self.layers] if isinstance(self.layers, str) else outputs
