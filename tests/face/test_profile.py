"""A profile sees every kernel once, with its layer, its phase and what it had to do."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import nncore as nc
from nncore import nn, ops, optim
from nncore.errors import InvalidValueError


def test_kernels_are_counted_with_layer_phase_and_cost() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    x = nc.ones(3, 4)
    with nc.profile(model) as p:
        model(x).sum().backward()
    rows = {(row.layer, row.op, row.phase): row for row in p.rows()}
    first, last = rows["0", "affine", "forward"], rows["2", "affine", "forward"]
    assert (first.calls, last.calls) == (1, 1)
    # A product of (3, 4) and (4, 8), and a bias.
    assert first.flops >= 2 * 3 * 4 * 8 > last.flops >= 2 * 3 * 8 * 2
    assert ("1", "relu", "forward") in rows and ("1", "relu_grad", "backward") in rows
    assert rows["", "sum_over", "forward"].calls == 1
    # The input needs no gradient: one product for the first weight, two for the last layer.
    products = {layer: row.calls for (layer, op, phase), row in rows.items() if (op, phase) == ("product", "backward")}
    assert products == {"0": 1, "2": 2}
    assert all(row.seconds > 0 and row.floor >= 0 for row in rows.values())
    assert sum(row.seconds for row in rows.values()) < p.wall
    assert all(row.of_roofline == row.floor / row.seconds for row in rows.values())


def test_nothing_is_seen_outside_of_the_block_and_modules_are_as_before() -> None:
    call = nn.Linear.__call__
    x, model = nc.ones(2, 2), nn.Linear(2, 2)
    model(x)
    with nc.profile(model) as p:
        pass
    model(x)
    assert p.rows() == [] and nn.Linear.__call__ is call


def test_sums_by_key_add_up() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    with nc.profile(model) as p:
        model(nc.ones(2, 4)).sum().backward()
    for by in ("layer", "op", "phase"):
        rows = p.rows(by)
        assert sum(row.calls for row in rows) == sum(row.calls for row in p.rows())
        assert sum(row.flops for row in rows) == sum(row.flops for row in p.rows())
        assert len({getattr(row, by) for row in rows}) == len(rows)
    assert len(p.table(limit=2).splitlines()) == 4
    text = str(p)
    assert "affine" in text and "roofline" in text and nc.cpu_path() in text
    with pytest.raises(InvalidValueError, match="grouped by layer, op, phase, got 'shape'"):
        p.rows("shape")  # type: ignore[arg-type]


def test_inner_modules_have_paths_and_strangers_their_class() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Sequential(nn.Linear(2, 2))

        def forward(self, x: nc.Tensor) -> nc.Tensor:
            return ops.relu(self.inner(x))

    net, other, x = Net(), nn.Tanh(), nc.ones(1, 2)
    with nc.profile(net) as p:
        other(net(x))
    assert {(row.layer, row.op) for row in p.rows("layer", "op")} == {
        ("inner.0", "affine"), ("", "relu"), ("Tanh", "tanh"),
    }  # fmt: skip


def test_captured_steps_recorded_inside_have_layers() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    sgd = optim.SGD(model.parameters(), lr=0.1)

    def run(x: nc.Tensor) -> nc.Tensor:
        sgd.zero_grad()
        loss = model(x).sum()
        loss.backward()
        sgd.step()
        return loss

    x = nc.ones(3, 4)
    step = nc.capture(run)
    with nc.profile(model) as p:
        for _ in range(4):
            step(x)
    rows = {(row.layer, row.op, row.phase): row.calls for row in p.rows()}
    assert rows["0", "affine", "forward"] == 4
    assert rows["1", "relu_grad", "backward"] == 4


def test_other_threads_are_seen() -> None:
    with nc.profile() as p:
        thread = threading.Thread(target=lambda: ops.exp(nc.ones(3)))
        thread.start()
        thread.join()
    assert ("exp", 1) in {(row.op, row.calls) for row in p.rows("op")}


def test_one_profile_at_a_time_and_only_of_modules() -> None:
    with nc.profile(), pytest.raises(InvalidValueError, match="running already"), nc.profile():
        pass
    with nc.profile():
        pass
    with pytest.raises(InvalidValueError, match="of a module, or of everything, got Tensor"):
        nc.profile(nc.ones(2))  # type: ignore[arg-type]


def test_it_is_written_as_json_and_as_a_trace(tmp_path: Path) -> None:
    with nc.profile() as p:
        ops.exp(nc.ones(3))
    read = json.loads(p.as_json())
    assert read["flops_per_second"] > 0 and "exp" in {row["op"] for row in read["rows"]}
    p.save_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert "exp" in {event["name"] for event in events} and all(event["dur"] >= 0 for event in events)


def test_an_end_without_a_beginning_is_told() -> None:
    p = nc.profile()
    with pytest.raises(InvalidValueError, match="not running"):
        p.__exit__(None, None, None)
    with p:
        pass
    with pytest.raises(InvalidValueError, match="not running"):
        p.__exit__(None, None, None)
