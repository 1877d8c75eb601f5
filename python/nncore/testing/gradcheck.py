"""`gradcheck`: gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.errors import GradientError, InvalidValueError
from nncore.module import Module

__all__ = ["GradcheckResult", "Limits", "compare", "compare_along", "gradcheck"]


@dataclass
class GradcheckResult:
    """What was compared.

    Args:
        checked: Elements whose derivatives agreed.
        skipped: Elements that lie at a kink, where the left and the right derivative differ, so that there is nothing
            to agree with.
        worst: The largest difference, in units of the tolerance; below 1.
        where: Places of the skipped elements, as `"argument 0[3]"`.
    """

    checked: int = 0
    skipped: int = 0
    worst: float = 0.0
    where: list[str] = field(default_factory=list)


def gradcheck(
    function: Callable[..., Any],
    *inputs: Any,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-5,
    max_skipped: float = 0.2,
    order: int = 1,
    seed: int = 0,
    most: int | None = None,
) -> GradcheckResult:
    """Compare a function's gradients with central differences, element by element, in float64.

    A kink (ReLU at 0, a tie in max pooling) has no derivative to compare with. It is known by a left and a right
    difference that disagree; such elements are left out and counted.

    Args:
        function: From tensors to a tensor, or to a tuple of tensors; a Module in float64 is checked with respect to its
            parameters too. It must be deterministic.
        *inputs: Its arguments. Floating-point tensors and arrays are converted to float64 and differentiated; everything
            else is passed on.
        eps: Step of the difference.
        atol, rtol: Derivatives `a` and numeric `n` agree where |a - n| <= atol + rtol·|n|.
        max_skipped: Share of the elements that may lie at kinks.
        order: 2 checks the gradient's gradient as well.
        seed: Of the fixed random weights by which the outputs are added up.
        most: How many elements of each input and parameter to compare, drawn at random. Default: all.

    Raises:
        GradientError: A derivative differs, too many elements lie at kinks, or nothing is there to differentiate.

    Example:
        >>> import numpy as np
        >>> from nncore import ops
        >>> gradcheck(ops.tanh, np.linspace(-1, 1, 5)).checked
        5
    """
    if order not in (1, 2):
        raise InvalidValueError(f"order is 1 or 2, got {order!r}")
    args = [_as_leaf(value) for value in inputs]
    leaves: list[tuple[str, Tensor]] = [
        (f"argument {at}", leaf) for at, leaf in enumerate(args) if isinstance(leaf, Tensor) and leaf.requires_grad
    ]
    if isinstance(function, Module):
        for name, parameter in function.named_parameters():
            if parameter.requires_grad:
                if parameter.dtype.name != "float64":
                    raise InvalidValueError(f"{name} is {parameter.dtype}; gradcheck needs module.to('float64')")
                leaves.append((name, parameter))
    if not leaves:
        raise GradientError("there is nothing to differentiate: no floating-point input")
    result = GradcheckResult()
    weighted = _Weighted(function, args, seed)
    compare(weighted, leaves, Limits(eps, atol, rtol), result, most)
    if order == 2:
        compare(_Gradient(weighted, leaves, seed), leaves, Limits(eps, atol * 10, rtol * 10), result, most)
    total = result.checked + result.skipped
    if result.skipped > max_skipped * total:
        raise GradientError(
            f"{result.skipped} of {total} elements lie at kinks ({', '.join(result.where[:3])}, ...); choose other inputs"
        )
    return result


@dataclass(frozen=True)
class Limits:
    """The step of the differences, and how far derivatives may be apart."""

    eps: float = 1e-6
    atol: float = 1e-6
    rtol: float = 1e-5


class _Weighted:
    """The function's outputs, added up with fixed random weights: one number, as differences need it."""

    def __init__(self, function: Callable[..., Any], args: list[Any], seed: int) -> None:
        self._function, self._args, self._seed = function, args, seed

    def __call__(self) -> Tensor:
        outputs = self._function(*self._args)
        total: Any = None
        rng = np.random.default_rng(self._seed)
        for output in outputs if isinstance(outputs, (tuple, list)) else [outputs]:
            if not isinstance(output, Tensor) or not output.dtype.is_floating_point:
                continue
            weights = _core.tensor(np.asarray(rng.uniform(0.5, 1.5, tuple(output.shape))))
            part = (output * weights).sum()
            total = part if total is None else total + part
        if total is None:
            raise GradientError("the function returns no floating-point tensor")
        return total  # type: ignore[no-any-return]


