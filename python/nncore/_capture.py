"""`capture`: record a step once, then replay it in Rust, one call a step."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CellType, FunctionType
from typing import Any

import numpy as np

from nncore import _core, _modes
from nncore._core import Tensor
from nncore._tree import is_plain
from nncore.errors import CaptureError, InvalidValueError

__all__ = ["CapturedStep", "capture"]

Tree = Any
"""How arguments or results are nested: `_TENSOR` for each tensor, and everything else as it is."""


class _Leaf:
    def __repr__(self) -> str:
        return "a tensor"


_TENSOR = _Leaf()


def capture(step: Callable[..., Any]) -> CapturedStep:
    """Make a step that is recorded once and then replayed as a whole, without Python in between.

        @nc.capture
        def step(x, y):
            loss = ops.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

    The first call with arguments of some shapes runs as it is, so that state such as momentum comes into being; the
    second one is recorded, and later ones replay the recording. What changes from call to call must be an argument of
    the step, a parameter, an optimizer's learning rate or another tensor that is changed in place. Everything else is
    taken as a constant: arguments that are no tensors, modules' modes and attributes, optimizers' settings, and the
    numbers, strings and objects that the step's function reads from around it. Each call compares all of these with
    what was recorded. Where one differs, the step is run and recorded anew, and `last_retrace` says which and how.

    Args:
        step: A function of tensors (or NumPy arrays), other values, and lists, tuples or dicts of them. It returns
            tensors, nested alike, or nothing.

    Returns:
        A `CapturedStep`, called like the step. Its results are new tensors, off the tape.

    Raises:
        CaptureError: While recording: the step reads a value on the host (`item()`, `numpy()`, `if tensor:`), or keeps a
            tensor that it does not return. The message names the op and the line.
    """
    if not callable(step):
        raise InvalidValueError(f"capture takes a function, got {step!r}")
    return CapturedStep(step)


# Programs that one step keeps. Each holds memory; a step of ever new shapes would fill the machine with them.
_MOST = 64


@dataclass(eq=False)
class _Recording:
    """One program, and what it was recorded with."""

    key: tuple[Any, ...]
    seen: list[_modes.Seen]
    around: _Around
    version: int
    program: Any = None
    """None for a call that ran without being recorded."""
    results: Tree = None
    fast: int = -1
    """The number of arguments where all are tensors and stand side by side; else -1."""
    replays: int = 0
    number: int = 0
    """Programs are numbered in the order in which they were recorded."""
    refused: str | None = None
    """Why the step could not be recorded."""

    def holds(self) -> bool:
        """Whether everything that the program took for constant still is what it was."""
        if self.version != _modes.version:
            if not all(seen.holds() for seen in self.seen):
                return False
            self.version = _modes.version
        return self.around.holds()


class CapturedStep:
    """A step that replays itself; made by `nncore.capture`. Call it like the step. Calls from several threads
    run one after the other.

    Attributes:
        last_retrace: Why the latest call that could not be replayed could not: which guard failed, and how. None while
            there was no reason but that a program has to be recorded first.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        functools.update_wrapper(self, step)
        self._step = step
        self._recordings: list[_Recording] = []
        self._last: _Recording | None = None
        self._counts = {"eager": 0, "recorded": 0, "replayed": 0}
        self._retraces: list[str] = []
        # Two calls at once would change the same parameters in turns, and a program has one memory to work in.
        self._lock = threading.RLock()
        self.last_retrace: str | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _core.recording():
            # Inside a step that is being recorded: part of that one.
            return self._step(*args, **kwargs)
        with self._lock:
            last = self._last
            if last is not None and last.fast == len(args) and not kwargs and _core.is_grad_enabled():
                for argument in args:
                    if type(argument) is not Tensor or argument.requires_grad:
                        break
                else:
                    if last.holds():
                        try:
                            outputs = last.program.replay(args)
                        except CaptureError:
                            if last.program.fits(args):
                                raise
                        else:
                            last.replays += 1
                            return outputs[0] if last.results is _TENSOR else _unflatten(last.results, iter(outputs))
            return self._other(args, kwargs)

    def _other(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that is not obviously one more of the same."""
        leaves: list[Tensor] = []
        tree = _flatten((args, kwargs), leaves)
        for at, leaf in enumerate(leaves):
            if leaf.requires_grad:
                raise CaptureError(
                    f"argument {at} of the captured step requires a gradient; what collects gradients must be there before "
                    "the step is recorded: make it a parameter that the step reads from around it, or detach() it"
                )
        # Types too: 1 and 1.0 are equal, and give results of different dtypes.
        key = (tree, _core.is_grad_enabled(), tuple(map(_described, leaves)), _types(tree))
        same = [recording for recording in self._recordings if recording.key == key and recording.holds()]
        reason = ""
        for recording in same:
            if recording.program is None:
                continue
            try:
                outputs = recording.program.replay(leaves)
            except CaptureError as error:
                if recording.program.fits(leaves):
                    raise
                reason = str(error)  # the state of gradients is no part of the key
                if recording.program.entangled(leaves):
                    # Which arguments share memory is no part of it either.
                    self._note(reason)
                    return self._eager(tree, leaves)
                continue
            self._last = recording
            recording.replays += 1
            self._recordings.append(self._recordings.pop(self._recordings.index(recording)))  # the latest one last
            return _unflatten(recording.results, iter(outputs))
        seen_before = next((recording for recording in same if recording.program is None), None)
        if seen_before is not None:
            if seen_before.refused is not None:
                raise CaptureError(f"this step was refused before, so it did not run now: {seen_before.refused}")
            return self._record(seen_before, tree, leaves)
        self._explain(key, reason)
        return self._run(key, tree, leaves)

    def _run(self, key: tuple[Any, ...], tree: Tree, leaves: list[Tensor]) -> Any:
        """The first call of its kind: as it is, so that whatever is made at the first step is made."""
        with _modes.observe() as seen:
            around = _Around(self._step)
            result = self._eager(tree, leaves)
        if len(self._recordings) >= _MOST:
            self._recordings.remove(min(self._recordings, key=lambda recording: recording.replays))
        self._recordings.append(_Recording(key, list(seen.values()), around, _modes.version))
        return result

    def _eager(self, tree: Tree, leaves: list[Tensor]) -> Any:
        """Run the step as it is. Like those of a replay its results are off the tape, in memory of their own."""
        args, kwargs = _unflatten(tree, iter(leaves))
        tensors: list[Tensor] = []
        nested = _flatten(self._step(*args, **kwargs), tensors)
        self._counts["eager"] += 1
        return _unflatten(nested, iter([tensor.detach().clone() for tensor in tensors]))

    def _record(self, before: _Recording, tree: Tree, leaves: list[Tensor]) -> Any:
        nested: Tree = None

        def flat(*tensors: Tensor) -> tuple[Tensor, ...]:
            nonlocal nested
            args, kwargs = _unflatten(tree, iter(tensors))
            results: list[Tensor] = []
            nested = _flatten(self._step(*args, **kwargs), results)
            return tuple(results)

        with _modes.observe() as seen:
            around = _Around(self._step)
            try:
                outputs, program = _core.record(flat, leaves)
            except CaptureError as error:
                before.refused = str(error)
                raise
        self._counts["recorded"] += 1
        recording = _Recording(before.key, list(seen.values()), around, _modes.version, program, nested)
        args, kwargs = tree
        if not kwargs and all(argument is _TENSOR for argument in args) and before.key[1]:
            recording.fast = len(args)
        self._recordings.remove(before)
        self._recordings.append(recording)
        recording.number = self._counts["recorded"]
        self._last = recording
        return _unflatten(nested, iter(outputs))

    def _explain(self, key: tuple[Any, ...], reason: str) -> None:
        """Note why this call is not one more of those that were recorded."""
        if not self._recordings:
            return
        alike = [recording for recording in self._recordings if recording.key == key]
        reason = reason or _difference(alike[-1] if alike else self._recordings[-1], key)
        if reason:
            self._note(reason)

    def _note(self, reason: str) -> None:
        self.last_retrace = reason
        self._retraces.append(reason)
        del self._retraces[:-10]

    @property
    def calls(self) -> dict[str, int]:
        """How many calls ran eagerly, were recorded, and were replayed."""
        return {**self._counts, "replayed": sum(recording.replays for recording in self._recordings)}

    def report(self) -> str:
        """What was recorded, planned and replayed, and why not more, as text."""
        name = getattr(self._step, "__qualname__", type(self._step).__name__)
        calls = self.calls
        lines = [f"captured step {name}: " + ", ".join(f"{count} {how}" for how, count in calls.items())]
        programs = sorted(
            (recording for recording in self._recordings if recording.program is not None), key=lambda each: each.number
        )
        for recording in programs:
            specs = ", ".join(map(_shown, recording.key[2])) or "no tensors"
            lines.append(f"program {recording.number}: {specs}; {recording.replays} replays")
            lines += [f"  {line}" for line in str(recording.program.report()).rstrip().splitlines()]
        if self._retraces:
            lines.append("recorded anew because:")
            lines += [f"  {reason}" for reason in self._retraces]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<captured step {getattr(self._step, '__qualname__', self._step)!s}>"


@dataclass
class _Around:
    """What the step's function reads from around it: closure cells and globals.

    Plain values are compared by value, everything else by identity, so that a model that is exchanged for another one
    is noticed.
    """

    step: Callable[..., Any]
    cells: list[tuple[str, CellType, Any]] = field(default_factory=list)
    globals: list[tuple[str, dict[str, Any], Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        function: Any = self.step
        while isinstance(function, functools.partial):
            function = function.func
        function = getattr(function, "__func__", function)
        if not isinstance(function, FunctionType):
            return
        code = function.__code__
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            self.cells.append((name, cell, _content(cell)))
        for name in code.co_names:
            if name in function.__globals__:
                self.globals.append((name, function.__globals__, function.__globals__[name]))

    def holds(self) -> bool:
        """Whether all of it is what it was."""
        for _, cell, value in self.cells:
            now = _content(cell)
            if now is not value and not _equal(now, value):
                return False
        for name, space, value in self.globals:
            now = space.get(name)
            if now is not value and not _equal(now, value):
                return False
        return True

    def difference(self) -> str:
        """Which of it changed, in words."""
        pairs = [(name, _content(cell), value) for name, cell, value in self.cells]
        pairs += [(name, space.get(name), value) for name, space, value in self.globals]
        for name, now, value in pairs:
            if now is not value and not _equal(now, value):
                return _changed(f"{name!r}, which the step reads from around it,", value, now)
        return ""


_EMPTY = object()


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return _EMPTY


def _equal(now: Any, value: Any) -> bool:
    return type(now) is type(value) and is_plain(value) and bool(now == value)


def _flatten(value: Any, leaves: list[Tensor]) -> Tree:
    """Take the tensors out of a nest of lists, tuples and dicts."""
    if isinstance(value, Tensor):
        leaves.append(value)
        return _TENSOR
    if isinstance(value, np.ndarray):
        leaves.append(_core.asarray(value))
        return _TENSOR
    if isinstance(value, dict):
        return {key: _flatten(item, leaves) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_flatten(item, leaves) for item in value))
    if isinstance(value, (list, tuple)):
        return type(value)(_flatten(item, leaves) for item in value)
    return value


def _types(tree: Tree) -> Any:
    """The types of what is no tensor, in the tree's shape."""
    if isinstance(tree, dict):
        return tuple(map(_types, tree.values()))
    if isinstance(tree, (list, tuple)):
        return tuple(map(_types, tree))
    return type(tree)


def _unflatten(tree: Tree, leaves: Iterator[Tensor]) -> Any:
    """Put tensors back into their places."""
    if tree is _TENSOR:
        return next(leaves)
    if isinstance(tree, dict):
        return {key: _unflatten(item, leaves) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(_unflatten(item, leaves) for item in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(_unflatten(item, leaves) for item in tree)
    return tree


def _described(tensor: Tensor) -> tuple[Any, ...]:
    return tensor.dtype.name, tensor.shape, tensor.strides, str(tensor.device)


def _shown(described: tuple[Any, ...]) -> str:
    return f"{described[0]} {described[1]}"


def _changed(what: str, before: Any, now: Any) -> str:
    if is_plain(before) and is_plain(now):
        return f"{what} was {before!r} and is now {now!r}"
    return f"{what} is another object now"


def _difference(recording: _Recording, key: tuple[Any, ...]) -> str:
    """Which guard failed, in words."""
    tree, grads, tensors = recording.key[:3]
    if len(tensors) != len(key[2]) or repr(tree) != repr(key[0]):
        return f"the arguments were {_arguments(tree)} and are now {_arguments(key[0])}"
    for at, (before, now) in enumerate(zip(tensors, key[2], strict=True)):
        if before[:2] != now[:2]:
            return f"argument {at} was {_shown(before)} and is now {_shown(now)}"
        if before[2] != now[2]:
            return f"argument {at} had strides {before[2]} and now has {now[2]}"
        if before[3] != now[3]:
            return f"argument {at} was on {before[3]} and is now on {now[3]}"
    if grads != key[1]:
        return f"gradients were {'on' if grads else 'off'} and are now {'on' if key[1] else 'off'}"
    if tree != key[0]:
        return f"the arguments were {_arguments(tree)} and are now {_arguments(key[0])}"
    for seen in recording.seen:
        now = seen.take(seen.item)
        for name in {**seen.picture, **now}:
            if seen.picture.get(name, _EMPTY) != now.get(name, _EMPTY):
                owner = type(seen.item).__name__
                return _changed(f"{owner}: {name}", seen.picture.get(name), now.get(name))
    return recording.around.difference()


def _arguments(tree: Tree) -> str:
    args, kwargs = tree
    return f"({', '.join([*map(repr, args), *(f'{name}={value!r}' for name, value in kwargs.items())])})"
