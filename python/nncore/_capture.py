"""`capture`: record a step once, then replay it in Rust, one call a step."""

from __future__ import annotations

import functools
import random
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import MethodType
from typing import Any

import numpy as np

from nncore import _core, _modes
from nncore._around import EMPTY, Around, changed
from nncore._core import Tensor
from nncore._nest import TENSOR, Tree, flatten, others, types, unflatten
from nncore.errors import CaptureError, CaptureWarning, InvalidValueError
from nncore.plugins._frames import stacklevel

__all__ = ["CapturedStep", "capture"]


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
    the step, a parameter, an optimizer's learning rate or another tensor that is changed in place.

    Everything else is a constant of the recording, and each call compares it with what was recorded. Where it differs,
    the step is run and recorded anew, and `last_retrace` says which and how. These are guarded:

    - arguments: shapes, dtypes, strides and device of tensors, everything else by value, and whether tensors share memory
      that the step changes (then the step runs as it is);
    - modules and optimizers: modes, settings, attributes, hooks, who stands where, `requires_grad`;
    - what the step's function, the functions and methods that it calls, and modules' `forward` read from around them:
      closures, globals, and of objects on the way those attributes whose names the code mentions. Numbers, strings and
      tuples are compared by value, lists, dicts and sets item by item, NumPy arrays of up to 64 KiB by their contents,
      functions by their code and defaults, everything else by identity;
    - whether gradients are on, and which gradients are there.

    A step that cannot be guarded, or that changes itself what it reads (it counts calls in an attribute, appends to a
    list that it reads, takes from an iterator, draws from Python's or NumPy's random numbers), runs as it is: its results
    are right, its speed is the usual one, and a `CaptureWarning` names the reason.

    These are not guarded: functions and settings of installed libraries, what objects written in C hold inside, what the
    step learns from the world (files, clocks, the environment), and what it only does, such as printing: a replay does
    not do it.

    Args:
        step: A function of tensors (or NumPy arrays), other values, and lists, tuples or dicts of them. It returns
            tensors, nested alike, or nothing.

    Returns:
        A `CapturedStep`, called like the step. Its results are new tensors, off the tape.

    Raises:
        CaptureError: While recording: the step reads a value on the host (`item()`, `numpy()`, `if tensor:`), or keeps a
            tensor that it does not return. The message names the op and the line. The step has run to its end then, once
            and as without capture; further calls of this kind raise the error again and do not run.
    """
    if not callable(step):
        raise InvalidValueError(f"capture takes a function, got {step!r}")
    return CapturedStep(step)


# Programs that one step keeps. Each holds memory; a step of ever new shapes would fill the machine with them.
_MOST = 64
# Bytes that they may hold together; or four times those of the largest, if that is more.
_BYTES = 1 << 27
# Calls that all ran as they are before there is a warning.
_PATIENCE = 16
# Recordings in vain after which a step is no longer recorded.
_RULE = 2


@dataclass(eq=False)
class _Recording:
    """One program, and what it was recorded with."""

    key: tuple[Any, ...]
    seen: list[_modes.Seen]
    around: Around
    version: int
    """Of all settings, when they were looked at last."""
    program: Any = None
    """None for a call that ran without being recorded."""
    bytes: int = 0
    """What the program holds to work in."""
    results: Tree = None
    fast: int = -1
    """The number of arguments where all are tensors and stand side by side; else -1."""
    replays: int = 0
    number: int = 0
    """Programs are numbered in the order in which they were recorded."""
    refused: str | None = None
    """Why the step could not be recorded."""
    moved: int = 0
    """How often the step was recorded in vain, since it changed itself what it reads."""

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
        self._name: str | None = None
        self._recordings: list[_Recording] = []
        self._last: _Recording | None = None
        self._warned = False
        self._counts = {"eager": 0, "recorded": 0, "replayed": 0}
        self._retraces: list[str] = []
        # Two calls at once would change the same parameters in turns, and a program has one memory to work in.
        self._lock = threading.RLock()
        self.last_retrace: str | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, item: Any, owner: type | None = None) -> Any:
        """A method's step: each object has one of its own, made when it is first asked for."""
        if item is None:
            return self
        bound = CapturedStep(MethodType(self._step, item))
        if self._name is not None and isinstance(getattr(item, "__dict__", None), dict):
            return item.__dict__.setdefault(self._name, bound)
        return MethodType(self, item)

    def __reduce__(self) -> Any:
        # A copy records by itself: programs belong to the tensors that they were recorded with.
        return CapturedStep, (self._step,)

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
                            return outputs[0] if last.results is TENSOR else unflatten(last.results, iter(outputs))
            return self._other(args, kwargs)

    def _other(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that is not obviously one more of the same."""
        leaves: list[Tensor] = []
        tree = flatten((args, kwargs), leaves)
        for at, leaf in enumerate(leaves):
            if leaf.requires_grad:
                raise CaptureError(
                    f"argument {at} of the captured step requires a gradient; what collects gradients must be there before "
                    "the step is recorded: make it a parameter that the step reads from around it, or detach() it"
                )
        # Types too: 1 and 1.0 are equal, and give results of different dtypes.
        key = (tree, _core.is_grad_enabled(), tuple(map(_described, leaves)), types(tree))
        if any(recording.moved >= _RULE and recording.key == key for recording in self._recordings):
            return self._eager(tree, leaves)
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
            return unflatten(recording.results, iter(outputs))
        seen_before = next((recording for recording in same if recording.program is None), None)
        if seen_before is not None:
            if seen_before.refused is not None:
                raise CaptureError(f"this step was refused before, so it did not run now: {seen_before.refused}")
            if seen_before.around.reason:
                return self._eager(tree, leaves)
            return self._record(seen_before, tree, leaves)
        self._explain(key, reason)
        return self._run(key, tree, leaves)

    def _run(self, key: tuple[Any, ...], tree: Tree, leaves: list[Tensor]) -> Any:
        """The first call of its kind: as it is, so that whatever is made at the first step is made."""
        with _modes.observe() as seen:
            result = self._eager(tree, leaves)
        if len(self._recordings) >= _MOST:
            self._drop(min(self._recordings, key=lambda recording: recording.replays))
        recording = self._pictured(key, tree, seen)
        self._recordings.append(recording)
        eager = self._counts["eager"]
        if recording.around.reason:
            self._warn(recording.around.reason)
        elif eager >= _PATIENCE and self.last_retrace and eager > sum(self.calls.values()) - eager:
            self._warn(
                f"in {eager} calls something was different each time; the last time {self.last_retrace}; a number that "
                "changes from call to call belongs into a tensor"
            )
        return result

    def _pictured(self, key: tuple[Any, ...], tree: Tree, seen: dict[int, _modes.Seen]) -> _Recording:
        """What there is to compare, as it is now; `seen` are the modules and optimizers that are known to be used."""
        version = _modes.version
        with _modes.observe() as now:
            for item, take, _ in seen.values():
                _modes.note(item, take)
            around = Around(self._step, (*others(tree), *(item for item, _, _ in seen.values())))
        return _Recording(key, list(now.values()), around, version)

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            name = getattr(self._step, "__qualname__", type(self._step).__name__)
            text = f"the captured step {name} runs without being replayed, at its usual speed: {reason}"
            warnings.warn(text, CaptureWarning, stacklevel=stacklevel())

    def _eager(self, tree: Tree, leaves: list[Tensor]) -> Any:
        """Run the step as it is. Like those of a replay its results are off the tape, in memory of their own."""
        args, kwargs = unflatten(tree, iter(leaves))
        tensors: list[Tensor] = []
        nested = flatten(self._step(*args, **kwargs), tensors)
        self._counts["eager"] += 1
        return unflatten(nested, iter([tensor.detach().clone() for tensor in tensors]))

    def _record(self, before: _Recording, tree: Tree, leaves: list[Tensor]) -> Any:
        nested: Tree = None

        def flat(*tensors: Tensor) -> tuple[Tensor, ...]:
            nonlocal nested
            args, kwargs = unflatten(tree, iter(tensors))
            results: list[Tensor] = []
            nested = flatten(self._step(*args, **kwargs), results)
            return tuple(results)

        known = {id(seen.item): seen for seen in before.seen}
        recording = self._pictured(before.key, tree, known)
        draws = _draws()
        with _modes.observe() as seen:
            try:
                outputs, program = _core.record(flat, leaves)
            except CaptureError as error:
                before.refused = str(error)
                raise
        self._counts["recorded"] += 1
        recording.seen += [each for each in seen.values() if id(each.item) not in known]
        moved = "" if recording.holds() else _moved(recording)
        if _draws() != draws:
            moved = "the state of Python's or NumPy's random numbers"
        if moved:
            # A replay would not do it. Once is no rule: something may have been made at the second step.
            self._note(f"the step itself changes what a replay would not: {moved}")
            again = self._pictured(before.key, tree, {**known, **seen})
            again.moved = before.moved + 1
            if again.moved >= _RULE:
                self._warn(str(self.last_retrace))
            self._recordings[self._recordings.index(before)] = again
            return unflatten(nested, iter(outputs))
        recording.program, recording.results = program, nested
        recording.bytes = program.stats["arena_bytes"]
        args, kwargs = tree
        if not kwargs and all(argument is TENSOR for argument in args) and before.key[1]:
            recording.fast = len(args)
        self._recordings.remove(before)
        self._recordings.append(recording)
        recording.number = self._counts["recorded"]
        self._last = recording
        self._trim()
        return unflatten(nested, iter(outputs))

    def _trim(self) -> None:
        """Let go of the programs that were not in use for the longest time, where all hold too much memory."""
        programs = [recording for recording in self._recordings if recording.program is not None]
        total = sum(recording.bytes for recording in programs)
        most = max(_BYTES, 4 * max(recording.bytes for recording in programs))
        for recording in programs[:-1]:
            if total <= most:
                return
            total -= recording.bytes
            self._drop(recording)

    def _drop(self, recording: _Recording) -> None:
        self._recordings.remove(recording)
        self._counts["replayed"] += recording.replays
        if self._last is recording:
            self._last = None

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
        replayed = sum(recording.replays for recording in self._recordings)
        return {**self._counts, "replayed": self._counts["replayed"] + replayed}

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


def _described(tensor: Tensor) -> tuple[Any, ...]:
    return tensor.dtype.name, tensor.shape, tensor.strides, str(tensor.device)


def _shown(described: tuple[Any, ...]) -> str:
    return f"{described[0]} {described[1]}"


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
    return _moved(recording)


def _moved(recording: _Recording) -> str:
    """What differs from what was recorded, of all that is no argument."""
    for seen in recording.seen:
        now = seen.take(seen.item)
        for name in {**seen.picture, **now}:
            if seen.picture.get(name, EMPTY) != now.get(name, EMPTY):
                owner = type(seen.item).__name__
                return changed(f"{owner}: {name}", seen.picture.get(name), now.get(name))
    return recording.around.difference()


def _draws() -> Any:
    """Where the random numbers of Python and NumPy stand, which a replay would not draw."""
    state = np.random.get_state(legacy=False)["state"]
    # As bytes: the words of a state take milliseconds to print.
    return random.getstate(), {name: np.asarray(value).tobytes() for name, value in state.items()}


def _arguments(tree: Tree) -> str:
    args, kwargs = tree
    return f"({', '.join([*map(repr, args), *(f'{name}={value!r}' for name, value in kwargs.items())])})"
