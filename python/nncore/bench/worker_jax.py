"""JAX's turn: `python worker_jax.py CASE...`. Whole steps under `jit`, with parameters donated; every call waits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from cases import TRAINING, Measured, Timing, Training, block, sixteen, worker

State = dict[str, jax.Array]


def conv(x: jax.Array, w: jax.Array, stride: int, padding: int) -> jax.Array:
    return jax.lax.conv_general_dilated(x, w, (stride, stride), [(padding, padding)] * 2)


def conv_norm(p: State, name: str, x: jax.Array, stride: int, padding: int) -> jax.Array:
    x = conv(x, p[f"{name}.0.weight"], stride, padding)
    mean, var = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    x = (x - mean) * jax.lax.rsqrt(var + 1e-5)
    return x * p[f"{name}.1.weight"][:, None, None] + p[f"{name}.1.bias"][:, None, None]


def residual(p: State, name: str, x: jax.Array, sizes: list[int]) -> jax.Array:
    parts = {part: rest[-2:] for part, *rest in block(*sizes)}
    y = jax.nn.relu(conv_norm(p, f"{name}.first", x, *parts["first"]))
    y = conv_norm(p, f"{name}.second", y, *parts["second"])
    return jax.nn.relu(y + (conv_norm(p, f"{name}.shortcut", x, *parts["shortcut"]) if "shortcut" in parts else x))


def pool(x: jax.Array, kernel: int, stride: int, padding: int) -> jax.Array:
    window, steps, pad = (1, 1, kernel, kernel), (1, 1, stride, stride), [(0, 0)] * 2 + [(padding, padding)] * 2
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, steps, pad)


def forward(layers: tuple[tuple[Any, ...], ...], p: State, x: jax.Array) -> jax.Array:
    for place, (kind, *sizes) in enumerate(layers):
        if kind == "linear":
            x = x @ p[f"{place}.weight"].T + p[f"{place}.bias"]
        elif kind == "conv":
            x = conv(x, p[f"{place}.weight"], 1, sizes[3]) + p[f"{place}.bias"][:, None, None]
        elif kind == "conv_norm":
            x = conv_norm(p, f"{place}", x, *sizes[-2:])
        elif kind == "block":
            x = residual(p, f"{place}", x, sizes)
        elif kind == "relu":
            x = jax.nn.relu(x)
        elif kind == "pool":
            x = pool(x, *sizes)
        elif kind == "mean":
            x = x.mean((2, 3))
        else:
            x = x.reshape(x.shape[0], -1)
    return x


def sgd(p: State, g: State, s: Any, lr: float, momentum: float = 0.0) -> tuple[State, Any]:
    if not momentum:
        return {k: p[k] - lr * g[k] for k in p}, s
    v = {k: momentum * s["v"][k] + g[k] for k in p}
    return {k: p[k] - lr * v[k] for k in p}, {"v": v}


def adam(p: State, g: State, s: Any, lr: float) -> tuple[State, Any]:
    t = s["t"] + 1
    m = {k: 0.9 * s["m"][k] + 0.1 * g[k] for k in p}
    v = {k: 0.999 * s["v"][k] + 0.001 * g[k] * g[k] for k in p}
    a, b = 1 - 0.9**t, 1 - 0.999**t
    return {k: p[k] - lr * (m[k] / a) / (jnp.sqrt(v[k] / b) + 1e-8) for k in p}, {"t": t, "m": m, "v": v}


def training(case: Training, timing: Timing) -> Measured:
    update: Callable[..., Any] = {"sgd": sgd, "adam": adam}[case.optimizer]

    def loss(p: State, x: jax.Array, y: jax.Array) -> jax.Array:
        log_p = jax.nn.log_softmax(forward(case.layers, p, x))
        return -jnp.take_along_axis(log_p, y[:, None], 1).mean()

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def advance(p: State, s: Any, x: jax.Array, y: jax.Array) -> Any:
        value, gradient = jax.value_and_grad(loss)(p, x, y)
        return *update(p, gradient, s, **case.options), value

    state: Any = {name: jnp.asarray(value) for name, value in case.weights().items()}
    zeros = {name: jnp.zeros_like(value) for name, value in state.items()}
    slots: Any = {"m": zeros, "v": {k: z.copy() for k, z in zeros.items()}, "t": jnp.zeros((), jnp.float32)}

    def step(x: jax.Array, y: jax.Array) -> jax.Array:
        nonlocal state, slots
        state, slots, value = advance(state, slots, x, y)
        return jax.block_until_ready((value, state))[0]

    if case.optimizer == "sgd":
        slots = {"v": slots["v"]}
    batches = [(jnp.asarray(x), jnp.asarray(y.astype("int32"))) for x, y in case.batches()]
    return {"jit": timing.training(step, batches)}


def measure(name: str, timing: Timing) -> Measured:
    if name in TRAINING:
        return training(TRAINING[name], timing)
    if name == "relu_16_grad":
        return {}  # JAX has no tape: gradients are made by tracing
    x, relu = jnp.asarray(sixteen()), jax.jit(jax.nn.relu)
    return {"jit": timing.measure(lambda: relu(x).block_until_ready())}


if __name__ == "__main__":
    jax.config.update("jax_platforms", "cpu")
    worker("JAX", measure, lambda: {"version": jax.__version__})
