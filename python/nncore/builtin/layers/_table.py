"""What the layers that look rows up share."""

from __future__ import annotations

from typing import Any

from nncore.api import Array, InvalidValueError, Module, Parameter, Shape, Stream, Tensor, make, no_grad, ops
from nncore.builtin.layers._checks import number, positive


class Table(Module):
    """Rows of learned numbers, by index."""

    def _set_up(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        init: Any,
    ) -> None:
        name = type(self).__name__
        self.num_embeddings = rows = positive(self, "num_embeddings", num_embeddings)
        self.embedding_dim = positive(self, "embedding_dim", embedding_dim)
        if padding_idx is not None:
            if type(padding_idx) is not int or not -rows <= padding_idx < rows:
                raise InvalidValueError(f"{name}: padding_idx is one of the {rows} rows, got {padding_idx!r}")
            padding_idx %= rows
        if sparse:
            raise InvalidValueError(f"{name}: sparse gradients are not supported; leave sparse=False")
        self.padding_idx = padding_idx
        self.max_norm = None if max_norm is None else number(self, "max_norm", max_norm, above=0)
        self.norm_type = number(self, "norm_type", norm_type, above=0)
        self.scale_grad_by_freq = scale_grad_by_freq
        drawn = {"name": "normal", "std": 1.0} if init is None else init
        self.weight = Parameter(
            (rows, embedding_dim), init=drawn if padding_idx is None else _ZeroRow(drawn, padding_idx)
        )

    def _shorten(self, input: Tensor) -> None:
        """Shorten those rows, of the ones that are about to be read, that are longer than `max_norm`."""
        if self.max_norm is None:
            return
        with no_grad():
            table, index = self.weight.detach(), input.reshape(-1).to("int64")
            rows = table.index_select(0, index)
            norms = ops.vector_norm(rows, self.norm_type, 1, True)
            factors = ops.where(norms > self.max_norm, self.max_norm / (norms + 1e-7), 1.0)
            # A row that was asked for twice is written twice, with the same numbers.
            table.index_copy_(0, index, rows * factors)


class _ZeroRow:
    """An initializer whose numbers are zero in one row."""

    def __init__(self, init: Any, row: int) -> None:
        self.init, self.row = init, row

    def __call__(self, shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str) -> Array:
        drawn: Array = make("initializer", self.init)(shape, fan_in, fan_out, stream, dtype)
        drawn[self.row] = 0
        return drawn
