"""nncore: a plugin-based, Rust-accelerated neural-network library.

    import nncore as nc
    from nncore import data, nn, ops, optim

Tensors and what makes them are here; functions are in `nncore.ops`, layers and losses in `nncore.nn`, optimizers in
`nncore.optim`, data sets in `nncore.data`, everything that is registered in `nncore.registry`, and what plugins import in
`nncore.api`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from nncore import _core
from nncore._core import *  # noqa: F403
from nncore._core import __version__ as __version__
from nncore.hints import missing
from nncore.streams import manual_seed as manual_seed  # type: ignore[assignment]

# After the star: `nncore.ops` is the module of this package, not the extension's.
import nncore.ops as ops  # isort: skip

if TYPE_CHECKING:
    from nncore import api as api
    from nncore import data as data
    from nncore import errors as errors
    from nncore import initialization as initialization
    from nncore import linalg as linalg
    from nncore import nn as nn
    from nncore import ops as ops
    from nncore import optim as optim
    from nncore import plugins as plugins
    from nncore import preprocess as preprocess
    from nncore import registry as registry
    from nncore import regularization as regularization
    from nncore import runs as runs
    from nncore import sklearn as sklearn
    from nncore import testing as testing
    from nncore import training as training
    from nncore import transfer as transfer
    from nncore import weights as weights
    from nncore._capture import CapturedStep as CapturedStep
    from nncore._capture import capture as capture
    from nncore._profile import Profile as Profile
    from nncore._profile import profile as profile
    from nncore._summary import Summary as Summary
    from nncore._summary import summary as summary
    from nncore.custom import custom_op as custom_op
    from nncore.errors import NNCoreError as NNCoreError
    from nncore.io import load as load
    from nncore.io import save as save
    from nncore.module import create as create
    from nncore.training.history import History as History
    from nncore.training.trainer import Trainer as Trainer
    from nncore.transfer import features as features
    from nncore.transfer import freeze as freeze
    from nncore.transfer import replace_head as replace_head
    from nncore.transfer import unfreeze as unfreeze
    from nncore.weights.reading import load_weights as load_weights

_MODULES = (
    "api",
    "builtin",
    "cli",
    "data",
    "errors",
    "initialization",
    "io",
    "linalg",
    "nn",
    "optim",
    "plugins",
    "preprocess",
    "registry",
    "regularization",
    "runs",
    "testing",
    "training",
    "transfer",
    "weights",
)
_OPTIONAL = ("sklearn",)
"""Modules that need a package which nncore does not bring along, so that `from nncore import *` leaves them out."""
_NAMES = {
    "CapturedStep": "nncore._capture",
    "History": "nncore.training.history",
    "NNCoreError": "nncore.errors",
    "Profile": "nncore._profile",
    "Summary": "nncore._summary",
    "Trainer": "nncore.training.trainer",
    "capture": "nncore._capture",
    "create": "nncore.module",
    "custom_op": "nncore.custom",
    "features": "nncore.transfer",
    "freeze": "nncore.transfer",
    "load": "nncore.io",
    "load_weights": "nncore.weights.reading",
    "profile": "nncore._profile",
    "replace_head": "nncore.transfer",
    "save": "nncore.io",
    "summary": "nncore._summary",
    "unfreeze": "nncore.transfer",
}
_OWN = ("__version__", "manual_seed", "ops")

__all__ = [*sorted({*(name for name in _core.__all__ if not name.startswith("_")), *_MODULES, *_NAMES, *_OWN})]


# Submodules are imported at their first use (PEP 562), so that `import nncore` costs little more than importing NumPy.
def __getattr__(name: str) -> Any:
    if name in _MODULES or name in _OPTIONAL:
        return importlib.import_module(f"nncore.{name}")
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(missing("nncore", name, "module 'nncore'", __all__))


def __dir__() -> list[str]:
    return __all__
