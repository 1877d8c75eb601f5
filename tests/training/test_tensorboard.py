"""Event files, read back by their format: records of length, checksum, protocol buffer, checksum."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import nncore as nc
from nncore.cli import main
from nncore.errors import InvalidValueError
from nncore.training import TensorBoard

DRAW = np.random.default_rng(0)
X = DRAW.standard_normal((64, 4)).astype(np.float32)
Y = DRAW.integers(0, 3, 64)


def events(folder: Path) -> list[Any]:
    pytest.importorskip("tensorboardX")
    from tensorboardX.proto import event_pb2

    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        data, at = path.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            event = event_pb2.Event()
            event.ParseFromString(data[at + 12 : at + 12 + length])
            found.append(event)
            at += 12 + length + 4
        assert at == len(data), "no record is cut off"
    return found


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def trainer(folder: Path, every: int | None = 4) -> nc.Trainer:
    pytest.importorskip("tensorboardX")
    model = nc.create("mlp", sizes=[4, 8, 3], seed=0)
    return nc.Trainer(model, metrics=["accuracy", "confusion_matrix"], callbacks=[TensorBoard(folder, every)], seed=0)


def test_the_files_hold_the_history(tmp_path: Path) -> None:
    one = trainer(tmp_path / "events")
    history = one.fit((X, Y), 3, validate=(X, Y), batch_size=8, progress=False)
    found = scalars(tmp_path / "events")
    names = {f"{name}/{part}" for name in ("loss", "accuracy") for part in ("training", "validation")}
    assert set(found) == {*names, "lr", "step/loss"}
    for column in ("loss", "accuracy"):
        for tag, name in ((f"{column}/training", column), (f"{column}/validation", f"val_{column}")):
            assert [step for step, _ in found[tag]] == [8, 16, 24]
            np.testing.assert_allclose([value for _, value in found[tag]], history[name], rtol=1e-6)
    assert [step for step, _ in found["step/loss"]] == [4, 8, 12, 16, 20, 24]


def test_what_goes_on_hides_what_an_interrupted_one_wrote_beyond_its_file(tmp_path: Path) -> None:
    folder, path = tmp_path / "events", tmp_path / "a.safetensors"
    one = trainer(folder, None)
    one.fit((X, Y), 1, batch_size=8, progress=False)
    one.save(path)
    one.fit((X, Y), 1, batch_size=8, progress=False)
    two = trainer(folder, None)
    two.restore(path)
    two.fit((X, Y), 1, batch_size=8, progress=False)
    starts = [event.step for event in events(folder) if event.HasField("session_log")]
    assert 9 in starts, "from step 9 on it is written anew"
    assert sorted(step for step, _ in scalars(folder)["loss/training"]) == [8, 16, 16]


def test_a_run_writes_them_on_request_and_resumes_with_them(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    folder = tmp_path / "run"
    command = ["train", "mlp", "--data", "digits", "--epochs", "1", "--quiet", "--tensorboard", "--output", str(folder)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    row = json.loads((folder / "metrics.jsonl").read_text())
    assert scalars(folder / "tensorboard")["loss/validation"][0][1] == pytest.approx(row["val_loss"], rel=1e-6)
    assert "tensorboard = true" in (folder / "config.toml").read_text()
    (folder / "result.json").unlink()
    assert CliRunner().invoke(main, ["resume", str(folder), "--quiet"]).exit_code == 0


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install 'nncore\[tensorboard\]'"):
        TensorBoard(tmp_path)
    command = ["train", "mlp", "--data", "digits", "--tensorboard", "--output", str(tmp_path / "run")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1 and "pip install" in result.output and not (tmp_path / "run").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidValueError, match="expected a folder"):
        trainer(tmp_path / "file").fit((X, Y), progress=False)
