"""Where numbers go wrong, or would."""

from __future__ import annotations

from typing import Any

from nncore import _core
from nncore._core import Tensor
from nncore.data import Batches
from nncore.errors import InvalidValueError, ShapeError
from nncore.module import Module
from nncore.streams import left_alone
from nncore.training.feeds import Feed

__all__ = ["check_last_batch", "first_not_finite"]


def first_not_finite(model: Module, x: Tensor, y: Any = None) -> str:
    """Where a batch first meets NaN or an infinity, in words: in its input, its targets, or in the output of a layer.

    The model computes as it is, without gradients.
    """
    if not _finite(x):
        return "the batch's input holds NaN or an infinity"
    if isinstance(y, Tensor) and not _finite(y):
        return "the batch's targets hold NaN or an infinity"
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
    if not found and isinstance(y, Tensor) and not y.dtype.is_floating_point and bool((y < 0).all().item()):
        return "all targets of this batch are negative, so the loss ignores each of them and is the mean of none"
    return found[0] if found else "no layer gives one with these weights, so the steps of this epoch have led there"


def check_last_batch(model: Module, feed: Feed) -> None:
    """Refuse batches of one sample where a layer normalizes by the batch, before the training has got so far.

    Raises:
        InvalidValueError: There would be one. The message names the layer and the ways out.
    """
    batches = feed.source
    if not isinstance(batches, Batches) or not any("BatchNorm" in type(each).__name__ for each in model.modules()):
        return
    count, size = len(batches.dataset), batches.batch_size
    if size > 1 and (count % size != 1 or batches.drop_last):
        return
    training, buffers = model.training, {name: value.clone() for name, value in model.state_dict().items()}
    try:
        with _core.no_grad(), left_alone():
            model.train()(_core.tensor(batches.dataset.gather(slice(0, 1))[0]))
    except ShapeError as error:
        if error.op != "batch_norm":
            raise
        held = (
            "each batch holds" if size == 1 else f"the last of {count} samples in batches of {size} would be a batch of"
        )
        raise InvalidValueError(
            f"{held} one sample, and a batch normalization cannot learn from one. Choose another batch_size, "
            f"or leave the last batch out: train.batches({max(size, 2)}, shuffle=True, drop_last=True)",
            layer=error.layer,
        ) from None
    finally:
        model.load_state_dict(buffers)
        model.train(training)


def _finite(x: Tensor) -> bool:
    return not x.dtype.is_floating_point or bool(_core.ops.isfinite(x).all().item())
