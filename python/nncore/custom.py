"""Your own ops: `custom_op`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from nncore import _core
from nncore._core import Tensor
from nncore.errors import GradientError, InvalidValueError

__all__ = ["Context", "CustomOp", "custom_op", "with_gradient_hook"]


class Context:
    """What a backward function sees of the call that it belongs to.

    Attributes:
        inputs: The tensors that the op was given, in order.
        outputs: The tensors that it returned.
        arguments: All its arguments by name, with the tensors as they were given.
        needs: For each of the inputs, whether its gradient is wanted.
    """

    def __init__(
        self, inputs: Sequence[Any], outputs: Sequence[Any], arguments: dict[str, Any], needs: Sequence[bool]
    ) -> None:
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.arguments = arguments
        self.needs = tuple(needs)


class CustomOp:
    """An op of your own; made by `custom_op` and called like the function."""

    def __init__(
        self, function: Callable[..., Any], numpy: bool, shape: Callable[..., Any] | None, name: str | None
    ) -> None:
        functools.update_wrapper(self, function)
        self._place = function.__qualname__
        self.name = name or function.__name__
        self._function, self._numpy, self._shape = function, numpy, shape
        self._signature = inspect.signature(function)
        self._backward: Callable[..., Any] | None = None
        self._op = _core.CustomOp(self.name)
        self._gradient = _core.CustomOp(f"{self.name}_grad")

    def backward(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Say how gradients come back: `function(ctx, *grads)`.

        It is given a `Context` and the gradient of each output, and returns the gradient of each tensor argument (None
        where nothing flows back): one alone, or a tuple.
        """
        self._backward = function
        return function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        places = [name for name, value in bound.arguments.items() if isinstance(value, Tensor)]
        tensors = [bound.arguments[name] for name in places]
        if not tensors:
            raise InvalidValueError(f"{self.name} was given no tensor")
        run = self._on_arrays if self._numpy else self._composed
        return run(bound, places, tensors)

    def _composed(self, bound: inspect.BoundArguments, places: list[str], tensors: list[Tensor]) -> Any:
        """Ops run one by one; where there is a backward function, the tape sees one op in their place."""
        if self._backward is None:
            return self._function(*bound.args, **bound.kwargs)
        with _core.no_grad():
            result = self._function(*bound.args, **bound.kwargs)
        several = isinstance(result, tuple)
        arguments = dict(bound.arguments)

        def backward(inputs: list[Tensor], outputs: list[Tensor], grads: list[Tensor | None]) -> list[Any]:
            given = {**arguments, **dict(zip(places, inputs, strict=True))}
            full = [_core.zeros_like(o.detach()) if g is None else g for g, o in zip(grads, outputs, strict=True)]
            return self._back(inputs, outputs, given, full, needs)

        needs = [tensor.requires_grad for tensor in tensors]
        for name in places:
            del arguments[name]  # else the tape would hold them twice
        attached = self._op.attach(tensors, list(result) if several else [result], backward)
        return attached if several else attached[0]

    def _on_arrays(self, bound: inspect.BoundArguments, places: list[str], tensors: list[Tensor]) -> Any:
        """One op, whose kernel is the function."""
        given = dict(bound.arguments)
        for name in places:
            del given[name]
        specs, several = self._specs(bound, tensors)

        def forward(*arrays: Any) -> Any:
            return self._called(given, places, arrays)

        needs = [tensor.requires_grad for tensor in tensors]

        def backward(inputs: list[Tensor], outputs: list[Tensor], grads: list[Tensor | None]) -> list[Any]:
            wanted = [at for at, need in enumerate(needs) if need]
            full = [_core.zeros_like(o.detach()) if g is None else g for g, o in zip(grads, outputs, strict=True)]

            # Numbers, since a captured step keeps the kernel, and with it whatever the kernel mentions.
            ends = len(inputs), len(inputs) + len(outputs)

            def kernel(*arrays: Any) -> Any:
                ins, outs, dys = arrays[: ends[0]], arrays[ends[0] : ends[1]], arrays[ends[1] :]
                named = {**given, **dict(zip(places, ins, strict=True))}
                back = self._back(ins, outs, named, dys, needs)
                return tuple(_zeros(ins[at]) if back[at] is None else back[at] for at in wanted)

            shapes = [(inputs[at].dtype, list(inputs[at].shape)) for at in wanted]
            made = iter(self._gradient.run([*inputs, *outputs, *full], shapes, kernel, None))
            return [next(made) if need else None for need in needs]

        outs = self._op.run(tensors, specs, forward, backward if self._backward else None)
        return outs if several else outs[0]

    def _specs(self, bound: inspect.BoundArguments, tensors: list[Tensor]) -> tuple[list[Any], bool]:
        """Dtype and shape of each output, and whether there is more than one."""
        if self._shape is None:
            return [(tensors[0].dtype, list(tensors[0].shape))], False
        told = self._shape(*bound.args, **bound.kwargs)
        several = isinstance(told, list)
        specs = []
        for each in told if several else [told]:
            # A shape alone, or (shape, dtype).
            pair = len(each) == 2 and isinstance(each[0], (tuple, list))
            shape, dtype = each if pair else (each, tensors[0].dtype)
            specs.append((dtype, [int(size) for size in shape]))
        return specs, several

    def _called(self, given: dict[str, Any], places: list[str], arrays: Sequence[Any]) -> Any:
        values = {**given, **dict(zip(places, arrays, strict=True))}
        bound = inspect.BoundArguments(
            self._signature,
            {name: values[name] for name in self._signature.parameters if name in values},
        )
        return self._function(*bound.args, **bound.kwargs)

    def _back(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        given: dict[str, Any],
        grads: Sequence[Any],
        needs: list[bool],
    ) -> list[Any]:
        assert self._backward is not None
        back = self._backward(Context(inputs, outputs, given, needs), *grads)
        back = list(back) if isinstance(back, (tuple, list)) else [back]
        if len(back) != len(inputs):
            raise GradientError(
                f"backward of {self.name} returned {len(back)} gradients for {len(inputs)} tensors", op=self.name
            )
        return back

    def __reduce__(self) -> str:
        # Copied and pickled as functions are: by the name under which its module has it.
        return self._place

    def __repr__(self) -> str:
        return f"<custom op {self.name}{self._signature}>"


