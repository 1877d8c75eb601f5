"""Rows of a table, for words and other tokens."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from nncore.api import Parameter, ShapeError, Tensor, example, given, ops
from nncore.builtin.layers._table import Table


@example(
    config={"num_embeddings": 5, "embedding_dim": 3}, inputs=[given((2, 4), high=5, dtype="int64")], output=(2, 4, 3)
)
@example(
    config={"num_embeddings": 4, "embedding_dim": 2, "padding_idx": -1, "scale_grad_by_freq": False},
    inputs=[[1, 0, 0, 2]],
    output=(4, 2),
)
@example(
    config={"num_embeddings": 4, "embedding_dim": 2, "max_norm": 0.5},
    inputs=[[[3, 0], [0, 2]]],
    output=(2, 2, 2),
    skip={
        "gradient": "the rows are shortened before they are read",
        "modes": "the rows are shortened in evaluation too",
    },
)
class Embedding(Table):
    """Rows of a table, `y[...] = weight[x[...]]`: numbers for words and other tokens, which are learned.

    Args:
        num_embeddings: Rows, one for each token.
        embedding_dim: Numbers of each row.
        padding_idx: A row that begins at zero and gets no gradient; negative from the end.
        max_norm: Rows that are read and are longer than this are shortened to it, in place, before each use.
        norm_type: The p of the norm that `max_norm` is about.
        scale_grad_by_freq: Whether the gradient of a row is divided by how often it was read.
        sparse: For code that was written for PyTorch; gradients are not sparse here, so True is refused.
        init: Initializer of the table. Default: N(0, 1).

    Shape: any of integers, `(...)` to `(..., embedding_dim)`. Parameters: `weight` `(num_embeddings, embedding_dim)`.

    Raises:
        InvalidValueError: An argument out of its range, or a token that has no row.
        DTypeError: Tokens that are no integers.

    Source: Bengio and others 2003, A neural probabilistic language model, section 2.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.Embedding(100, 16)(tensor([[3, 14, 15], [92, 6, 5]])).shape
        (2, 3, 16)
    """

    components: ClassVar = {"init": "initializer"}

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        *,
        init: Any = None,
    ) -> None:
        super().__init__()
        self._set_up(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, init)

    def forward(self, input: Tensor) -> Tensor:
        self._shorten(input)
        return ops.embedding(input, self.weight, self.padding_idx, None, 2.0, self.scale_grad_by_freq)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer with the rows that are given.

        Args:
            embeddings: The table, `(num_embeddings, embedding_dim)`; it is not copied.
            freeze: Whether it stays as it is in training.
            padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse: As in the constructor.

        Raises:
            ShapeError: It is no table.
        """
        if embeddings.ndim != 2:
            raise ShapeError(f"{cls.__name__}: embeddings are a table (rows, size)", shapes=[embeddings.shape])
        rows, size = embeddings.shape
        made = cls(rows, size, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, init="zeros")
        made.weight = Parameter(embeddings, requires_grad=not freeze)
        return made
