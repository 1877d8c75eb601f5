"""What the programs of a captured step hold."""

from __future__ import annotations

import pytest

import nncore as nc


def test_programs_share_a_budget_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncore._capture._BYTES", 100_000)
    captured = nc.capture(lambda x: ((x * 2).exp() + 1).log().sum())
    for _ in range(2):
        for rows in (*range(1, 30), 40):
            for _ in range(3):
                captured(nc.ones((rows, 1000)))
    held = [recording for recording in captured._recordings if recording.program is not None]
    total = sum(recording.bytes for recording in held)
    largest = max(recording.bytes for recording in held)
    assert 2 * largest < total <= max(100_000, 4 * largest), "the latest ones are kept"
    assert sum(captured.calls.values()) == 180, "calls of programs that are gone still count"
    before = captured.calls["replayed"]
    captured(nc.ones((40, 1000)))
    assert captured.calls["replayed"] == before + 1
