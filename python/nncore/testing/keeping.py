"""Checks that a component survives: as config, in a file, pickled, copied; and that its calls leave nothing behind."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from nncore import io, streams
from nncore.activation import FunctionActivation
from nncore.config import NotRebuildable, module_from_spec, spec_of
from nncore.errors import NNCoreError
from nncore.module import Module
from nncore.testing.calls import changed, eval_mode, float_outputs, run, same, state
from nncore.testing.case import Case
from nncore.testing.report import Fault, NotApplicable

__all__ = ["LEAK", "check_config", "check_copy", "check_memory", "check_state", "grown", "pickled"]

_PLAIN = (
    "Take plain data, names or specs of components, and Modules as constructor arguments; name the components in the "
    "class attribute `components`."
)


LEAK = 0.8
"""Blocks that a call may leave behind: one object a call is a leak, less is a cache that fills."""


def as_module(case: Case) -> Module:
    """The component as a module: itself, or for an activation that is a function the module that calls it."""
    made = case.make()
    if isinstance(made, Module):
        return made
    if case.kind == "activation":
        return FunctionActivation({"name": case.name, **case.config()})
    raise NotApplicable("it is no Module, so there is nothing to save")


def check_config(case: Case) -> str:
    """Its config is data, and makes the same again."""
    if case.kind not in ("layer", "architecture", "activation", "loss"):
        return _data(case)
    made = case.make()
    if not isinstance(made, Module) and case.kind != "activation":
        return _data(case)
    module = as_module(case)
    try:
        spec = spec_of(module)
        text = json.dumps(spec)
    except (NotRebuildable, TypeError, ValueError) as error:
        raise Fault(f"its config cannot be written as data: {error}", _PLAIN) from error
    try:
        twin = module_from_spec(json.loads(text))
    except Exception as error:
        raise Fault(f"it cannot be made from its config {text}: {error}", _PLAIN) from error
    if spec_of(twin) != spec:
        raise Fault(f"made from its config {text}, its config is {json.dumps(spec_of(twin))}", _PLAIN)
    ours, theirs = ({name: (t.shape, t.dtype) for name, t in each.state_dict().items()} for each in (module, twin))
    if ours != theirs:
        raise Fault("made from its config it has other parameters or buffers", _PLAIN)
    return text


def _data(case: Case) -> str:
    try:
        return json.dumps(case.config())
    except (TypeError, ValueError) as error:
        raise Fault(f"its config cannot be written as data: {error}", _PLAIN) from error


def check_state(case: Case) -> str:
    """Saved and loaded it is the same, and so is a fresh one that takes its state over."""
    module = as_module(case)
    drawn = None
    if case.example.inputs is not None:
        drawn = case.inputs()
        run(case, module.train(), drawn)  # so that statistics are no longer what they were at first
    module.eval()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "component.safetensors"
        with warnings.catch_warnings(record=True) as complaints:
            warnings.simplefilter("always")
            io.save(module, path)
        if complaints:
            raise Fault(f"a file holds its weights only: {complaints[0].message}", _PLAIN)
        loaded = io.load(path)
    if type(loaded) is not type(module):
        raise Fault(f"a {type(module).__name__} was saved, and a {type(loaded).__name__} loaded", _PLAIN)
    _alike(case, loaded, module, drawn, "loaded from a file")
    streams.manual_seed(1)
    fresh = module_from_spec(spec_of(module))
    try:
        fresh.load_state_dict(module.state_dict())
    except NNCoreError as error:
        raise Fault(f"a fresh one does not take its state_dict: {error}") from error
    _alike(case, fresh.eval(), module, drawn, "with its state_dict loaded into a fresh one")
    return f"{len(module.state_dict())} tensors"


def _alike(case: Case, other: Any, module: Module, drawn: Any, how: str) -> None:
    hint = "Keep what the output depends on in parameters, buffers (register_buffer), or the config."
    ours, theirs = state(module), state(other)
    persistent = set(module.state_dict())
    moved = [name for name in changed(ours, theirs) if name in persistent]
    if moved:
        raise Fault(f"{how}, it has other values in {', '.join(moved)}", hint)
    if drawn is not None:
        same(run(case, other, drawn), run(case, module, drawn), f"{how}, it computes something else", hint)


def check_copy(case: Case) -> None:
    """A deep copy and a pickled one compute the same, and share nothing that changes."""
    thing = eval_mode(case.make())
    drawn = None if case.example.inputs is None else case.inputs()
    for how, make in (("a deep copy", copy.deepcopy), ("a pickled copy", pickled)):
        try:
            twin = make(thing)
        except Exception as error:
            raise Fault(
                f"{how} fails: {type(error).__name__}: {error}",
                "Keep no lambdas, local functions, open files or generators in attributes.",
            ) from error
        if drawn is not None:
            same(run(case, twin, drawn), run(case, thing, drawn), f"{how} computes something else")
        if isinstance(thing, Module):
            before = state(thing)
            for parameter in twin.parameters():
                parameter.detach().copy_(parameter.detach() + 1)
            if changed(before, state(thing)):
                raise Fault(f"{how} shares its parameters with the original", "Let deepcopy copy every attribute.")


def pickled(thing: Any) -> Any:
    """A copy by way of pickle."""
    return pickle.loads(pickle.dumps(thing))


def check_memory(case: Case) -> str:
    """Calls, and backward passes, leave nothing behind."""
    thing, drawn = case.make(), case.inputs()
    leaves = [tensor.requires_grad_() for _, tensor in drawn.leaves]
    parameters = list(thing.parameters()) if isinstance(thing, Module) else []

    def once() -> None:
        outputs = [tensor for _, tensor in float_outputs(case.call(thing, drawn)) if tensor.requires_grad]
        if outputs:
            total = outputs[0].sum()
            for output in outputs[1:]:
                total = total + output.sum()
            total.backward()
        for tensor in (*leaves, *parameters):
            tensor.grad = None

    blocks = grown(once, calls=6 if case.kind == "architecture" else 20)
    if blocks > LEAK:
        raise Fault(
            f"each call leaves {blocks:.1f} objects behind",
            "Look for lists or dicts that grow, and for tensors kept with their tape (detach() them).",
        )
    return "nothing is left behind"


def grown(once: Any, calls: int = 20) -> float:
    """How many blocks of memory each call leaves behind.

    Caches fill for a while, and each call less; what leaks leaks always. So where there is growth, it is measured again after
    more calls.
    """
    for _ in range(4):
        once()
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()  # what is there already needs no second look
    gc.disable()
    try:
        found = _growth(once, calls)
        if found > LEAK:
            end = time.perf_counter() + 0.5
            for _ in range(1000):
                once()
                if time.perf_counter() > end:
                    break
            # Over more calls, in which what the allocator keeps by chance counts less.
            found = min(found, _growth(once, max(calls, 40)))
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
    return found


def _growth(once: Any, calls: int) -> float:
    counts = []
    for _ in range(3):
        gc.collect()
        counts.append(sys.getallocatedblocks())
        for _ in range(calls):
            once()
    gc.collect()
    counts.append(sys.getallocatedblocks())
    return float(np.diff(counts).min()) / calls