class _Gradient:
    """The gradient of such a number, again added up with weights: what the second order is checked on."""

    def __init__(self, weighted: _Weighted, leaves: list[tuple[str, Tensor]], seed: int) -> None:
        self._weighted, self._leaves = weighted, leaves
        rng = np.random.default_rng(seed + 1)
        self._weights = [_core.tensor(np.asarray(rng.uniform(0.5, 1.5, tuple(leaf.shape)))) for _, leaf in leaves]

    def __call__(self) -> Tensor:
        with _core.enable_grad():
            grads = _core.grad(
                self._weighted(), [leaf for _, leaf in self._leaves], create_graph=True, allow_unused=True
            )
            total: Any = _core.tensor(0.0, dtype="float64")
            for grad, weights in zip(grads, self._weights, strict=True):
                if grad is not None:
                    total = total + (grad * weights).sum()
        return total  # type: ignore[no-any-return]


def compare(
    value: Callable[[], Tensor],
    leaves: list[tuple[str, Tensor]],
    limits: Limits,
    result: GradcheckResult,
    most: int | None = None,
) -> None:
    """Compare the derivatives of a number by elements of leaves, at most so many of each leaf, with differences."""
    grads, middle = _gradients(value, leaves)
    for (name, leaf), analytic in zip(leaves, grads, strict=True):
        for index in _elements(leaf, most):
            direction = np.zeros(tuple(leaf.shape))
            direction[index] = 1.0
            slopes = _slopes(value, [leaf], [direction], middle, limits.eps)
            _judge(f"{name}{list(index)}", float(analytic[index]), slopes, limits, result)


def compare_along(
    value: Callable[[], Tensor],
    leaves: list[tuple[str, Tensor]],
    limits: Limits,
    result: GradcheckResult,
    directions: int = 3,
) -> None:
    """Compare derivatives along random directions through all leaves at once: what a large network has time for."""
    grads, middle = _gradients(value, leaves)
    rng = np.random.default_rng(0)
    for number in range(directions):
        along = [rng.standard_normal(tuple(leaf.shape)) for _, leaf in leaves]
        got = sum(float((grad * each).sum()) for grad, each in zip(grads, along, strict=True))
        slopes = _slopes(value, [leaf for _, leaf in leaves], along, middle, limits.eps)
        _judge(f"all {len(leaves)} inputs and parameters along direction {number}", got, slopes, limits, result)


def _gradients(value: Callable[[], Tensor], leaves: list[tuple[str, Tensor]]) -> tuple[list[Any], float]:
    output = value()
    grads: Any = [None] * len(leaves)
    if output.requires_grad:
        grads = _core.grad(output, [leaf for _, leaf in leaves], allow_unused=True)
    found = []
    for (name, leaf), grad in zip(leaves, grads, strict=True):
        shape = tuple(leaf.shape)
        analytic = np.zeros(shape) if grad is None else grad.detach().numpy()
        if analytic.shape != shape:
            raise GradientError(f"the gradient of {name} has shape {analytic.shape}, expected {shape}")
        found.append(analytic)
    return found, output.item()


def _elements(leaf: Tensor, most: int | None) -> list[tuple[int, ...]]:
    shape = tuple(leaf.shape)
    if most is None or leaf.numel() <= most:
        return list(np.ndindex(*shape))
    chosen = np.random.default_rng(0).choice(leaf.numel(), most, replace=False)
    return [tuple(map(int, np.unravel_index(at, shape))) for at in sorted(chosen)]


def _judge(where: str, got: float, slopes: tuple[float, float], limits: Limits, result: GradcheckResult) -> None:
    left, right = slopes
    want = (left + right) / 2
    # A smooth function's one-sided slopes differ by eps times its curvature; at a kink they differ by the jump.
    if abs(left - right) > 1e-3 * max(1.0, abs(want)):
        result.skipped += 1
        result.where.append(where)
        return
    distance = abs(got - want) / (limits.atol + limits.rtol * abs(want))
    if not distance <= 1:
        raise GradientError(f"the derivative by {where} is {got:.10g}, differences say {want:.10g}")
    result.checked += 1
    result.worst = max(result.worst, distance)


def _slopes(
    value: Callable[[], Tensor], leaves: list[Tensor], along: list[Any], middle: float, eps: float
) -> tuple[float, float]:
    """The left and the right slope along a direction."""
    memories = [leaf.detach() for leaf in leaves]
    starts = [memory.numpy().copy() for memory in memories]
    try:
        ends = []
        for step in (-eps, eps):
            for memory, start, direction in zip(memories, starts, along, strict=True):
                memory.copy_(_core.tensor(start + step * direction))
            ends.append(value().item())
        return (middle - ends[0]) / eps, (ends[1] - middle) / eps
    finally:
        for memory, start in zip(memories, starts, strict=True):
            memory.copy_(_core.tensor(start))


def _as_leaf(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        value = _core.tensor(np.asarray(value))
    if isinstance(value, Tensor) and value.dtype.is_floating_point:
        copy = _core.tensor(value.detach().numpy().astype(np.float64))
        return copy.requires_grad_()
    return value
