"""What every op should compute, written with NumPy in float64: one function a public op, under its name.

A reference takes the op's inputs as arrays (a list input as a list) and its attributes by name. It is written from the
op's documentation, plainly and slowly. For an op that changes inputs in place it returns what these hold afterwards.
The files are those of the ops' folders; each is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil

from .table import REFERENCES, reference

__all__ = ["REFERENCES", "reference"]

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)
