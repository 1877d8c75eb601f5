"""LeNet-5 as it was in 1998."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from nncore.api import Array, InvalidValueError, Module, Parameter, Shape, Stream, Tensor, example, nn, ops, tensor

TABLE = [
    *([k, (k + 1) % 6, (k + 2) % 6] for k in range(6)),
    *([k, (k + 1) % 6, (k + 2) % 6, (k + 3) % 6] for k in range(6)),
    [0, 1, 3, 4],
    [1, 2, 4, 5],
    [0, 2, 3, 5],
    [0, 1, 2, 3, 4, 5],
]
"""Which of the six maps each of the sixteen filters of C3 sees: the paper's table I."""

DIGITS = """
..###.. ...#... ..####. ..####. ....##. ####### ..####. ####### ..###.. ..####.
.#...#. ..##... .#...## .#...## ...###. ##..... .#..... #....## .#...#. .#...##
##...## .###... ##...## .....## ..####. ##..... ##..... ....##. ##...## ##...##
##...## ...##.. .....## .....## ..#.##. ##..... ##..... ....##. ##...## ##...##
##...## ...##.. .....## ...###. .##.##. ######. ######. ...##.. .##.##. ##...##
##...## ...##.. ....##. ...###. .#..##. .....## ##...## ...##.. ..###.. .######
##...## ...##.. ...##.. .....## ####### .....## ##...## ..##... .##.##. .....##
##...## ...##.. ..##... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ...##.. .##.... .....## ....##. .....## ##...## .##.... ##...## .....##
##...## ...##.. ##..... ##...## ....##. ##...## ##...## .##.... ##...## .....##
.##.##. ...##.. ##..... .##..## ....##. .##..## .##..## .##.... .##.##. .##..#.
..###.. .#####. ####### ..####. ....##. ..####. ..####. .##.... ..###.. ..###..
"""
"""Digits of 7x12 pixels in the style of the paper's figure 3; not its exact pixels, which were never published as numbers."""


def lecun_1998(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str) -> Array:
    """U(-2.4/fan_in, 2.4/fan_in), the paper's rule for its units.

    Source: LeCun and others 1998, section III (training).
    """
    bound = 2.4 / max(fan_in, 1)
    return stream.uniform(-bound, bound, shape).astype(dtype)


def lecun_1998_each(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, fans: Sequence[int]
) -> Array:
    """`lecun_1998` with a fan_in of its own for each row."""
    bounds = 2.4 / np.asarray(fans).reshape(-1, *[1] * (len(shape) - 1))
    return (stream.uniform(-1, 1, shape) * bounds).astype(dtype)


def squash(input: Tensor) -> Tensor:
    """1.7159·tanh(2/3·x), whose gain around 1 is about 1."""
    return ops.tanh(input * (2 / 3)) * 1.7159


@example(config={"channels": 2}, inputs=[(2, 2, 4, 6)], output=(2, 2, 2, 3))
class Subsampling(Module):
    """The sum over 2x2 windows, times a weight of the map, plus a bias of the map, through a sigmoid.

    Args:
        channels: Maps.

    Shape: `(N, channels, H, W)` to `(N, channels, H/2, W/2)`.
    Parameters: `weight` and `bias`, `(channels,)` each.
    Source: LeCun and others 1998, section II.B, layer S2.
    """

    # As pools say it, for those who ask what a layer sees.
    kernel_size = stride = 2

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = Parameter((channels,), init=lecun_1998, fan_in=4)
        self.bias = Parameter((channels,), init="zeros")

    def forward(self, input: Tensor) -> Tensor:
        total = ops.avg_pool2d(input, 2) * 4
        return ops.sigmoid(total * self.weight.reshape(1, -1, 1, 1) + self.bias.reshape(1, -1, 1, 1))


