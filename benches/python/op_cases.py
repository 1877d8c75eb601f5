"""Ops at the sizes of activations, as data: the same call for every library, named as PyTorch names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Source = tuple[int, ...] | Callable[[np.random.Generator], Array]
"""A shape of normal numbers, or what draws them."""


@dataclass(frozen=True)
class OpCase:
    """One call, and for its gradient the inputs that need one (the gradient alone is timed then)."""

    call: str
    inputs: dict[str, Source]
    grads: str = ""
    layout: str = "channels_last"
    """How our inputs of four dimensions lie; of PyTorch's layouts the faster one counts."""

    @property
    def name(self) -> str:
        """What it is, in short."""
        shape = next((s for s in self.inputs.values() if isinstance(s, tuple)), None)
        size = f" {'x'.join(map(str, shape))}" if shape else ""
        return f"{'grad of ' if self.grads else ''}{self.call}{size}"

    def arrays(self) -> dict[str, Array]:
        """The inputs."""
        rng = np.random.default_rng(3)
        return {k: rng.standard_normal(s, dtype=np.float32) if isinstance(s, tuple) else s(rng)
                for k, s in self.inputs.items()}  # fmt: skip


def whole(high: int, *shape: int) -> Callable[[np.random.Generator], Array]:
    """Integers below `high`."""
    return lambda rng: rng.integers(0, high, shape)


def positive(*shape: int) -> Callable[[np.random.Generator], Array]:
    """Numbers between 0.1 and 3."""
    return lambda rng: rng.uniform(0.1, 3.0, shape).astype(np.float32)


def bits(*shape: int) -> Callable[[np.random.Generator], Array]:
    """Either, as often."""
    return lambda rng: rng.random(shape) < 0.5


def both(call: str, inputs: dict[str, Source], grads: str) -> list[OpCase]:
    """The call, and its gradient."""
    return [OpCase(call, inputs), OpCase(call, inputs, grads)]


ROWS, WIDE, IMAGES, LOGITS = (4096, 512), (64, 1024, 64), (32, 64, 56, 56), (128, 1000)
SMALL = (32, 512)
ELEMENTWISE = (
    "relu(x)", "gelu(x)", "gelu(x, approximate='tanh')", "silu(x)", "mish(x)", "softplus(x)", "erf(x)", "exp(x)", "tanh(x)",
    "sigmoid(x)", "glu(x)", "leaky_relu(x)", "elu(x)", "hardswish(x)", "clamp(x, -1.0, 1.0)", "abs(x)", "x * 2.0 + 1.0",
    "logsigmoid(x)",
)  # fmt: skip


def _elementwise() -> list[OpCase]:
    found = []
    for call in ELEMENTWISE:
        found += [OpCase(call, {"x": SMALL}), *both(call, {"x": ROWS}, "x")]
    for shape in (SMALL, ROWS):
        for call in ("x + y", "x * y", "x / y", "maximum(x, y)", "lerp(x, y, 0.3)"):
            found.append(OpCase(call, {"x": shape, "y": shape}))
        found.append(OpCase("x + y", {"x": shape, "y": shape[-1:]}))
        found.append(OpCase("x * y", {"x": shape, "y": (shape[0], 1)}))
        found.append(OpCase("where(m, x, y)", {"m": bits(*shape), "x": shape, "y": shape}))
        found.append(OpCase("masked_fill(x, m, 0.0)", {"x": shape, "m": bits(*shape)}))
        found.append(OpCase("x > y", {"x": shape, "y": shape}))
        for call in ("log(x)", "sqrt(x)", "rsqrt(x)", "pow(x, 2.0)", "pow(x, 3.0)", "pow(x, 0.7)", "pow(x, y)"):
            found.append(OpCase(call, {"x": positive(*shape), "y": positive(*shape)}))
    found.append(OpCase("x + y", {"x": IMAGES, "y": (64, 1, 1)}))
    found.append(OpCase("x * y", {"x": IMAGES, "y": (32, 64, 1, 1)}))
    found += both("x * sigmoid(x) + tanh(y) * 0.5", {"x": ROWS, "y": ROWS}, "x y")
    return found


