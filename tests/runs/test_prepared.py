"""Inputs that are prepared: learned from the training part alone, kept with the run, and done alike wherever it is used."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import nncore as nc
from nncore import preprocess
from nncore.cli import main
from nncore.errors import ConfigError
from nncore.runs import Run, RunConfig

STEPS: list[Any] = ["standardize", {"name": "pca", "n_components": 2, "whiten": True}]


def nncore(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table whose columns have scales that are far apart, and a config of it."""
    folder = tmp_path_factory.mktemp("prepared")
    draw = np.random.default_rng(0)
    kinds = np.arange(120) % 3
    x = (draw.standard_normal((120, 4)) + kinds[:, None] * 3) * [1, 100, 0.01, 5] + [1000, 5, 3, -7]
    rows = [f"{','.join(f'{v:.6f}' for v in row)},{'abc'[kind]}" for row, kind in zip(x, kinds, strict=True)]
    (folder / "flowers.csv").write_text("one,two,three,four,kind\n" + "\n".join(rows) + "\n")
    return folder


def config(there: Path, steps: Any, **training: Any) -> RunConfig:
    return RunConfig.of(
        {
            "model": {"name": "mlp", "hidden": 8},
            "data": {"source": str(there / "flowers.csv"), "preprocess": steps, "target": "kind"},
            "training": {"epochs": 3, "batch_size": 16, **training},
            "optimizer": {"name": "adam", "lr": 0.02},
        }
    )


@pytest.fixture(scope="module")
def run(there: Path) -> Run:
    run = Run.begin(config(there, STEPS), there / "run")
    run.train(progress=False)
    return run