@example(config={"table": [[0, 1], [1, 2], [0]], "kernel_size": 3}, inputs=[(2, 3, 5, 5)], output=(2, 3, 3, 3))
class TableConv2d(Module):
    """A convolution of which each filter sees only some of the maps.

    Args:
        table: For each filter the maps that it sees.
        kernel_size: Size of the window.

    Shape: `(N, C, H, W)`, C one more than the largest number in the table, to
    `(N, len(table), H - kernel_size + 1, W - kernel_size + 1)`.
    Parameters: `weight` `(pairs, kernel_size, kernel_size)`, one for each pair of filter and map that the table joins, and
    `bias` `(len(table),)`.
    Source: LeCun and others 1998, section II.B, layer C3.
    """

    stride = 1

    def __init__(self, table: list[list[int]], kernel_size: int) -> None:
        super().__init__()
        if not table or any(not row or min(row) < 0 or len({*row}) < len(row) for row in table):
            raise InvalidValueError(f"table lists for each filter the maps that it sees, each once; got {table!r}")
        self.maps = 1 + max(max(row) for row in table)
        pairs = sum(map(len, table))
        self.filters, self.kernel_size = len(table), kernel_size
        fans = [len(row) * kernel_size**2 for row in table for _ in row]
        self.weight = Parameter((pairs, kernel_size, kernel_size), init=functools.partial(lecun_1998_each, fans=fans))
        self.bias = Parameter((len(table),), init="zeros")
        # Where each of filters x maps finds its weights; what is not joined finds the zeros behind them.
        places = np.full((len(table), self.maps), pairs)
        places[[at for at, row in enumerate(table) for _ in row], [each for row in table for each in row]] = range(
            pairs
        )
        self.register_buffer("places", tensor(places.ravel()), persistent=False)

    def forward(self, input: Tensor) -> Tensor:
        flat = ops.pad(self.weight.reshape(-1, self.kernel_size**2), (0, 0, 0, 1))
        weight = ops.index_select(flat, 0, self.places)
        return ops.conv2d(input, weight.reshape(self.filters, self.maps, self.kernel_size, self.kernel_size), self.bias)


@example(config={}, inputs=[(2, 84)], output=(2, 10))
class RBF(Module):
    """Minus the squared distance to a picture of each digit: `-sum over j of (x[j] - w[i, j])²`, with fixed w of ±1.

    The paper's units give the distance, a penalty; with the sign turned, the largest output is the class, as elsewhere.

    Shape: `(N, 84)` to `(N, 10)`.
    Source: LeCun and others 1998, section II.B, the output layer.
    """

    def __init__(self) -> None:
        super().__init__()
        rows = [line.split() for line in DIGITS.split("\n") if line]
        pictures = [[1.0 if dot == "#" else -1.0 for row in rows for dot in row[digit]] for digit in range(10)]
        self.register_buffer("weight", tensor(np.asarray(pictures, dtype="float32")))

    def forward(self, input: Tensor) -> Tensor:
        apart = input.unsqueeze(1) - self.weight.to(input.dtype)
        return -(apart * apart).sum(2)


@example(config={}, inputs=[(2, 1, 32, 32)], output=(2, 10))
class LeNet5Original(Module):
    """LeNet-5 as in the paper: trainable subsampling, a table of connections, scaled tanh, distances to pictures of digits.

    60,000 trainable parameters: C1 156, S2 12, C3 1,516 (60 of 96 pairs of maps), S4 32, C5 48,120, F6 10,164; and 840 fixed
    weights of the output. The modern dense version is `lenet5`.

    The output is minus the squared distance to each digit's picture, so that the largest is the class. `cross_entropy` of
    it is the paper's discriminative criterion without its rubbish class.

    Shape: `(N, 1, 32, 32)` to `(N, 10)`.
    Preprocessing: 32x32 with the digit in the middle; white is -0.1 and black 1.175.
    Source: LeCun, Bottou, Bengio and Haffner 1998, section II.B.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("lenet5_original")(ones((1, 1, 32, 32))).shape
        (1, 10)
    """

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5, init=lecun_1998)
        self.s2 = Subsampling(6)
        self.c3 = TableConv2d(TABLE, 5)
        self.s4 = Subsampling(16)
        self.c5 = nn.Conv2d(16, 120, 5, init=lecun_1998)
        self.f6 = nn.Linear(120, 84, init=lecun_1998)
        self.output = RBF()

    def forward(self, input: Tensor) -> Tensor:
        input = self.s2(squash(self.c1(input)))
        input = self.s4(squash(self.c3(input)))
        input = squash(self.c5(input)).flatten(1)
        distances: Tensor = self.output(squash(self.f6(input)))
        return distances
