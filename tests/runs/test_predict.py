"""What a run says of files: in the form that it was trained on, each file on its own."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import nncore as nc
from nncore import data
from nncore.cli import main
from nncore.errors import FileFormatError
from nncore.runs import Run, RunConfig
from nncore.runs.predict import probabilities
from nncore.runs.samples import SampleForm

Image = pytest.importorskip("PIL.Image")


def nncore(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def trained(folder: Path, **sections: Any) -> Run:
    run = Run.begin(RunConfig.of({"model": {"name": "lenet5"}, "training": {"epochs": 2}, **sections}), folder)
    run.train(progress=False)
    return run


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("runs") / "digits", data={"source": "digits"})


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Test digits as pictures of another size, some in colour, one dark on light, one that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for at in range(3):
        pixels = (data.load("digits")[1].x[at, 0] * 255).astype(np.uint8)
        picture = Image.fromarray(pixels)
        (picture if at else picture.convert("RGBA")).save(folder / f"{at}.png")
    Image.fromarray(255 - pixels).save(folder / "dark.png")
    return folder


def test_pictures_are_read_as_the_run_has_learned_them(digits: Run, pictures: Path) -> None:
    result = nncore("predict", digits.folder.path, pictures, "--json", "--top", 10)
    assert result.exit_code == 0, result.output
    said = {Path(each["file"]).name: each for each in json.loads(result.stdout)["predictions"]}
    x = np.floor(data.load("digits")[1].x[:3] * 255) / 255
    with nc.no_grad():
        logits = digits.trainer.model.eval()(nc.tensor(x.astype(np.float32))).numpy().astype(np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for at in range(3):
        classes = said[f"{at}.png"]["classes"]
        found = [each["probability"] for each in sorted(classes, key=lambda each: int(each["class"]))]
        np.testing.assert_allclose(found, shares[at], atol=1e-5)
        assert [each["probability"] for each in classes] == sorted(found, reverse=True)
    inverted = nncore("predict", digits.folder.path, pictures / "dark.png", "--invert", "--json", "--top", 10)
    assert json.loads(inverted.stdout)["predictions"][0]["classes"] == said["2.png"]["classes"]


def test_a_file_that_cannot_be_read_is_told_and_the_others_go_on(digits: Run, pictures: Path) -> None:
    (pictures / "broken.png").write_bytes(b"\x89PNG no picture")
    (pictures / "words.csv").write_text("a,b\nc,d\n")
    np.save(pictures / "other.npy", np.zeros((2, 7)))
    (pictures / "cut.npz").write_bytes(b"PK\x03\x04")
    names = ("0.png", "broken.png", "words.csv", "other.npy", "cut.npz", "none.png", "2.png")
    result = nncore("predict", digits.folder.path, *(pictures / name for name in names))
    assert result.exit_code == 1 and "0.png" in result.stdout and "2.png" in result.stdout
    told = result.stderr.splitlines()
    assert [Path(line.partition(": ")[0]).name for line in told[:-1]] == list(names[1:-1])
    for line, words in zip(
        told, ("cannot be decoded", "words.csv", "(2, 7)", "cannot be read", "no such"), strict=False
    ):
        assert words in line
    assert told[-1] == "5 of 7 files were left out"
    assert len(json.loads(nncore("predict", digits.folder.path, pictures, "--json").stdout)["failed"]) == 1


def test_rows_of_arrays_are_numbered(digits: Run, tmp_path: Path) -> None:
    test = data.load("digits")[1]
    np.save(tmp_path / "many.npy", test.x[:3, 0])
    np.savez(tmp_path / "one.npz", x=test.x[0])
    result = nncore("predict", digits.folder.path, tmp_path / "many.npy", tmp_path / "one.npz", "--csv", "--top", 2)
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert [row["row"] for row in rows] == ["0", "1", "2", ""]
    assert {**rows[0], "row": "", "file": ""} == {**rows[3], "row": "", "file": ""}
    with nc.no_grad():
        taken = digits.trainer.model.eval()(nc.tensor(test.x[:3])).argmax(1).tolist()
    assert [int(row["class"]) for row in rows[:3]] == taken
    assert all(float(row["probability"]) >= float(row["probability_2"]) for row in rows)


def test_tables_go_with_or_without_the_target(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    kinds = draw.integers(0, 2, 60)
    inputs = draw.standard_normal((60, 3)) * 0.1 + kinds[:, None] * 2 - 1
    lines = [
        ",".join(f"{v:.5f}" for v in row) + f",{('cat', 'dog')[kind]}" for row, kind in zip(inputs, kinds, strict=True)
    ]
    table = tmp_path / "pets.csv"
    table.write_text("\n".join(["a,b,c,pet", *lines]))
    config = {"model": {"name": "mlp", "hidden": 8}, "training": {"epochs": 20, "batch_size": 8}}
    run = trained(tmp_path / "run", **config, data={"source": str(table)})
    bare = tmp_path / "bare.csv"
    bare.write_text("\n".join(["a,b,c", *(line.rpartition(",")[0] for line in lines)]))
    for file in (table, bare):
        result = nncore("predict", run.folder.path, file, "--json")
        assert result.exit_code == 0, result.output
        taken = [each["classes"][0]["class"] for each in json.loads(result.stdout)["predictions"]]
        assert taken == [("cat", "dog")[kind] for kind in kinds]


def test_numbers_are_told_where_numbers_were_learned(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    x = draw.standard_normal((40, 2)).astype(np.float32)
    np.savez(tmp_path / "line.npz", x=x, y=x.sum(1, keepdims=True))
    sections = {
        "model": {"name": "mlp", "sizes": [2, 4, 1]},
        "data": {"source": str(tmp_path / "line.npz"), "targets": "values"},
        "loss": {"name": "mse"},
        "training": {"epochs": 2, "metrics": ["mse"]},
    }
    run = trained(tmp_path / "run", **sections)
    np.save(tmp_path / "x.npy", x[:4])
    result = nncore("predict", run.folder.path, tmp_path / "x.npy", "--json")
    with nc.no_grad():
        expected = run.trainer.model.eval()(nc.tensor(x[:4])).numpy()
    found = [each["output"] for each in json.loads(result.stdout)["predictions"]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert "output" in nncore("predict", run.folder.path, tmp_path / "x.npy").stdout


def test_a_models_file_alone_takes_size_and_names(digits: Run, pictures: Path, tmp_path: Path) -> None:
    model = tmp_path / "alone.safetensors"
    model.write_bytes(digits.folder.model.read_bytes())
    small = pictures / "small.png"
    Image.open(pictures / "1.png").resize((50, 40)).save(small)
    assert "--size says how many" in nncore("predict", model, small).stderr
    names = "zero,one,two,three,four,five,six,seven,eight,nine"
    result = nncore("predict", model, small, "--size", "28x28", "--classes", names, "--json")
    assert json.loads(result.stdout)["predictions"][0]["classes"][0]["class"] in names.split(",")
    assert nncore("predict", model, small, "--size", "big").exit_code == 2
    nc.save(digits.trainer.model.state_dict(), tmp_path / "weights.safetensors")
    (tmp_path / "junk.safetensors").write_bytes(b"nothing of the kind")
    for name, words in (("weights", "holds weights alone"), ("junk", "junk.safetensors")):
        result = nncore("predict", tmp_path / f"{name}.safetensors", small)
        assert result.exit_code == 1 and words in result.stderr and isinstance(result.exception, SystemExit)
    assert "holds no run" in nncore("predict", tmp_path, small).stderr


def test_runs_of_earlier_releases_look_at_their_data(digits: Run, pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    for name in ("config.toml", "best.safetensors"):
        (folder / name).write_bytes((digits.folder.path / name).read_bytes())
    assert nncore("predict", folder, pictures / "0.png").exit_code == 0


def test_forms_are_written_and_read(tmp_path: Path) -> None:
    pixels = np.zeros((4, 3, 2, 2), np.uint8)
    for samples in (
        data.ArrayDataset(pixels, [0, 1, 1, 0], classes=["a", "b"], scale=255),
        data.ArrayDataset(pixels, [0, 1, 2, 0]),
        data.ArrayDataset(np.zeros((2, 5)), [[0.5], [1.0]], targets="values"),
    ):
        form = SampleForm.of(samples)
        (tmp_path / "form.json").write_text(form.text())
        assert SampleForm.read(tmp_path / "form.json") == form and form.shape == samples.sample_shape
    assert form.labels is False and form.classes is None
    assert SampleForm.of(data.ArrayDataset(pixels, [0, 1, 2, 0])).pixels
    (tmp_path / "form.json").write_text("{}")
    with pytest.raises(FileFormatError, match="does not tell what the samples are like"):
        SampleForm.read(tmp_path / "form.json")


def test_probabilities_stay_what_they_are() -> None:
    assert probabilities(np.array([0.5, 0.25, 0.25])).tolist() == [0.5, 0.25, 0.25]
    np.testing.assert_allclose(probabilities(np.log([0.5, 0.25, 0.25])), [0.5, 0.25, 0.25])
    np.testing.assert_allclose(probabilities(np.array([1000.0, 0.0])), [1, 0])
