"""Every public op of nncore alone, at a small and a large shape, from its own samples: `worker_ops.py [OP...]`.

The small one is the op's first sample in float32. The large one is that sample with its leading size (a batch, mostly)
grown until there are about a million elements, where the op takes it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from nncore import _core as nc
from nncore.bench.cases import Timing
from nncore.errors import NNCoreError

LARGE = 1 << 20
Call = tuple[list[Any], dict[str, Any]]
Change = Callable[[nc.Tensor], Any]


def mapped(value: Any, change: Change) -> Any:
    """An argument with every tensor in it changed."""
    if isinstance(value, (list, tuple)):
        return [mapped(item, change) for item in value]
    return change(value) if isinstance(value, nc.Tensor) else value


def tensors(arguments: list[Any]) -> list[nc.Tensor]:
    """The tensors among the arguments."""
    found: list[nc.Tensor] = []
    mapped(arguments, found.append)
    return found


def single(tensor: nc.Tensor) -> nc.Tensor:
    """As users hold it: floats in float32."""
    return tensor.to("float32") if tensor.dtype == nc.float64 else tensor


def grown(function: Callable[..., Any], call: Call) -> Call | None:
    """The call with a larger leading size, or None where the op does not take it."""
    arguments, attributes = call
    given = tensors(arguments)
    shape = attributes.get("shape")
    lead = given[0].shape[0] if given and given[0].ndim else shape[0] if shape else 0
    elements = max((t.numel() for t in given), default=0) or int(np.prod(shape or 0))
    if lead == 0 or elements == 0:
        return None
    times = max(LARGE // elements, 2)

    def repeat(tensor: nc.Tensor) -> nc.Tensor:
        if tensor.ndim == 0 or tensor.shape[0] != lead:
            return tensor
        return nc.tensor(np.concatenate([tensor.numpy()] * times))

    first = given[0] if given else None
    larger = dict(attributes)
    if shape and shape[0] == lead:
        larger["shape"] = (shape[0] * times, *shape[1:])
    # A size that another input shares is the batch for both, or for the first one alone (as with a square weight).
    changes: tuple[Change, ...] = (repeat, lambda tensor: repeat(tensor) if tensor is first else tensor)
    for change in changes:
        candidate = mapped(arguments, change), larger
        try:
            function(*candidate[0], **candidate[1])
        except (NNCoreError, ValueError, TypeError):
            continue
        return candidate
    return None


def shapes(call: Call) -> str:
    """What an op was given, for the table."""
    listed = ["x".join(map(str, t.shape)) or "()" for t in tensors(call[0])]
    return ", ".join(listed) or ", ".join(f"{name}={value}" for name, value in call[1].items() if name != "dtype")


def measure(name: str, timing: Timing) -> dict[str, Any]:
    """Seconds of one op at both sizes."""
    function = getattr(nc.ops, name)
    calls = [(mapped(list(a), single), dict(k)) for a, k in nc.op_cases(name)]
    chosen: dict[str, Call] = {"small": calls[0]}
    larger = next((large for call in calls if (large := grown(function, call))), None)
    if larger:
        chosen["large"] = larger
    result = {}
    for size, (arguments, attributes) in chosen.items():
        times = timing.measure(lambda a=arguments, k=attributes: function(*a, **k))  # type: ignore[misc]
        result[size] = {"shapes": shapes((arguments, attributes)), **times}
    return result


def main() -> None:
    """Print one line of JSON."""
    asked = [name for name in sys.argv[1:] if not name.startswith("--")]
    timing = Timing(0.002, 3) if "--quick" in sys.argv else Timing(0.01, 7)
    names = asked or [row["name"] for row in nc.op_table() if row["public"]]
    print(json.dumps({"ops": {name: measure(name, timing) for name in names}}))


if __name__ == "__main__":
    main()
