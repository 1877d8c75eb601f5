"""Sums or means of rows of a table, for bags of words."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from nncore.api import InvalidValueError, ShapeError, Tensor, example, given, ops, zeros
from nncore.builtin.layers._checks import choice
from nncore.builtin.layers._table import Table


@example(config={"num_embeddings": 5, "embedding_dim": 3}, inputs=[given((2, 4), high=5, dtype="int64")], output=(2, 3))
@example(
    config={"num_embeddings": 5, "embedding_dim": 2, "mode": "sum", "padding_idx": 1},
    inputs={"input": [4, 1, 0, 2, 2], "offsets": [0, 2, 2], "per_sample_weights": (5,)},
    output=(3, 2),
)
@example(
    config={"num_embeddings": 5, "embedding_dim": 2, "mode": "max", "include_last_offset": True},
    inputs={"input": [4, 1, 0, 2], "offsets": [0, 3, 4]},
    output=(2, 2),
)
class EmbeddingBag(Table):
    """Sums, means or maxima over the rows of bags of tokens: `y[b] = sum of weight[i] over the tokens i of bag b`.

    Args:
        num_embeddings: Rows, one for each token.
        embedding_dim: Numbers of each row.
        max_norm: Rows that are read and are longer than this are shortened to it, in place, before each use.
        norm_type: The p of the norm that `max_norm` is about.
        scale_grad_by_freq: Whether the gradient of a row is divided by how often it was read; not with `"max"`.
        mode: `"sum"`, `"mean"` or `"max"`. Of an empty bag each is zero.
        sparse: For code that was written for PyTorch; gradients are not sparse here, so True is refused.
        include_last_offset: Whether `offsets` ends with the number of all tokens.
        padding_idx: A row that begins at zero, gets no gradient and does not count.
        init: Initializer of the table. Default: N(0, 1).

    Called as `bag(input, offsets=None, per_sample_weights=None)`: `input` (B, N) holds a bag in each row, or (T,) bags one
    after the other, which begin at `offsets` (B,), of which the first is 0. `per_sample_weights`, like `input`, multiply the
    rows in mode `"sum"`.

    Shape: `(B, N)`, or `(T,)` with offsets `(B,)`, to `(B, embedding_dim)`.
    Parameters: `weight` `(num_embeddings, embedding_dim)`.

    Raises:
        InvalidValueError: An argument out of its range, or a token that has no row.
        ShapeError: An input of another rank, or offsets where they do not belong.

    Source: PyTorch; Joulin and others 2016 (arXiv 1607.01759) for the means.

    Example:
        >>> from nncore import nn, tensor
        >>> bag = nn.EmbeddingBag(10, 4, mode="sum")
        >>> bag(tensor([[1, 2], [4, 5]])).shape, bag(tensor([1, 2, 4, 5, 6]), offsets=tensor([0, 2, 3])).shape
        ((2, 4), (3, 4))
    """

    components: ClassVar = {"init": "initializer"}

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: Literal["sum", "mean", "max"] = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        *,
        init: Any = None,
    ) -> None:
        super().__init__()
        self.mode = choice(self, "mode", mode, ("sum", "mean", "max"))
        if mode == "max" and scale_grad_by_freq:
            raise InvalidValueError("EmbeddingBag: scale_grad_by_freq does not go with mode='max'")
        self.include_last_offset = include_last_offset
        self._set_up(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, init)

    def forward(self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None) -> Tensor:
        bags, bag = self._bags(input, offsets)
        if per_sample_weights is not None:
            if self.mode != "sum":
                raise InvalidValueError(f"EmbeddingBag: per_sample_weights go with mode='sum', not with {self.mode!r}")
            if per_sample_weights.shape != input.shape:
                raise ShapeError(
                    "EmbeddingBag: per_sample_weights are like the input",
                    shapes=[input.shape, per_sample_weights.shape],
                )
        self._shorten(input)
        token = input.reshape(-1)
        rows = ops.embedding(token, self.weight, self.padding_idx, None, 2.0, self.scale_grad_by_freq)
        counts = None if self.padding_idx is None else ops.ne(token, self.padding_idx)
        if per_sample_weights is not None:
            rows = rows * per_sample_weights.reshape(-1, 1)
        if self.mode == "max":
            return self._largest(rows, bag, bags, counts)
        if counts is not None:
            rows = ops.where(counts.unsqueeze(1), rows, 0.0)
        total = zeros((bags, self.embedding_dim), dtype=rows.dtype).index_add(0, bag, rows)
        if self.mode == "sum":
            return total
        each = ops.cast(counts, rows.dtype) if counts is not None else ops.full(token.shape, 1.0, dtype=rows.dtype)
        number = zeros((bags,), dtype=rows.dtype).index_add(0, bag, each)
        return total / ops.clamp(number, 1.0).unsqueeze(1)

    def _bags(self, input: Tensor, offsets: Tensor | None) -> tuple[int, Tensor]:
        """How many bags there are, and to which each token belongs."""
        if input.ndim == 2:
            if offsets is not None:
                raise ShapeError(
                    "EmbeddingBag takes no offsets where the input has a bag in each row", shapes=[input.shape]
                )
            bags, size = input.shape
            return bags, ops.repeat_interleave(ops.arange(0, bags), size)
        if input.ndim != 1 or offsets is None or offsets.ndim != 1:
            raise ShapeError(
                "EmbeddingBag takes (B, N), or (T,) with offsets (B,)",
                shapes=[input.shape, None if offsets is None else offsets.shape],
            )
        bags = offsets.shape[0] - self.include_last_offset
        if bags < 1:
            raise ShapeError("EmbeddingBag: offsets name no bag", shapes=[offsets.shape])
        begins = offsets[:bags]
        return bags, ops.searchsorted(begins, ops.arange(0, input.shape[0]).to(begins.dtype), right=True) - 1

    def _largest(self, rows: Tensor, bag: Tensor, bags: int, counts: Tensor | None) -> Tensor:
        """The maximum over each bag; zero where nothing counts."""
        lowest = float("-inf")
        if counts is not None:
            rows = ops.where(counts.unsqueeze(1), rows, lowest)
        start = ops.full((bags, self.embedding_dim), lowest, dtype=rows.dtype)
        largest = start.scatter_reduce(0, bag.unsqueeze(1).expand(rows.shape), rows, "amax")
        return ops.where(largest == lowest, 0.0, largest)
