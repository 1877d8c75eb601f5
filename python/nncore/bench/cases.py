"""What is benchmarked: networks, weights, data and hyperparameters, the same for every library. Needs NumPy alone."""

from __future__ import annotations

import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BATCHES = 8
"""Different batches that a training step takes in turn."""
CHECKED = 12
"""Steps whose losses are compared between the libraries."""


@dataclass(frozen=True)
class Training:
    """A training step: forward, softmax cross-entropy, backward, update.

    `layers` holds `(kind, *sizes)`; a layer's place in it is its name in the state dict, as in `nn.Sequential`:

    - `linear` (in, out); `conv` (in, out, kernel, padding); `relu`, `flatten`; `pool` (kernel, stride, padding);
    - `conv_norm` (in, out, kernel, stride, padding): a convolution without a bias, `0`, and batch normalization, `1`;
    - `block` (in, out, stride): a residual one of two `conv_norm` 3x3, `first` and `second`, and where it changes the shape a
      `conv_norm` 1x1 as `shortcut`;
    - `mean`: over height and width.
    """

    title: str
    layers: tuple[tuple[Any, ...], ...]
    input: tuple[int, ...]
    batch: int
    optimizer: str
    options: dict[str, float] = field(default_factory=dict)

    def weights(self) -> dict[str, Array]:
        """First values by name: uniform in ±1/sqrt(fan_in); ones and zeros for a normalization."""
        rng, state = np.random.default_rng(7), {}
        for place, (kind, *sizes) in enumerate(self.layers):
            for name, shape, bias in tensors(str(place), kind, *sizes):
                bound = 1 / math.sqrt(math.prod(shape[1:]))
                if len(shape) == 1:
                    state[f"{name}.weight"] = np.ones(shape, np.float32)
                    state[f"{name}.bias"] = np.zeros(shape, np.float32)
                    continue
                state[f"{name}.weight"] = rng.uniform(-bound, bound, shape).astype(np.float32)
                if bias:
                    state[f"{name}.bias"] = rng.uniform(-bound, bound, shape[:1]).astype(np.float32)
        return state

    def batches(self) -> list[tuple[Array, Array]]:
        """Inputs of the normal distribution, labels at random: there is always something left to learn."""
        rng = np.random.default_rng(11)
        shape = (self.batch, *self.input)
        return [(rng.standard_normal(shape, dtype=np.float32), rng.integers(0, 10, self.batch)) for _ in range(BATCHES)]


def tensors(name: str, kind: str, *sizes: int) -> list[tuple[str, tuple[int, ...], bool]]:
    """What a layer learns: a name, the shape of the weight, and whether there is a bias."""
    if kind == "linear":
        return [(name, sizes[1::-1], True)]
    if kind == "conv":
        return [(name, (*sizes[1::-1], sizes[2], sizes[2]), True)]
    if kind == "conv_norm":
        return [(f"{name}.0", (*sizes[1::-1], sizes[2], sizes[2]), False), (f"{name}.1", (sizes[1],), True)]
    if kind == "block":
        return [row for part, *of in block(*sizes) for row in tensors(f"{name}.{part}", "conv_norm", *of)]
    return []


def block(inputs: int, outputs: int, stride: int) -> list[tuple[Any, ...]]:
    """The parts of a residual block: a name and the sizes of a `conv_norm`."""
    parts = [("first", inputs, outputs, 3, stride, 1), ("second", outputs, outputs, 3, 1, 1)]
    return parts if inputs == outputs else [*parts, ("shortcut", inputs, outputs, 1, stride, 0)]


def _mlp(*sizes: int) -> tuple[tuple[Any, ...], ...]:
    pairs = list(itertools.pairwise(sizes))
    return tuple(layer for pair in pairs for layer in (("linear", *pair), ("relu",)))[:-1]


LENET5 = (
    ("conv", 1, 6, 5, 2), ("relu",), ("pool", 2, 2, 0),
    ("conv", 6, 16, 5, 0), ("relu",), ("pool", 2, 2, 0), ("flatten",),
    *_mlp(400, 120, 84, 10),
)  # fmt: skip
RESNET18 = (
    ("conv_norm", 3, 64, 7, 2, 3), ("relu",), ("pool", 3, 2, 1),
    ("block", 64, 64, 1), ("block", 64, 64, 1), ("block", 64, 128, 2), ("block", 128, 128, 1),
    ("block", 128, 256, 2), ("block", 256, 256, 1), ("block", 256, 512, 2), ("block", 512, 512, 1),
    ("mean",), ("linear", 512, 10),
)  # fmt: skip

TRAINING: dict[str, Training] = {
    "mlp_small": Training("MLP 64-32-10, batch 32, SGD", _mlp(64, 32, 10), (64,), 32, "sgd", {"lr": 0.05}),
    "mlp": Training("MLP 784-512-256-10, batch 128, Adam", _mlp(784, 512, 256, 10), (784,), 128, "adam", {"lr": 1e-3}),
    "lenet5": Training(
        "LeNet-5, batch 64, SGD with momentum", LENET5, (1, 28, 28), 64, "sgd", {"lr": 0.01, "momentum": 0.9}
    ),
    "resnet18": Training(
        "ResNet-18 on 32x32, batch 32, SGD with momentum",
        RESNET18,
        (3, 32, 32),
        32,
        "sgd",
        {"lr": 1e-5, "momentum": 0.9},
    ),
}
CASES: dict[str, str] = {
    "relu_16": "relu on 16 numbers",
    "relu_16_grad": "relu on 16 numbers, recorded for a gradient",
    **{name: f"train step: {case.title}" for name, case in TRAINING.items()},
}


def sixteen() -> Array:
    """The 16 numbers, half of them negative."""
    return np.arange(16, dtype=np.float32) - 8


@dataclass
class Timing:
    """How long to measure."""

    block: float = 0.05
    """Seconds of one block of calls."""
    blocks: int = 9

    def measure(self, call: Callable[[], Any]) -> dict[str, float]:
        """Seconds of one call, after a block of warming up: the median over blocks, and the fastest block."""
        count = 1
        while (took := self._block(call, count)) < self.block / 2:
            count = max(2 * count, int(count * self.block / max(took, 1e-9) / 2))
        blocks = [self._block(call, count) / count for _ in range(self.blocks)]
        return {"seconds": statistics.median(blocks), "fastest": min(blocks)}

    def _block(self, call: Callable[[], Any], count: int) -> float:
        turns = itertools.repeat(None, count)
        start = time.perf_counter()
        for _ in turns:
            call()
        return time.perf_counter() - start

    def training(self, step: Callable[[Any, Any], Any], batches: list[tuple[Any, Any]]) -> dict[str, Any]:
        """Losses of the first steps, and seconds of one step after them."""
        turn = itertools.cycle(batches)
        losses = [float(step(*next(turn))) for _ in range(CHECKED)]
        return {"losses": losses, **self.measure(lambda: step(*next(turn)))}


Measured = dict[str, dict[str, Any]]
"""By variant (`eager`, `captured`, `jit`): `seconds`, `fastest`, and for training `losses`."""


def worker(library: str, measure: Callable[[str, Timing], Measured], describe: Callable[[], dict[str, Any]]) -> None:
    """The program of a library's worker: `python worker_X.py CASE... [--quick]` prints one line of JSON."""
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    timing = Timing(0.01, 3) if "--quick" in sys.argv else Timing()
    cases = {name: measure(name, timing) for name in names}
    print(json.dumps({"library": library, **describe(), "cases": cases}))
