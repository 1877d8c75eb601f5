"""The one place where a NumPy array becomes a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nncore._core import Tensor


def tensor(array: np.ndarray[Any, Any]) -> Tensor:
    """The array as a tensor that shares its memory."""
    # Imported late, so that data sets can be made and files read without the compiled extension.
    from nncore._core import from_numpy

    return from_numpy(array)
