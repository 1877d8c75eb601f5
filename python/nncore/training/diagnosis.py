"""Where numbers go wrong."""

from __future__ import annotations

from typing import Any

from nncore import _core
from nncore._core import Tensor
from nncore.module import Module

__all__ = ["first_not_finite"]


def first_not_finite(model: Module, x: Tensor) -> str:
    """Where a batch first meets NaN or an infinity, in words: in its input, or in the output of a layer.

    The model computes as it is, without gradients.
    """
    if not _finite(x):
        return "the batch's input holds NaN or an infinity"
    found: list[str] = []
    handles = []
    for path, module in model.named_modules():
        if path and not module._modules:

            def look(module: Module, arguments: Any, output: Any, path: str = path) -> None:
                if not found and isinstance(output, Tensor) and not _finite(output):
                    found.append(f"the first layer to give one is {path} ({type(module).__name__})")

            handles.append(module.register_forward_hook(look))
    try:
        with _core.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else "no layer gives one with these weights, so the steps of this epoch have led there"


def _finite(x: Tensor) -> bool:
    return not x.dtype.is_floating_point or bool(_core.ops.isfinite(x).all().item())