def _norms() -> list[OpCase]:
    found = []
    for shape in (SMALL, ROWS, WIDE, LOGITS):
        found += both("softmax(x, -1)", {"x": shape}, "x") + both("log_softmax(x, -1)", {"x": shape}, "x")
        n = shape[-1]
        rows: dict[str, Source] = {"x": shape, "w": (n,), "b": (n,)}
        found += both(f"layer_norm(x, ({n},), w, b)", rows, "x w b")
        found += both(f"rms_norm(x, ({n},), w)", {"x": shape, "w": (n,)}, "x w")
    found += both("softmax(x, 1)", {"x": WIDE}, "x") + both("logsumexp(x, -1)", {"x": ROWS}, "x")
    images: dict[str, Source] = {"x": IMAGES, "w": (64,), "b": (64,)}
    found += both("group_norm(x, 8, w, b)", images, "x w b") + both("group_norm(x, 1, w, b)", images, "x w b")
    found += both("instance_norm(x, None, None, w, b)", images, "x w b")
    found += both("batch_norm(x, None, None, w, b, True)", images, "x w b")
    found += both("batch_norm(x, None, None, w, b, True)", {"x": ROWS, "w": (512,), "b": (512,)}, "x w b")
    found.append(OpCase("batch_norm(x, m, v, w, b, False)", {**images, "m": (64,), "v": positive(64)}))
    for shape, classes in ((LOGITS, 1000), ((128, 10), 10), ((2048, 8192), 8192)):
        found += both("cross_entropy(x, y)", {"x": shape, "y": whole(classes, shape[0])}, "x")
    return found


def _pools() -> list[OpCase]:
    found = []
    for call in ("max_pool2d(x, 2)", "max_pool2d(x, 3, 2, 1)", "avg_pool2d(x, 2)", "avg_pool2d(x, 3, 2, 1)",
                 "adaptive_avg_pool2d(x, 1)", "adaptive_avg_pool2d(x, 7)", "adaptive_max_pool2d(x, 7)"):  # fmt: skip
        found += both(call, {"x": IMAGES}, "x")
    return found


def _reductions() -> list[OpCase]:
    found = []
    for kind in ("sum", "mean", "amax", "var", "argmax", "prod"):
        for shape, dim in ((ROWS, "-1"), (ROWS, "0"), (SMALL, "-1"), (SMALL, "0"), (WIDE, "1")):
            found.append(OpCase(f"{kind}(x, dim={dim})", {"x": shape}))
    for kind in ("sum", "mean", "max", "var", "argmax"):
        found.append(OpCase(f"{kind}(x)", {"x": ROWS}))
    found.append(OpCase("sum(x, dim=(2, 3))", {"x": IMAGES}))
    found.append(OpCase("mean(x, dim=(0, 2, 3))", {"x": IMAGES}))
    found += both("var(x, dim=-1)", {"x": ROWS}, "x") + both("mean(x, dim=0)", {"x": ROWS}, "x")
    found.append(OpCase("any(m, dim=-1)", {"m": bits(*ROWS)}))
    return found


