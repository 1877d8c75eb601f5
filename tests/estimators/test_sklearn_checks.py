"""scikit-learn's own checks of what an estimator must do, all of them."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import parametrize_with_checks

from nncore.sklearn import NNClassifier, NNRegressor


@parametrize_with_checks(
    [
        NNClassifier(),
        NNRegressor(),
        NNClassifier(
            model={"name": "mlp", "dropout": 0.1},
            optimizer="adamw",
            lr=0.01,
            validation=0.2,
            schedule="cosine",
        ),
        NNRegressor(hidden_layer_sizes=(40, 20), act="sigmoid", lr=0.01, patience=None, epochs=50),
    ]
)
def test_estimator(estimator: Any, check: Any) -> None:
    check(estimator)
