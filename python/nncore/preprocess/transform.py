"""What every transform has: fit, transform, and back where there is a way."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nncore.errors import DataError, DataLeakError, InvalidValueError, NotFittedError
from nncore.preprocess.samples import Samples

__all__ = ["Transform"]

Array = NDArray[Any]


class Transform:
    """A change of samples that is learned from training data, then made alike to training, validation and test data.

    It follows scikit-learn's conventions: `fit` learns and returns self, `transform` applies, `inverse_transform` goes
    back where that is possible, and what was learned stands in attributes whose names end in `_`. Samples may come as an
    `ArrayDataset`, an array (or what NumPy makes one of) or a `Tensor`, and come out as the same kind: a data set and
    integers as float32, float32 and float64 as they are. All is computed in float64, some rows at a time.

    A subclass stores its constructor's arguments under their own names, and writes `learn`, `change` and, where there is
    a way back, `undo`:

        >>> import numpy as np
        >>> from nncore.preprocess import Transform
        >>> class Centre(Transform):
        ...     def learn(self, samples):
        ...         return {"median_": np.median(samples.array(), axis=0)}
        ...     def change(self, x):
        ...         return x - self.median_
        ...     def undo(self, x):
        ...         return x + self.median_
        >>> Centre().fit_transform([[1.0], [2.0], [9.0]]).tolist()
        [[-1.0], [0.0], [7.0]]

    Attributes:
        sample_shape_: Shape of one training sample.
        n_features_in_: Numbers in one training sample.
    """

    learns: ClassVar[bool] = True
    """Whether `fit` must come before `transform`. False where all is known beforehand."""
    sample_shape_: tuple[int, ...]
    n_features_in_: int
    _learned: tuple[str, ...] | None = None

    def fit(self, x: Any, y: Any = None) -> Self:
        """Learn from training data, and return self. Where it fails, what was learned before is still there.

        Args:
            x: The training samples. A data set's role must be `"train"` or `None`: whatever is learned from validation
                or test samples makes their results look better than they are.
            y: Not used; scikit-learn's pipelines pass it.

        Raises:
            DataLeakError: Validation or test data.
            DataError: Samples that are not finite, or that nothing can be learned from.
        """
        samples = self._training(x)
        with np.errstate(over="ignore", invalid="ignore"):
            found = dict(self.learn(samples))
        for name, value in found.items():
            if isinstance(value, np.ndarray) and not np.isfinite(value).all():
                raise DataError(
                    f"{type(self).__name__}.fit: {name} of these samples is beyond float64 (it came out as "
                    f"{value[~np.isfinite(value)][0]}); scale them down first"
                )
        self._set({"sample_shape_": samples.shape, "n_features_in_": samples.width, **found})
        return self

    def transform(self, x: Any) -> Any:
        """The samples, changed by what was learned; `x` stays as it is.

        Raises:
            NotFittedError: Before `fit`.
            DataError: Samples of another shape than the training samples', or not finite.
        """
        samples = Samples(x, f"{type(self).__name__}.transform")
        if self.learns:
            self._expect(samples, self._fitted("transform").sample_shape_, "was fitted to")
        return samples.mapped(self.change, self.output_shape(samples.shape))

    def fit_transform(self, x: Any, y: Any = None) -> Any:
        """`fit(x)`, then `transform(x)`."""
        return self.fit(x, y).transform(x)

    def inverse_transform(self, x: Any) -> Any:
        """What `transform` would have made `x` of, as far as that can be known.

        Raises:
            NotFittedError: Before `fit`.
            DataError: Samples of another shape than `transform` makes.
            InvalidValueError: This transform has no way back.
        """
        if type(self).undo is Transform.undo:
            raise InvalidValueError(f"{type(self).__name__} has no inverse: it writes no undo(x)")
        samples = Samples(x, f"{type(self).__name__}.inverse_transform")
        shape = self._fitted("inverse_transform").sample_shape_ if self.learns else samples.shape
        self._expect(samples, self.output_shape(shape), "makes")
        return samples.mapped(self.undo, shape)

    def learn(self, samples: Samples) -> Mapping[str, Any]:
        """What is learned from training data: attributes by name, arrays or JSON values. It changes nothing itself."""
        raise NotImplementedError(f"{type(self).__name__} writes neither learn(samples) nor fit(x)")

    def change(self, x: Array) -> Array:
        """Some samples, changed. `x` is float64 `(B, *sample_shape_)`, and may be overwritten."""
        raise NotImplementedError(f"{type(self).__name__} writes neither change(x) nor transform(x)")

    def undo(self, x: Array) -> Array:
        """The inverse of `change`; without it there is no `inverse_transform`."""
        raise NotImplementedError(f"{type(self).__name__} writes no undo(x)")

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of one sample after `change`. Default: as before."""
        return shape

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments by name, as scikit-learn asks for them."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor, which checks them; then call `fit` again."""
        own = self.get_params()
        for name in params:
            if name not in own:
                raise InvalidValueError(f"{type(self).__name__} has no argument {name!r}; it has: {', '.join(own)}")
        self.__dict__.update(type(self)(**{**own, **params}).__dict__)
        return self

    def state(self) -> dict[str, Any]:
        """What was learned, by name: arrays and JSON values.

        Raises:
            NotFittedError: Before `fit`.
        """
        return {name: getattr(self, name) for name in self._fitted("state")._learned or ()}

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Take over what `state` gave, and return self."""
        if self.learns or state:
            self._set({**state, "sample_shape_": tuple(int(size) for size in state["sample_shape_"])})
        return self

    def _training(self, x: Any) -> Samples:
        """The samples, where they may be learned from."""
        name = type(self).__name__
        samples = Samples(x, f"{name}.fit")
        if samples.role not in (None, "train"):
            raise DataLeakError(
                f"{name}.fit was given {samples.role} data, {x!r}; expected training data, since what is learned from "
                f"{samples.role} samples makes their results look better than they are. Fit to the training set and "
                "transform this one: t.fit(train); t.transform(this). If it is to be trained on, say so: "
                'data.ArrayDataset(this.x, this.y, role="train")'
            )
        if len(samples) == 0:
            raise DataError(f"{name}.fit was given no samples; expected one or more")
        return samples

    def _expect(self, samples: Samples, shape: tuple[int, ...], what: str) -> None:
        if samples.shape != shape:
            raise DataError(
                f"{type(self).__name__} {what} samples of shape {shape} ({int(np.prod(shape))} features), and was given "
                f"{len(samples)} of shape {samples.shape} ({samples.width} features)"
            )

    def _fitted(self, method: str) -> Self:
        if self.learns and self._learned is None:
            raise NotFittedError(
                f"{type(self).__name__}.{method} was called before fit; call fit(train) first, or load a fitted one"
            )
        return self

    def _set(self, found: Mapping[str, Any]) -> None:
        for name in self._learned or ():
            self.__dict__.pop(name, None)
        self.__dict__.update(found)
        self._learned = tuple(found)

    def __sklearn_is_fitted__(self) -> bool:
        return self._learned is not None or not self.learns

    def __sklearn_tags__(self) -> Any:
        # Only scikit-learn asks, so it is there.
        from sklearn.utils import Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(),
            no_validation=True,
        )

    def __repr__(self) -> str:
        given = []
        for name, parameter in inspect.signature(type(self)).parameters.items():
            value = getattr(self, name)
            if parameter.default is inspect.Parameter.empty:
                given.append(repr(value))
            elif value is not parameter.default and value != parameter.default:
                given.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(given)})"
