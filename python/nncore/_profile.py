"""Where the time of a step goes: per layer and per op, beside what this machine could do."""

from __future__ import annotations

import functools
import itertools
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from nncore import _core, _modes
from nncore.errors import InvalidValueError
from nncore.module import Module

__all__ = ["Profile", "ProfileRow", "profile"]

By = Literal["layer", "op", "phase"]
KEYS: tuple[By, ...] = ("layer", "op", "phase")


@dataclass(frozen=True)
class ProfileRow:
    """What some kernels cost together.

    Attributes:
        layer: Path of the layer that called them; empty outside of all layers.
        op: The op's name.
        phase: `"forward"` or `"backward"`; an optimizer's step counts as forward, outside of all layers.
        calls: How many kernels ran.
        seconds: How long they took.
        flops: Arithmetic operations, as the ops declare them.
        bytes: Bytes read and written, each once.
        macs: Multiply-adds of products and convolutions alone, as papers count them.
        floor: Seconds that this machine needs at least, were each kernel at the peak of its arithmetic or of the memory.
    """

    layer: str
    op: str
    phase: str
    calls: int
    seconds: float
    flops: int
    bytes: int
    macs: int
    floor: float

    @property
    def of_roofline(self) -> float:
        """The floor's share of the time: 1 is as fast as this machine can. Data in caches can pass 1."""
        return self.floor / self.seconds if self.seconds else 0.0


@functools.cache
def _peaks(threads: int) -> tuple[float, float]:
    return _core._machine_peaks()


