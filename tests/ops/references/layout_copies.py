"""Copies, windows and diagonals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .table import REFERENCES, Array, pair, reference

_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}

REFERENCES.update(
    {
        "broadcast_to": lambda x, size: np.broadcast_to(x, size),
        "expand_as": lambda x, other: np.broadcast_to(x, other.shape),
        "atleast_1d": np.atleast_1d,
        "atleast_2d": np.atleast_2d,
        "atleast_3d": np.atleast_3d,
        "meshgrid": lambda tensors, indexing="ij": tuple(np.meshgrid(*tensors, indexing=indexing)),
        "diagonal": lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2),
        "diag": lambda x, diagonal=0: np.diag(x, diagonal),
        "tril": lambda x, diagonal=0: np.tril(x, diagonal),
        "triu": lambda x, diagonal=0: np.triu(x, diagonal),
        "flip": lambda x, dims: np.flip(x, dims),
        "fliplr": np.fliplr,
        "flipud": np.flipud,
        "rot90": lambda x, k=1, dims=(0, 1): np.rot90(x, k, dims),
        "roll": lambda x, shifts, dims=None: np.roll(x, shifts if dims is not None else shifts[0], dims),
        "tile": lambda x, dims: np.tile(x, dims),
        "repeat": lambda x, repeats: np.tile(x, repeats),
        "repeat_interleave": lambda x, repeats, dim=None: np.repeat(x, repeats, axis=dim),
    }
)


@reference("diag_embed")
def diag_embed(x: Array, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Array:
    n = x.shape[-1] + abs(offset)
    out = np.zeros((*x.shape[:-1], n, n))
    for k in range(x.shape[-1]):
        out[..., k + max(-offset, 0), k + max(offset, 0)] = x[..., k]
    return np.moveaxis(out, (-2, -1), (dim1, dim2))


@reference("pad")
def pad(x: Array, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Array:
    pairs = [(0, 0)] * (x.ndim - len(pad) // 2) + [(pad[i], pad[i + 1]) for i in range(len(pad) - 2, -2, -2)]
    crop = tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(pairs, x.shape, strict=True))
    width = [(max(a, 0), max(b, 0)) for a, b in pairs]
    options: dict[str, Any] = {"constant_values": value or 0} if mode == "constant" else {}
    return np.pad(x[crop], width, _MODES[mode], **options)


def _windows(size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    """For each place in the kernel and each window, where it lies in the padded image."""
    (kh, kw), (dh, dw), (ph, pw), (sh, sw) = (pair(v) for v in (kernel, dilation, padding, stride))
    down = range(0, size[0] + 2 * ph - dh * (kh - 1), sh)
    across = range(0, size[1] + 2 * pw - dw * (kw - 1), sw)
    for row, (i, j) in enumerate(np.ndindex(kh, kw)):
        for column, (y, x) in enumerate((y, x) for y in down for x in across):
            yield row, column, y + i * dh, x + j * dw
    yield kh * kw, len(down) * len(across), ph, pw


@reference("unfold")
def unfold(x: Array, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Array:
    *lead, h, w = x.shape
    *places, (rows, columns, ph, pw) = _windows((h, w), kernel_size, dilation, padding, stride)
    padded = np.pad(x, [(0, 0)] * len(lead) + [(ph, ph), (pw, pw)])
    out = np.zeros((*lead, rows, columns))
    for row, column, y, z in places:
        out[..., row, column] = padded[..., y, z]
    return out.reshape(*lead[:-1], lead[-1] * rows, columns)


@reference("fold")
def fold(x: Array, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Array:
    h, w = pair(output_size)
    *places, (rows, columns, ph, pw) = _windows((h, w), kernel_size, dilation, padding, stride)
    parts = x.reshape(*x.shape[:-2], x.shape[-2] // rows, rows, columns)
    padded = np.zeros((*parts.shape[:-2], h + 2 * ph, w + 2 * pw))
    for row, column, y, z in places:
        padded[..., y, z] += parts[..., row, column]
    return padded[..., ph : ph + h, pw : pw + w]
