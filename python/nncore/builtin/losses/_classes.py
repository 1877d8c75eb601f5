"""Scores of classes, parted into the right one and the wrong ones."""

from nncore.api import InvalidValueError, ShapeError, Tensor, ops


def target_mask(component: str, output: Tensor, target: Tensor) -> Tensor:
    """Where the right class's score stands, as bools in the shape of the output.

    Raises:
        InvalidValueError: A class number that is none of the classes.
        ShapeError: The target has not one class number a sample.
    """
    if output.ndim not in (1, 2) or tuple(target.shape) != tuple(output.shape[:-1]):
        raise ShapeError(
            f"{component} takes scores (N, C) and class numbers (N,), or (C,) and ()",
            shapes=[output.shape, target.shape],
        )
    return ops.one_hot(target, output.shape[-1]) == 1


def split_classes(component: str, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The right class's score of each sample, and all scores with minus infinity in its place.

    Raises:
        InvalidValueError: A class number that is none of the classes, or one class only.
        ShapeError: The target has not one class number a sample.
    """
    mask = target_mask(component, output, target)
    if output.shape[-1] < 2:
        raise InvalidValueError(f"{component} takes scores of two classes or more, got {output.shape[-1]}")
    right = ops.where(mask, output, 0.0).sum(-1)
    return right, ops.masked_fill(output, mask, float("-inf"))