def _zeros(array: Any) -> Any:
    import numpy as np

    return np.zeros_like(array)


def custom_op(
    function: Callable[..., Any] | None = None,
    *,
    numpy: bool = False,
    shape: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Any:
    """Make an op of your own out of a function.

    Of ops, with a gradient of its own, which is again made of ops; it can be captured and differentiated twice:

        @nc.custom_op
        def clipped(x, limit=1.0):
            return ops.clamp(x, -limit, limit)

        @clipped.backward
        def _(ctx, grad):
            return grad                      # straight through

    Or on NumPy arrays, with `numpy=True`, for what cannot be said in ops. A captured step calls back into Python for it:

        @nc.custom_op(numpy=True)
        def sorted_rows(x):
            return np.sort(x, axis=1)

        @sorted_rows.backward
        def _(ctx, grad):
            order = np.argsort(ctx.inputs[0], axis=1)
            back = np.empty_like(grad)
            np.put_along_axis(back, order, grad, axis=1)
            return back

    Without a backward function a composition has the gradient of its ops, and an op on arrays has none.

    Args:
        function: Forward. Its arguments that are tensors are the op's inputs; others are constants.
        numpy: Whether it works on NumPy arrays. They are copies, so it may change them.
        shape: For ops on arrays: called with the op's arguments, returns the output's shape, or `(shape, dtype)`, or a
            list of such for several outputs. Default: one output, like the first tensor.
        name: Default: the function's.
    """
    if function is None:
        return lambda given: CustomOp(given, numpy, shape, name)
    return CustomOp(function, numpy, shape, name)


_hook = None


def with_gradient_hook(output: Tensor, hook: Callable[[Tensor], Tensor]) -> Tensor:
    """The same tensor, on whose way back `hook` sees and may replace the gradient."""
    global _hook
    if _hook is None:
        _hook = _core.CustomOp("gradient_hook")

    def backward(inputs: list[Tensor], outputs: list[Tensor], grads: list[Tensor | None]) -> list[Any]:
        return [None if grads[0] is None else hook(grads[0])]

    hooked: Tensor = _hook.attach([output], [output], backward)[0]
    return hooked