class Profile:
    """What `nc.profile` has seen; complete when its block has ended.

    Attributes:
        wall: Seconds from the block's begin to its end.
        peaks: Float32 operations and bytes a second that this machine was measured to reach, with the threads in use.
    """

    def __init__(self, model: Module | None) -> None:
        if model is not None and not isinstance(model, Module):
            raise InvalidValueError(f"a profile is of a module, or of everything, got {type(model).__name__}")
        self._names = {id(module): path for path, module in model.named_modules()} if model is not None else {}
        self._layers = [""]
        self._numbers: dict[str, int] = {"": 0}
        self._records: list[tuple[str, int, bool, int, int, int, int, int, int]] = []
        self._begin: float | None = None
        self.wall = 0.0
        self.peaks = (0.0, 0.0)

    def __enter__(self) -> Self:
        self.peaks = _peaks(_core.get_num_threads())
        self._start()
        return self

    @contextmanager
    def counting(self) -> Iterator[None]:
        """As `with profile`, for those who ask for operations alone: this machine's peaks are not measured."""
        self.peaks = (math.inf, math.inf)
        self._start()
        try:
            yield
        finally:
            self.__exit__(None, None, None)

    def _start(self) -> None:
        _core._profile_start()
        _modes.around(self._call)
        self._begin = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begin is None:
            raise InvalidValueError("this profile is not running; use it as `with nc.profile(model) as p:`")
        self.wall = time.perf_counter() - self._begin
        self._begin = None
        _modes.not_around(self._call)
        self._records = _core._profile_stop()

    def _call(self, module: Module, run: Callable[[], Any]) -> Any:
        path = self._names.get(id(module), type(module).__name__)
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self._layers)
            self._layers.append(path)
        before = _core._profile_go(number)
        try:
            return run()
        finally:
            _core._profile_go(before)

    def _rows(self) -> Iterable[ProfileRow]:
        most, bandwidth = self.peaks
        for op, layer, backward, _, nanoseconds, flops, size, item, macs in self._records:
            # Numbers twice as long: half as many of them in a register.
            floor = max(flops / (most * 4 / item), size / bandwidth)
            phase = "backward" if backward else "forward"
            yield ProfileRow(self._layers[layer], op, phase, 1, nanoseconds * 1e-9, flops, size, macs, floor)

    def rows(self, *by: By) -> list[ProfileRow]:
        """Costs summed over all kernels that are alike in `by`, the longest first.

        Args:
            *by: Any of `"layer"`, `"op"` and `"phase"`; all three by default. The others are empty in the rows.
        """
        for key in by:
            if key not in KEYS:
                raise InvalidValueError(f"rows are grouped by {', '.join(KEYS)}, got {key!r}")
        keys = by or KEYS
        sums: dict[tuple[str, ...], ProfileRow] = {}
        for row in self._rows():
            at = tuple(getattr(row, key) if key in keys else "" for key in KEYS)
            old = sums.get(at)
            if old is None:
                sums[at] = replace(row, layer=at[0], op=at[1], phase=at[2])
            else:
                sums[at] = replace(
                    old,
                    calls=old.calls + row.calls,
                    seconds=old.seconds + row.seconds,
                    flops=old.flops + row.flops,
                    bytes=old.bytes + row.bytes,
                    macs=old.macs + row.macs,
                    floor=old.floor + row.floor,
                )
        return sorted(sums.values(), key=lambda row: -row.seconds)

    def table(self, *by: By, limit: int | None = None) -> str:
        """The rows as text: calls, time, share of all kernels' time, operations and bytes a second, share of the roofline."""
        keys = by or KEYS
        rows = self.rows(*by)
        total = sum(row.seconds for row in rows) or 1.0
        head = [*keys, "calls", "time", "share", "GFLOP/s", "GB/s", "of roofline"]
        lines = [head]
        for row in itertools.islice(rows, limit):
            rates = [amount / row.seconds * 1e-9 if row.seconds else 0.0 for amount in (row.flops, row.bytes)]
            name = [str(getattr(row, key)) or "-" for key in keys]
            share = f"{row.seconds / total:.1%}"
            rated = [f"{rates[0]:.1f}", f"{rates[1]:.1f}", f"{row.of_roofline:.0%}"]
            lines.append([*name, str(row.calls), _duration(row.seconds), share, *rated])
        widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
        left = len(keys)
        text = [
            "  ".join(
                f"{c:<{w}}" if k < left else f"{c:>{w}}" for k, (c, w) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        if limit is not None and len(rows) > limit:
            text.append(f"… {len(rows) - limit} more")
        return "\n".join(line.rstrip() for line in text)

    def __str__(self) -> str:
        kernels = sum(row.seconds for row in self._rows())
        floor = sum(row.floor for row in self._rows())
        most, bandwidth = self.peaks
        layers = f"{self.table('layer', 'phase')}\n\n" if len(self._layers) > 1 else ""
        return (
            f"{layers}{self.table('op', 'phase')}\n\n"
            f"{_duration(self.wall)} in all, {_duration(kernels)} of it in {len(self._records)} kernels, whose floor is "
            f"{_duration(floor)}\n"
            f"roofline, measured: {most * 1e-9:.0f} GFLOP/s float32, {bandwidth * 1e-9:.1f} GB/s, "
            f"{_core.get_num_threads()} threads, {_core.cpu_path()}"
        )

    def as_json(self) -> str:
        """The rows, the wall time and the peaks, as JSON."""
        rows = [asdict(row) for row in self.rows()]
        return json.dumps(
            {"wall": self.wall, "flops_per_second": self.peaks[0], "bytes_per_second": self.peaks[1], "rows": rows}
        )

    def save_trace(self, path: str | Path) -> None:
        """Write each kernel with its begin and end, for chrome://tracing or ui.perfetto.dev."""
        events = [
            {
                "name": op,
                "cat": self._layers[layer] or "-",
                "ph": "X",
                "ts": start / 1e3,
                "dur": took / 1e3,
                "pid": 0,
                "tid": int(back),
            }
            for op, layer, back, start, took, *_ in self._records
        ]
        Path(path).write_text(json.dumps({"traceEvents": events}))


def _duration(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def profile(model: Module | None = None) -> Profile:
    """Time every kernel that runs inside the block, in all threads, and tell which layer called it.

    What an op had to do (operations, bytes) is declared by the op itself, and what this machine can do is measured when
    the first profile begins (about 0.2 s): so each row says how far from the floor it is.

    Args:
        model: Whose layers are named by their paths. Layers outside of it are named by their class. Default: none.

    Captured steps are seen kernel by kernel as well; their layers are known if they were recorded inside a profile.

    Raises:
        InvalidValueError: Another profile is running.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
        >>> with nc.profile(model) as p:
        ...     model(nc.ones(3, 4)).sum().backward()
        >>> sorted({row.layer for row in p.rows("layer")})
        ['', '0', '1', '2']
    """
    return Profile(model)
