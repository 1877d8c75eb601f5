"""Checks of what is called with tensors and gives tensors: layers, activations, losses and architectures."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.module import Module
from nncore.testing.case import Case, Drawn, arrays, tensors, tuples
from nncore.testing.docs import doc_of
from nncore.testing.report import Fault, NotApplicable

__all__ = [
    "check_determinism",
    "check_float64",
    "check_inputs",
    "check_modes",
    "check_shape",
    "check_strides",
    "float_outputs",
    "same",
]

DTYPES = ("float32", "float64")


def float_outputs(output: Any) -> list[tuple[str, Tensor]]:
    """The floating-point tensors that came out."""
    return [(path, tensor) for path, tensor in tensors(output) if tensor.dtype.is_floating_point]


def same(got: Any, want: Any, what: str, hint: str = "", rtol: float = 0.0, atol: float = 0.0) -> None:
    """Hold two nests of outputs to be alike.

    Raises:
        Fault: They differ; the message says what and how far.
    """
    ours, theirs = arrays(got), arrays(want)
    if [each.shape for each in ours] != [each.shape for each in theirs]:
        raise Fault(f"{what}: shapes {[e.shape for e in ours]} against {[e.shape for e in theirs]}", hint)
    for mine, other in zip(ours, theirs, strict=True):
        if not np.allclose(mine, other, rtol=rtol, atol=atol, equal_nan=True):
            far = np.nanmax(np.abs(mine.astype(np.float64) - other.astype(np.float64)))
            raise Fault(f"{what}: they differ by up to {far:.3g}", hint)


def run(case: Case, thing: Any, drawn: Drawn) -> Any:
    output = case.call(thing, drawn)
    arrays(output)  # a Fault where nothing came out
    return output


def eval_mode(thing: Any) -> Any:
    return thing.eval() if isinstance(thing, Module) else thing


def state(thing: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Copies of a module's parameters and buffers."""
    if not isinstance(thing, Module):
        return {}
    members = [*thing.named_parameters(), *thing.named_buffers()]
    return {name: tensor.detach().numpy().copy() for name, tensor in members}


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names whose values differ."""
    return [name for name in after if name not in before or not np.array_equal(before[name], after[name], True)]


def check_shape(case: Case) -> str:
    """What comes out has the promised shape, the dtype of the floats that went in, and finite values."""
    for dtype in DTYPES:
        thing, drawn = case.make(dtype), case.inputs(dtype)
        output = run(case, thing, drawn)
        got = tuples(output)
        given = [tuple(tensor.shape) for tensor in drawn.tensors()]
        want = case.example.output
        if case.kind == "activation" and want is None and given:
            want = given[0]
        if want is not None and not _fits(got, want):
            raise Fault(
                f"inputs of shape {_listed(given)} gave {got}; promised is {want}",
                "An activation keeps its input's shape; what changes it is a layer."
                if case.kind == "activation"
                else "Mend the shape, or the example's `output`.",
            )
        floats = any(tensor.dtype.is_floating_point for tensor in drawn.tensors()) or (
            isinstance(thing, Module) and any(True for _ in thing.parameters())
        )
        for path, tensor in float_outputs(output):
            if floats and tensor.dtype.name != dtype:
                raise Fault(
                    f"{dtype} went in, and {path} is {tensor.dtype.name}",
                    "Make constants and new tensors in the input's dtype, such as zeros(shape, dtype=input.dtype).",
                )
            if not np.isfinite(tensor.detach().numpy()).all():
                raise Fault(
                    f"{path} has values that are not finite, in {dtype}",
                    "Draw the example's inputs where it is defined (given(shape, low=..., high=...)), or mend it.",
                )
    return f"{_listed(given)} to {got}, in float32 and float64"


def _fits(got: Any, want: Any) -> bool:
    """Whether shapes are the promised ones; None in a promise promises nothing."""
    if want is None or got == want:
        return True
    nested = isinstance(want, tuple) and any(isinstance(item, tuple) or item is None for item in want)
    return nested and isinstance(got, tuple) and len(got) == len(want) and all(map(_fits, got, want))


def _listed(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))


def check_inputs(case: Case) -> None:
    """What it is given is left as it is."""
    drawn = case.inputs()
    before = arrays((drawn.args, drawn.kwargs)) if drawn.tensors() else []
    if not before:
        raise NotApplicable("it takes no tensors")
    run(case, case.make(), drawn)
    for old, new in zip(before, arrays((drawn.args, drawn.kwargs)), strict=True):
        if not np.array_equal(old, new, equal_nan=True):
            raise Fault("it changes its inputs", "Compute new tensors; ops whose names end with `_` write in place.")


def check_float64(case: Case) -> str:
    """float32 computes what float64 does, up to its precision."""
    outputs = []
    for dtype in DTYPES:
        thing, drawn = eval_mode(case.make(dtype)), case.inputs("float32")
        if dtype == "float64":
            drawn = _widened(drawn)  # the same float32 numbers, so that only the computing differs
        outputs.append([tensor.detach().numpy() for _, tensor in float_outputs(run(case, thing, drawn))])
    worst = 0.0
    for narrow, wide in zip(*outputs, strict=True):
        scale = max(1e-3, float(np.abs(wide).max(initial=0.0)))
        worst = max(worst, float(np.abs(narrow - wide).max(initial=0.0)) / scale)
    if not worst <= 1e-3:
        raise Fault(
            f"float32 and float64 differ by {worst:.2g} of the largest value",
            "Look for differences of large numbers, or exponentials that overflow.",
        )
    return f"they differ by {worst:.1g} of the largest value"


def _widened(drawn: Drawn) -> Drawn:
    def wide(value: Any) -> Any:
        if isinstance(value, Tensor) and value.dtype.is_floating_point:
            return value.to("float64")
        return tuple(map(wide, value)) if isinstance(value, tuple) else value

    return Drawn(wide(drawn.args), {name: wide(value) for name, value in drawn.kwargs.items()})


def check_strides(case: Case) -> None:
    """Memory of another layout gives the same: transposed inputs, and parts of larger ones."""
    drawn = case.inputs("float64")
    if not any(tensor.ndim for tensor in drawn.tensors()):
        raise NotApplicable("no input has dimensions")
    want = run(case, eval_mode(case.make("float64")), drawn)

    def strided(value: Any) -> Any:
        if isinstance(value, Tensor) and value.ndim:
            array = value.numpy()
            holder = np.zeros((*reversed(array.shape[1:]), array.shape[0] * 2), array.dtype)
            # Every other entry along the first dimension, which is the last one in memory.
            view = holder[..., ::2].transpose()
            view[...] = array
            tensor = _core.from_numpy(holder)
            for at in range(tensor.ndim // 2):
                tensor = tensor.transpose(at, tensor.ndim - 1 - at)
            return tensor[::2]
        return tuple(map(strided, value)) if isinstance(value, tuple) else value

    other = Drawn(strided(drawn.args), {name: strided(value) for name, value in drawn.kwargs.items()})
    got = run(case, eval_mode(case.make("float64")), other)
    same(got, want, "inputs of other strides give other values", "Ask `tensor.numpy()` for no strides.", 1e-9, 1e-12)


def check_determinism(case: Case) -> str:
    """The same seed gives the same, bit by bit; and without a seed too, in evaluation."""
    hint = (
        "Draw from nncore alone (ops.dropout, nncore.rand), which nncore.manual_seed fixes; not from numpy.random or "
        "random."
    )
    thing, drawn = case.make(), case.inputs()
    first, before = run(case, thing, drawn), state(thing)
    twin = case.make()
    again = run(case, twin, drawn)
    if changed(before, state(twin)):
        raise Fault("the same seed gives other weights or buffers", hint)
    same(again, first, "the same seed and inputs give other outputs", hint)
    thing = eval_mode(case.make())
    want = run(case, thing, drawn)
    for _ in range(2):
        got = thing(*drawn.args, **drawn.kwargs)  # not `call`: the streams go on
        same(got, want, "two calls in evaluation give different outputs", hint)
    return "bit by bit"


def check_modes(case: Case) -> str:
    """Evaluation changes nothing; freezing holds; and where training differs, the documentation says so."""
    thing, drawn = case.make(), case.inputs()
    if not isinstance(thing, Module):
        raise NotApplicable("it has no modes")
    thing.eval()
    before = state(thing)
    evaluated = run(case, thing, drawn)
    moved = changed(before, state(thing))
    if moved:
        raise Fault(f"evaluation changes {_names(moved)}", "Follow statistics only `if self.training`.")
    thing = case.make()
    before = state(thing)
    trained = run(case, thing.train(), drawn)
    moved = changed(before, state(thing))
    parameters = [name for name in moved if name in dict(thing.named_parameters())]
    if parameters:
        raise Fault(f"a call changes the parameters {_names(parameters)}", "Only the optimizer changes parameters.")
    for name, buffer in thing.named_buffers():
        if buffer.requires_grad:
            raise Fault(
                f"buffer {name!r} is on the tape after a call, so that each call keeps the one before alive",
                "Compute what follows the batches under no_grad(), or detach() it.",
            )
    if moved:
        frozen = case.make().train().freeze()
        before = state(frozen)
        run(case, frozen, drawn)
        if changed(before, state(frozen)):
            raise Fault(
                f"a frozen module still changes {_names(changed(before, state(frozen)))}",
                "Follow statistics only `if self.training and not self.frozen`.",
            )
    differs = bool(moved) or any(
        not np.array_equal(one, two, equal_nan=True)
        for one, two in zip(arrays(trained), arrays(evaluated), strict=True)
    )
    # What a container does in training, its parts say.
    alone = case.kind != "architecture" and not any(True for _ in thing.children())
    if differs and alone and not re.search(r"train|eval|inference", doc_of(case.component)):
        raise Fault(
            "training and evaluation give different outputs, and the docstring does not say so",
            "Say in the docstring what happens in training.",
        )
    return f"training differs{f', and follows {_names(moved)}' if moved else ''}" if differs else "training is the same"


def _names(names: list[str]) -> str:
    return ", ".join(map(repr, names[:3])) + (", ..." if len(names) > 3 else "")
