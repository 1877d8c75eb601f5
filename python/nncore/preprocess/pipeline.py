"""Transforms one after the other."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Self

from nncore.errors import DataError
from nncore.plugins import example, make
from nncore.preprocess.transform import Transform

__all__ = ["Pipeline"]


@example(config={"steps": ["standardize", {"name": "pca", "n_components": 2}]}, inputs=[(12, 3)], output=(12, 2))
class Pipeline(Transform):
    """Transforms one after the other; each is fitted to what those before it make of the training data.

    Args:
        steps: The transforms, in order: instances, registry names, or names with a config, such as
            `{"name": "pca", "n_components": 16}`.

    Shape: That of the first step's inputs; the result has that of the last one's.

    Raises:
        DataError: A step that is no transform; what the steps raise, whose state is then as it was before `fit`.

    Example:
        >>> from nncore import data, preprocess
        >>> train, test = data.load("digits", size=8)
        >>> pipeline = preprocess.Pipeline(["mean_subtraction", preprocess.PCA(16)]).fit(train)
        >>> pipeline.transform(test).sample_shape
        (16,)
        >>> pipeline.inverse_transform(pipeline.transform(test)).sample_shape
        (1, 8, 8)
    """

    def __init__(self, steps: Iterable[Any]) -> None:
        if isinstance(steps, (str, Mapping, Transform)):
            raise DataError(f"steps is {steps!r}; expected a list of transforms")
        self.steps = [make("transform", step) if isinstance(step, (str, Mapping)) else step for step in steps]
        for step in self.steps:
            if not isinstance(step, Transform):
                raise DataError(f"a step of the pipeline is {step!r}; expected a Transform, such as Standardize()")

    @property
    def learns(self) -> bool:  # type: ignore[override]
        return any(step.learns for step in self.steps)

    def fit(self, x: Any, y: Any = None) -> Self:
        samples = self._training(x)
        # Fitted as copies: where a later step fails, the earlier ones must not have changed.
        fitted = [copy.copy(step) for step in self.steps]
        for at, step in enumerate(fitted):
            step.fit(x)
            if at + 1 < len(fitted):
                x = step.transform(x)
        for step, new in zip(self.steps, fitted, strict=True):
            step.__dict__.clear()
            step.__dict__.update(new.__dict__)
        self._set({"sample_shape_": samples.shape, "n_features_in_": samples.width})
        return self

    def transform(self, x: Any) -> Any:
        self._fitted("transform")
        for step in self.steps:
            x = step.transform(x)
        return x

    def inverse_transform(self, x: Any) -> Any:
        self._fitted("inverse_transform")
        for step in reversed(self.steps):
            x = step.inverse_transform(x)
        return x

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Transform:
        step: Transform = self.steps[index]
        return step
