"""Pipelines, that nothing is learned from validation or test data, and files."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil

import numpy as np
import pytest

import nncore as nc
from nncore import data, nn, preprocess
from nncore.errors import (
    DataError,
    DataLeakError,
    FileFormatError,
    InvalidValueError,
    NotFittedError,
    UnknownComponentError,
)

P = preprocess


def test_a_pipeline_fits_each_step_to_what_comes_before(images):
    train, test = images
    pipeline = P.Pipeline(["standardize", {"name": "pca", "n_components": 4}, P.MinMax(0, 1)])
    done = pipeline.fit(train).transform(test)
    step = P.Standardize().fit(train)
    a, b = step.transform(train), step.transform(test)
    step = P.PCA(4).fit(a)
    a, b = step.transform(a), step.transform(b)
    assert np.array_equal(done.x, P.MinMax(0, 1).fit(a).transform(b).x)
    assert len(pipeline) == 3 and pipeline[1].components_.shape == (4, 24)


def test_a_pipeline_goes_back(images):
    train, test = images
    pipeline = P.Pipeline([P.Standardize(per="channel"), P.ZCA(), P.PCA(), P.MinMax()]).fit(train)
    np.testing.assert_allclose(pipeline.inverse_transform(pipeline.transform(test)).x, test.x, rtol=1e-3, atol=1e-3)


def test_a_pipeline_that_fails_is_as_it_was():
    pipeline = P.Pipeline([P.Standardize(), P.PCA(2, whiten=True, epsilon=0)]).fit(np.eye(4)[:, :2])
    before = pipeline.transform(np.eye(4)[:, :2])
    with pytest.raises(DataError, match="varies in 1 directions only"):
        pipeline.fit(np.arange(8.0).reshape(4, 2) ** 2 @ np.ones((2, 2)))
    assert np.array_equal(pipeline.transform(np.eye(4)[:, :2]), before)


def test_what_a_pipeline_refuses():
    with pytest.raises(DataError, match="a step of the pipeline is .*abs.*; expected a Transform"):
        P.Pipeline([abs])
    with pytest.raises(DataError, match="expected a list of transforms"):
        P.Pipeline("pca")
    with pytest.raises(UnknownComponentError, match="pac"):
        P.Pipeline(["pac"])
    assert P.Pipeline(["normalize"]).transform(np.zeros((1, 3, 1, 1))).shape == (1, 3, 1, 1), "nothing to learn"


@pytest.mark.parametrize("role", ["validation", "test"])
def test_only_training_data_is_learned_from(role):
    other = data.ArrayDataset([[1.0], [2.0]], [0, 1], role=role)
    for transform in (P.Standardize(), P.MinMax(), P.PCA(), P.ZCA(), P.OneHot(), P.Pipeline([P.MinMax()])):
        for call in (transform.fit, transform.fit_transform):
            with pytest.raises(
                DataLeakError, match=f"was given {role} data.*Fit to the training set and transform this"
            ):
                call(other)
        with pytest.raises(NotFittedError):
            transform.transform(other)


def test_the_parts_of_a_data_set_know_what_they_are():
    train, test = data.load("digits", size=8)
    rest, part = train.split(0.2)
    scaler = P.Standardize().fit(rest)
    for other in (part, test, train.folds(3)[0][1], test.split(0.5)[0], scaler.transform(test), part.map(np.sqrt)):
        with pytest.raises(DataLeakError):
            P.Standardize().fit(other)
    again = data.ArrayDataset(part.x, part.y, role="train")  # the way out that the message names
    assert P.Standardize().fit(again).n_features_in_ == 64


EVERY = [
    P.MeanSubtraction(per="channel"),
    P.Standardize(),
    P.MinMax(-2, 3, per="all"),
    P.Normalize([0.1, 0.2, 0.3], 2.0),
    P.PCA(0.9, whiten=True, epsilon=0.1),
    P.PCA(3, solver="randomized", seed=4),
    P.ZCA(epsilon=0.01),
    P.Pipeline([P.Standardize(), P.Pipeline([P.ZCA(), "normalize"]), P.PCA(2)]),
]


@pytest.mark.parametrize("transform", EVERY, ids=repr)
def test_what_was_learned_comes_back_with_the_model(images, transform, tmp_path):
    train, test = images
    path = tmp_path / "model.safetensors"
    model = nn.Sequential(nn.Flatten(), nn.Linear(24, 2))
    transform.fit(train)
    nc.save(model, path, preprocess=transform)
    theirs, prepare = nc.load(path, preprocess=True)
    assert repr(prepare) == repr(transform) and repr(theirs) == repr(model)
    assert np.array_equal(prepare.transform(test).x, transform.transform(test).x)
    assert np.array_equal(
        prepare.inverse_transform(prepare.transform(test.x)), transform.inverse_transform(transform.transform(test.x))
    )
    only = nc.load(path)
    assert np.array_equal(only[1].weight.numpy(), model[1].weight.detach().numpy())
    nc.save(model.state_dict(), path, preprocess=transform)
    state, prepare = nc.load(path, preprocess=True)
    assert set(state) == {"1.weight", "1.bias"} and np.array_equal(
        prepare.transform(test).x, transform.transform(test).x
    )


def test_one_hot_comes_back(tmp_path):
    nc.save(nn.Linear(1, 1), tmp_path / "m.safetensors", preprocess=P.OneHot().fit([2, 0]))
    assert nc.load(tmp_path / "m.safetensors", preprocess=True)[1].transform([1]).tolist() == [[0, 1, 0]]


def test_the_file_is_as_its_format_says(images, tmp_path):
    path = tmp_path / "m.safetensors"
    pipeline = P.Pipeline([P.Standardize(), P.PCA(2)]).fit(images[0])
    nc.save(nn.Linear(2, 1), path, preprocess=pipeline)
    tensors, metadata = nc.load_file(path)
    assert json.loads(metadata["preprocess"])["name"] == "transform:nncore/pipeline"
    steps = json.loads(metadata["preprocess"])["config"]["steps"]
    assert [step["$transform"]["name"] for step in steps] == ["transform:nncore/standardize", "transform:nncore/pca"]
    assert steps[1]["$transform"]["config"]["n_components"] == 2 and steps[1]["$transform"]["number"] == 2
    assert tensors["preprocess/1/mean_"].dtype == nc.float64
    assert np.array_equal(tensors["preprocess/2/components_"].numpy(), pipeline[1].components_)
    assert "nncore" in json.loads(metadata["providers"])


def test_what_files_refuse(tmp_path):
    path = tmp_path / "m.safetensors"
    model = nn.Linear(1, 1)
    with pytest.raises(NotFittedError, match="Pipeline.state was called before fit"):
        nc.save(model, path, preprocess=P.Pipeline([P.PCA()]))
    with pytest.raises(InvalidValueError, match="expected a nncore.preprocess.Transform"):
        nc.save(model, path, preprocess=abs)
    with pytest.raises(InvalidValueError, match="Stranger is not registered"):
        nc.save(model, path, preprocess=Stranger().fit([[1.0]]))
    assert not path.exists()
    nc.save(model, path)
    with pytest.raises(InvalidValueError, match=r"holds no preprocessing; nncore.save\(model, path, preprocess"):
        nc.load(path, preprocess=True)
    nc.save(model, path, preprocess=P.Standardize().fit([[1.0]]))
    tensors, metadata = nc.load_file(path)
    for broken in ("[", "[]", '{"name": 3}', '{"name": "standardize"}', '{"name": "standardize", "config": {"x": 1}}'):
        nc.save_file(path, tensors, {**metadata, "preprocess": broken})
        with pytest.raises(FileFormatError):
            nc.load(path, preprocess=True)
    nc.save_file(path, tensors, {**metadata, "preprocess": metadata["preprocess"].replace("nncore/", "elsewhere/")})
    with pytest.raises(UnknownComponentError, match="elsewhere"):
        nc.load(path, preprocess=True)
    assert isinstance(nc.load(path), nn.Linear), "the model alone needs no transform"


class Stranger(P.Transform):
    def learn(self, samples):
        return {}

    def change(self, x):
        return x


MODULES = [P.__name__, *(f"{P.__name__}.{info.name}" for info in pkgutil.iter_modules(P.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert failed == 0


@pytest.mark.parametrize(
    "name", [name for name in P.__all__ if isinstance(getattr(P, name), type) and name != "Samples"]
)
def test_there_are_examples(name):
    assert doctest.DocTestParser().get_examples(getattr(P, name).__doc__)


def test_names_of_others_lead_here():
    with pytest.raises(AttributeError, match="preprocess.Standardize"):
        _ = preprocess.StandardScaler
    with pytest.raises(AttributeError, match="nncore.preprocess"):
        _ = data.Standardize
