"""Transforms of nncore.preprocess inside scikit-learn's pipelines and searches."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from nncore import preprocess

X, Y = load_iris(return_X_y=True)


def test_a_pipeline_of_scikit_learn_takes_and_searches_them():
    pipeline = make_pipeline(preprocess.Standardize(), preprocess.PCA(2), LogisticRegression())
    assert pipeline.fit(X, Y).score(X, Y) > 0.85
    search = GridSearchCV(pipeline, {"pca__n_components": [1, 4]}, cv=3).fit(X, Y)
    assert search.best_params_ == {"pca__n_components": 4} and search.best_score_ > 0.9
    assert clone(pipeline)[1].get_params() == pipeline[1].get_params()


def test_they_compute_what_scikit_learn_does():
    for ours, theirs in (
        (preprocess.Standardize(), StandardScaler()),
        (preprocess.MinMax(-1, 1), MinMaxScaler((-1, 1))),
    ):
        np.testing.assert_allclose(ours.fit_transform(X), theirs.fit_transform(X), atol=1e-12)
    ours, theirs = preprocess.PCA(3).fit(X), PCA(3).fit(X)
    np.testing.assert_allclose(ours.explained_variance_, theirs.explained_variance_, rtol=1e-10)
    np.testing.assert_allclose(ours.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-10)
    np.testing.assert_allclose(abs((ours.components_ * theirs.components_).sum(1)), 1, rtol=1e-10)