def _moves() -> list[OpCase]:
    found = [OpCase("x.transpose(0, 1).contiguous()", {"x": shape}) for shape in (SMALL, ROWS, WIDE)]
    found.append(OpCase("x.transpose(1, 2).contiguous()", {"x": WIDE}))
    found.append(OpCase("x.permute(0, 2, 1, 3).contiguous()", {"x": (16, 128, 8, 64)}, layout="contiguous"))
    found.append(OpCase("x.clone()", {"x": ROWS}))
    for dim in (0, 1):
        found.append(OpCase(f"cat([x, y], {dim})", {"x": ROWS, "y": ROWS}))
        found.append(OpCase(f"stack([x, y], {dim})", {"x": ROWS, "y": ROWS}))
    found.append(OpCase("flip(x, (1,))", {"x": ROWS}))
    found.append(OpCase("roll(x, 3, 1)", {"x": ROWS}))
    found.append(OpCase("pad(x, (1, 1, 1, 1))", {"x": IMAGES}))
    found.append(OpCase("tril(x)", {"x": (1024, 1024)}))
    found += both("index_select(x, 0, i)", {"x": ROWS, "i": whole(4096, 4096)}, "x")
    found += both("index_select(x, 1, i)", {"x": ROWS, "i": whole(512, 512)}, "x")
    found += both("gather(x, 1, i)", {"x": ROWS, "i": whole(512, 4096, 512)}, "x")
    found += both("gather(x, 0, i)", {"x": ROWS, "i": whole(4096, 4096, 512)}, "x")
    found += both("gather(x, 1, i)", {"x": LOGITS, "i": whole(1000, 128, 1)}, "x")
    scattered: dict[str, Source] = {"x": ROWS, "i": whole(512, 4096, 512), "y": ROWS}
    found += both("scatter_add(x, 1, i, y)", scattered, "x y") + both("scatter(x, 1, i, y)", scattered, "y")
    found += both("scatter_add(x, 0, i, y)", {**scattered, "i": whole(4096, 4096, 512)}, "x y")
    found += both("index_add(x, 0, i, y)", {"x": ROWS, "i": whole(4096, 4096), "y": ROWS}, "y")
    found += both("embedding(i, x)", {"i": whole(10000, 32, 128), "x": (10000, 256)}, "x")
    found += both("embedding(i, x)", {"i": whole(100, 4096), "x": (100, 512)}, "x")
    return found


def _orders() -> list[OpCase]:
    found = []
    for call in ("topk(x, 5, {})", "median(x, {})", "sort(x, {})", "argsort(x, {})", "cumsum(x, {})", "cummax(x, {})",
                 "cumprod(x, {})", "kthvalue(x, 3, {})"):  # fmt: skip
        for dim in ("-1", "0"):
            found.append(OpCase(call.format(dim), {"x": ROWS if call.startswith("cum") else (1024, 512)}))
    for call in ("topk(x, 5, -1)", "sort(x, -1)"):
        found += [OpCase(call, {"x": LOGITS}), OpCase(call, {"x": SMALL})]
    for call in ("topk(x, 5, -1)", "sort(x, -1)", "cumsum(x, -1)", "cummax(x, -1)", "cumsum(x, 0)", "cummax(x, 0)"):
        found.append(OpCase(call, {"x": (1024, 512)}, "x"))
    found.append(OpCase("sort(x)", {"x": (1 << 20,)}))
    found.append(OpCase("sort(x, 1)", {"x": WIDE}))
    found.append(OpCase("sort(i)", {"i": whole(10000, 1 << 18)}))
    found.append(OpCase("topk(x, 50)", {"x": (1 << 18,)}))
    return found


def _draws() -> list[OpCase]:
    found = [OpCase(f"{kind}({shape})", {}) for kind in ("randn", "rand") for shape in (SMALL, ROWS)]
    found += [OpCase(f"randint(0, 10, {ROWS})", {}), OpCase("randperm(60000)", {})]
    for shape in (SMALL, ROWS):
        found += both("dropout(x, 0.5, True)", {"x": shape}, "x")
    return found


RESNET18 = [(64, 3, 3, 3)] + [
    shape
    for inputs, outputs in ((64, 64), (64, 128), (128, 256), (256, 512))
    for shape in [
        *([(outputs, inputs, 1, 1), (outputs,), (outputs,)] if inputs != outputs else []),
        *((outputs, inputs if k == 0 else outputs, 3, 3) for k in range(4)),
        *[(outputs,)] * 8,
    ]
] + [(10, 512), (10,)]  # fmt: skip
"""The shapes of the parameters of ResNet-18 for small images."""
OPTIMIZERS = {
    "Adam": {"lr": 1e-3},
    "AdamW": {"lr": 1e-3},
    "SGD": {"lr": 0.01},
    "SGD with momentum": {"lr": 0.01, "momentum": 0.9},
    "RMSprop": {"lr": 1e-3},
}
"""Steps over all of them."""

OPS: list[OpCase] = [*_elementwise(), *_norms(), *_pools(), *_reductions(), *_moves(), *_orders(), *_draws()]
