"""What a notebook shows."""

from __future__ import annotations

import sys
import types
import warnings
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore.training import History, progress

X, Y = np.eye(4, dtype=np.float32), np.arange(4)


class Handle:
    """What IPython gives for a display: each update takes the place of the one before."""

    def __init__(self, first: dict[str, str]) -> None:
        self.shown = [first["text/plain"]]

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(data["text/plain"])


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[Handle]:
    """A fake of IPython, and a console that takes itself for a notebook's."""
    handles: list[Handle] = []

    def display(data: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert raw and display_id
        handles.append(Handle(data))
        return handles[-1]

    fake = types.ModuleType("IPython.display")
    fake.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", fake)
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    return handles


def test_one_display_moves_and_ends_with_a_line_an_epoch(notebook: list[Handle], capsys: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # rich asks for widgets
        nc.Trainer(nc.nn.Linear(4, 4), metrics=["accuracy"], seed=0).fit((X, Y), 3, batch_size=1)
    assert len(notebook) == 1 and capsys.readouterr() == ("", "")
    shown = notebook[0].shown
    assert any("epoch 2/3  batch 2/4  loss " in text and "samples/s" in text and "s left" in text for text in shown)
    last = shown[-1].splitlines()
    assert [line[:9] for line in last] == ["epoch   1", "epoch   2", "epoch   3"] and "accuracy" in last[0]


def test_of_many_epochs_the_latest_are_shown(notebook: list[Handle], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINES", 3)
    nc.Trainer(nc.nn.Linear(4, 4), seed=0).fit((X, Y), 7)
    last = notebook[0].shown[-1].splitlines()
    assert last[0] == "… 4 epochs before" and [line.split()[1] for line in last[1:]] == ["5", "6", "7"]


def test_a_history_is_a_table() -> None:
    history = History([{"epoch": 1, "loss": 0.123456, "a<b": 1, "m": np.ones((2, 2))}, {"epoch": 2, "loss": 0.1}])
    history.stopped = "<enough>"
    text = history._repr_html_()
    assert "<td>0.1235</td>" in text and "a&lt;b" in text and "&lt;enough&gt;" in text and "<th>m</th>" not in text
    assert text.count("<tr>") == 3


def test_in_a_real_kernel() -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    source = (
        "import nncore as nc, numpy as np\n"
        "trainer = nc.Trainer(nc.nn.Linear(4, 4), seed=0)\n"
        "trainer.fit((np.eye(4, dtype='float32'), np.arange(4)), 2)"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(book, kernel_name="python3").execute()
    shown, table = book.cells[0].outputs
    assert shown["data"]["text/plain"].startswith("epoch   1  loss") and "epoch   2" in shown["data"]["text/plain"]
    assert "<table>" in table["data"]["text/html"]