def test_the_training_part_alone_is_learned_from(run: Run) -> None:
    train, validation, _ = run.raw
    assert validation is not None and run.validation_set is not None
    expected = preprocess.Pipeline([preprocess.Standardize(), preprocess.PCA(2, whiten=True)]).fit(train)
    np.testing.assert_array_equal(run.train_set.x, expected.transform(train).x)
    np.testing.assert_array_equal(run.validation_set.x, expected.transform(validation).x)
    np.testing.assert_allclose(run.train_set.x.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(run.train_set.x.std(0, ddof=1), 1, atol=1e-3)
    assert train.sample_shape == (4,) and run.trainer.model.config["in_features"] == 2


def test_the_config_spells_out_every_setting_and_makes_the_same_run(run: Run, tmp_path: Path) -> None:
    written = tomllib.loads(run.folder.config.read_text())["data"]
    assert [step["name"] for step in written["preprocess"]] == ["standardize", "pca"]
    assert written["preprocess"][0]["per"] == "feature" and written["preprocess"][1]["whiten"] is True
    assert written["target"] == "kind", "a setting below the list"
    again = Run.begin(RunConfig.read(run.folder.config), tmp_path / "again")
    again.train(progress=False)
    assert again.folder.model.read_bytes() == run.folder.model.read_bytes()


def test_evaluation_and_resuming_use_what_was_kept(run: Run, there: Path, tmp_path: Path) -> None:
    result = nncore("eval", run.folder.path, "--json")
    assert json.loads(result.stdout) == json.loads(run.folder.result.read_text())
    other = preprocess.Pipeline(STEPS).fit(run.raw[0].map(lambda x: x * 2))
    kept = run.folder.preprocess.read_bytes()
    try:
        nc.save({}, run.folder.preprocess, preprocess=other)
        assert json.loads(nncore("eval", run.folder.path, "--json").stdout) != json.loads(result.stdout)
        run.folder.preprocess.unlink()
        gone = nncore("eval", run.folder.path)
        assert gone.exit_code == 1 and "preprocess.safetensors is missing" in gone.stderr
    finally:
        run.folder.preprocess.write_bytes(kept)
    cut = Run.begin(config(there, STEPS), tmp_path / "cut")
    cut.trainer.fit(cut.train_set, 3, cut.validation_set, batch_size=16, progress=False)
    cut.folder.model.unlink(missing_ok=True)
    Run.resume(cut.folder.path).train(progress=False)
    assert cut.folder.model.read_bytes() == run.folder.model.read_bytes()


@pytest.mark.parametrize("which", ["run", "model.safetensors", "best.safetensors", "alone"])
def test_a_prediction_takes_what_the_table_holds(run: Run, tmp_path: Path, which: str) -> None:
    x = run.raw[0].x[:5]
    np.save(tmp_path / "rows.npy", x)
    network = run.folder.path if which == "run" else run.folder.path / which
    if which == "alone":
        network = tmp_path / "moved.safetensors"
        network.write_bytes(run.folder.model.read_bytes())
    result = nncore("predict", network, tmp_path / "rows.npy", "--json", "--classes", "a,b,c")
    assert result.exit_code == 0, result.output
    model, prepare = nc.load(run.folder.best if "best" in which else run.folder.model, preprocess=True)
    with nc.no_grad():
        logits = model.eval()(nc.tensor(prepare.transform(x))).numpy().astype(np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for row, each in enumerate(json.loads(result.stdout)["predictions"]):
        told = {one["class"]: one["probability"] for one in each["classes"]}
        np.testing.assert_allclose([told[name] for name in "abc"], shares[row], atol=1e-6)
    np.save(tmp_path / "nan.npy", np.full((2, 4), np.nan))
    failed = nncore("predict", network, tmp_path / "nan.npy")
    assert failed.exit_code == 1 and "expected finite inputs" in failed.stderr


def test_pictures_are_shown_as_they_are_and_read_as_they_were_stored(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).integers(0, 256, (40, 1, 8, 8), np.uint8)
    np.savez(tmp_path / "pixels.npz", x=pixels, y=np.arange(40) % 2)
    given = {"source": str(tmp_path / "pixels.npz"), "preprocess": {"name": "normalize", "mean": [99.0], "std": [50.0]}}
    run = Run.begin(
        RunConfig.of({"model": {"name": "mlp"}, "data": given, "training": {"epochs": 1}}), tmp_path / "run"
    )
    run.train(progress=False)
    np.testing.assert_allclose(run.train_set.x, (run.raw[0].x - 99.0) / 50.0, rtol=1e-6)
    image.fromarray(pixels[3, 0]).save(tmp_path / "three.png")
    np.save(tmp_path / "three.npy", pixels[3])
    said = nncore("predict", run.folder.path, tmp_path / "three.png", tmp_path / "three.npy", "--json")
    first, second = json.loads(said.stdout)["predictions"]
    assert first["classes"] == second["classes"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["standardise"], ("Did you mean 'standardize'", "data.preprocess")),
        ([{"name": "pca", "n_component": 2}], ("no such setting n_component", "'n_components'")),
        ([{"name": "pca", "n_components": 30}], ("at most 4",)),
        ([{"per": "all"}], ("expected names of transforms",)),
        ([3], ("expected names of transforms",)),
        (["one_hot"], ("inputs alone",)),
        ([{"name": "standardize", "per": 3}], ("expected a text, got 3",)),
        (7, ("expected a list, got 7",)),
    ],
)
def test_what_cannot_be_done_is_refused_before_there_is_a_folder(
    there: Path, tmp_path: Path, steps: Any, words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        Run.begin(config(there, steps), tmp_path / "run")
    for word in words:
        assert word in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_an_error_in_a_file_names_its_line(there: Path) -> None:
    path = there / "wrong.toml"
    path.write_text('[model]\nname = "mlp"\n[data]\nsource = "digits"\npreprocess = ["standardise"]\n')
    result = nncore("train", path)
    assert result.exit_code == 1 and "wrong.toml, line 5: data.preprocess" in result.stderr


def test_names_on_the_command_line(there: Path, tmp_path: Path) -> None:
    result = nncore(
        *("train", "mlp", "--data", there / "flowers.csv", "--epochs", 2, "--quiet", "--no-report"),
        *("--preprocess", "standardize", "--preprocess", "zca", "--output", tmp_path / "run"),
    )
    assert result.exit_code == 0, result.output
    written = tomllib.loads((tmp_path / "run" / "config.toml").read_text())["data"]["preprocess"]
    assert [step["name"] for step in written] == ["standardize", "zca"]


def test_penalty_and_bound_in_a_config(there: Path, tmp_path: Path) -> None:
    given = config(
        there,
        ["standardize"],
        penalty={"name": "l2", "strength": 0.01},
        constraint={"name": "max_norm", "max_norm": 0.5},
    )
    run = Run.begin(given, tmp_path / "run")
    run.train(progress=False)
    assert run.trainer.history.last["penalty"] > 0
    for parameter in run.trainer.model.parameters():
        if parameter.ndim > 1:
            assert np.linalg.norm(parameter.numpy(), axis=1).max() <= 0.5 + 1e-6
    read = RunConfig.read(run.folder.config)["training"]
    assert read["penalty"] == {"name": "l2", "strength": 0.01, "biases": True, "norms": True, "where": None}
    assert read["constraint"] == {"name": "max_norm", "max_norm": 0.5, "where": None}
    for wrong, words in (
        ({"name": "l3"}, "unknown penalty 'l3'"),
        ("l2", "strength"),
        ({"strength": 1.0}, "expected the name of a penalty"),
        ({"name": "l2", "strenght": 1.0}, "Did you mean 'strength'"),
        ({"name": "l2", "strength": -1.0}, "at least 0"),
        (3, "expected a table"),
    ):
        with pytest.raises(ConfigError, match=words) as caught:
            config(there, [], penalty=wrong)
        assert "training.penalty: " in str(caught.value)


def test_a_network_of_other_inputs_says_what_the_data_has(run: Run, tmp_path: Path) -> None:
    result = nncore("train", run.folder.config, "--preprocess", "standardize", "--output", tmp_path / "other")
    assert result.exit_code == 1 and "model.in_features is 2, and the data has 4" in result.stderr
