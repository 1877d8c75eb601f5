"""What a new user gets wrong is told before there is a folder: where it stands, and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from nncore import data
from nncore._json import json_text
from nncore.cli import main
from nncore.errors import DataError
from nncore.plugins import make
from nncore.plugins.near import near_matches
from nncore.runs.compare import Record

X = np.random.default_rng(0).standard_normal((40, 3))
KIND = np.arange(40) % 2
SHORT = ("--epochs", "1", "--quiet", "--no-report")


def nncore(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def told(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), "an error that nobody meant to raise"
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    np.savez("one.npz", x=X, y=KIND * 0)
    np.savez("columns.npz", x=X, y=X[:, :2])
    rows = [f"{a:.3f},{b:.3f},{kind * 4 + 3}" for (a, b, _), kind in zip(X, KIND, strict=True)]
    Path("numbers.csv").write_text("a,b,kind\n" + "\n".join(rows) + "\n")
    Path("gaps.csv").write_text("a,b,kind\n1,,x\n" + "\n".join(rows) + "\n")
    Path("comma.csv").write_text("a;b;kind\n" + "1,5;2,5;x\n" * 20)
    Path("quote.csv").write_text('a,b,kind\n1,2,"x\n' + "1,2,y\n" * 20)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "digits", "--lr", "nan"], ["optimizer.lr: ", "got nan"]),
        (["--data", "digits", "--set", "optimizer.betas=[3]"], ["optimizer.betas: "]),
        (["--data", "digits", "--schedule", "cosine", "--set", "schedule.warmup=-1"], ["schedule: ", "warmup", "-1"]),
        (["--data", "digits", "--set", "model.hidden=0"], ["model: mlp for samples of shape (1, 28, 28)"]),
        (["--data", "digits", "--set", "data.valdation=0.2"], ["'valdation'", "Did you mean 'validation'?"]),
        (["--data", "digits", "--metric", "acc"], ["Did you mean 'accuracy'?"]),
        (["--data", "digits", "--optimizer", "adamv"], ["Did you mean 'adam', 'radam' or"]),
        ([], ["data.source: ", "--data"]),
        (["--data", "one.npz"], ["one class", "two classes or more"]),
        (["--data", "columns.npz"], ["--set data.targets="]),
        (
            ["--data", "columns.npz", "--set", "data.targets=values", "--loss", "mse"],
            ["shares of classes", "--metric mae"],
        ),
        (["--data", "numbers.csv"], ["--loss mse --metric mae", "--set data.targets=labels"]),
        (["--data", "gaps.csv"], ["gaps.csv:2", "--set data.missing="]),
        (["--data", "comma.csv", "--set", "data.delimiter=;"], ["with a point, not with a comma"]),
        (["--data", "quote.csv"], ["quote.csv:", "no CSV"]),
    ],
)
def test_it_is_told_before_there_is_a_folder(there: Path, arguments: list[str], words: list[str]) -> None:
    told(nncore("train", "mlp", *arguments, *SHORT, "--output", "out"), *words)
    assert not (there / "out").exists()


def test_numbers_can_be_classes(there: Path) -> None:
    result = nncore("train", "mlp", "--data", "numbers.csv", "--set", "data.targets=labels", *SHORT, "--output", "out")
    assert result.exit_code == 0 and "validation accuracy" in result.stdout, result.output
    assert json.loads(Path("out/samples.json").read_text())["classes"] == ["3", "7"]


def test_an_output_that_cannot_be_is_told_as_what_it_is(there: Path) -> None:
    told(nncore("train", "mlp", "--data", "digits", *SHORT, "--output", "one.npz"), "one.npz exists and is a file")
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    result = nncore("train", "mlp", "--data", "digits", *SHORT, "--output", "full")
    told(result, "full exists and is not empty")
    assert "resume" not in result.stderr, "there is no run in it"


def test_classes_that_cannot_be_learned_are_told(there: Path) -> None:
    data.ArrayDataset(X, KIND * 2, classes=["cat", "dog", "cow"]).save("gap.npz")
    result = nncore("train", "mlp", "--data", "gap.npz", *SHORT, "--output", "out")
    assert result.exit_code == 0 and "cannot be learned: dog\n" in result.stderr, result.stderr


def test_json_has_no_nan(there: Path) -> None:
    row = {"loss": float("nan"), "matrix": np.array([[1, 2]]), "rate": np.float32("inf"), "path": Path("a"), "n": None}
    assert json.loads(json_text(row), parse_constant=pytest.fail) == {
        "loss": None,
        "matrix": [[1, 2]],
        "rate": None,
        "path": "a",
        "n": None,
    }
    assert nncore("train", "mlp", "--data", "digits", *SHORT, "--output", "out").exit_code == 0
    rows = Path("out/metrics.jsonl")
    held = json.loads(rows.read_text())
    rows.write_text(json_text({**held, "val_loss": float("nan")}) + "\n")
    last = Record.read(Path("out")).history.last
    assert np.isnan(last["val_loss"]) and last["loss"] == held["loss"]
    compared = nncore("compare", "out", "out", "--json")
    assert json.loads(compared.stdout, parse_constant=pytest.fail)["runs"][0]["last"]["val_loss"] is None


def test_an_input_without_a_batch_is_no_traceback() -> None:
    told(nncore("show", "lenet5", "--input", "1x28x28"), "first number counts samples", "(1, 28, 28)")
    assert "416,520 MACs" in nncore("show", "lenet5", "--input", "1x1x28x28").stdout


def test_numbers_beyond_what_is_stored_are_refused() -> None:
    with pytest.raises(DataError, match=r"x holds 1e\+300, which is beyond float32"):
        data.ArrayDataset(np.array([[1.0], [1e300]]))
    with pytest.raises(DataError, match="beyond int64"):
        data.ArrayDataset(np.array([[2**63]], np.uint64))
    with pytest.raises(DataError, match="more than 16,777,216 classes"):
        data.ArrayDataset(X[:2], [0, 2**40])
    assert np.isinf(data.ArrayDataset(np.array([[np.inf]])).x).all(), "what is no number stays it"


def test_accuracy_takes_shares_and_refuses_values() -> None:
    import nncore as nc
    from nncore.errors import InvalidValueError

    output = nc.tensor(np.array([[2.0, 1.0], [0.0, 3.0]], np.float32))
    metric = make("metric", "accuracy")
    metric.update(output, nc.tensor(np.array([[0.7, 0.3], [0.9, 0.1]], np.float32)))
    assert metric.compute() == 0.5
    for wrong in ([[0.7, 0.4], [0.5, 0.5]], [[1.5, -0.5], [0.5, 0.5]]):
        with pytest.raises(InvalidValueError, match="1 rows are no such shares"):
            metric.update(output, nc.tensor(np.array(wrong, np.float32)))


def test_a_near_match_is_said_once() -> None:
    assert near_matches("adm", ["adam", "nncore/adam", "other/adan"])[0] == "adam"
    assert "nncore/adam" not in near_matches("adm", ["adam", "nncore/adam"])
    assert near_matches("acc", ["accuracy", "mae"]) == ["accuracy"]
    assert near_matches("nncore/adm", ["adam", "nncore/adam"])[0] == "nncore/adam"


def test_outputs_that_are_there_in_training_alone_are_tried(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nncore as nc
    from nncore.runs import run as runs

    class Forked(nc.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.out = nc.nn.BatchNorm1d(3), nc.nn.Linear(3, 2)

        def forward(self, input: nc.Tensor) -> Any:
            logits = self.out(self.norm(input))
            return {"main": logits, "aux": logits} if self.training else logits

    np.savez("two.npz", x=X.astype(np.float32), y=KIND)
    model = Forked()
    before = model.norm.running_mean.tolist()
    monkeypatch.setattr(runs, "_fitted", lambda *_: model)
    told(nncore("train", "mlp", "--data", "two.npz", *SHORT, "--output", "out"), "the model returns a dict")
    assert not Path("out").exists() and model.norm.running_mean.tolist() == before


def test_names_that_are_not_as_many_as_the_classes_are_refused(there: Path) -> None:
    np.savez("two.npz", x=X.astype(np.float32), y=KIND)
    assert nncore("train", "mlp", "--data", "two.npz", *SHORT, "--output", "out").exit_code == 0
    np.save("rows.npy", X[:2])
    told(nncore("predict", "out", "rows.npy", "--classes", "a,b,c"), "3 classes are named (a, b, c)", "tells 2")
    assert "b" in nncore("predict", "out", "rows.npy", "--classes", "a,b").stdout


def test_a_name_of_several_kinds_is_one_piece_of_json() -> None:
    kinds = [each["name"].partition(":")[0] for each in json.loads(nncore("show", "constant", "--json").stdout)]
    assert set(kinds) == {"initializer", "schedule"}
    assert json.loads(nncore("show", "constant", "--kind", "schedule", "--json").stdout)["name"].startswith("schedule:")


def test_what_to_type_next_can_be_typed(there: Path) -> None:
    spaced = ("train", "mlp", "--data", "digits", *SHORT, "--output", "my run")
    assert nncore(*spaced).exit_code == 0
    told(nncore(*spaced), "`nncore resume 'my run'`")
    told(nncore("resume", "my run"), "`nncore train 'my run/config.toml' --epochs N`")
