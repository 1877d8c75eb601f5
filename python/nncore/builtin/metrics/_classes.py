"""What metrics of classes share: which class an output says, and which targets count."""

from nncore.api import DTypeError, InvalidValueError, ShapeError, Tensor, ops


def is_one_column(output: Tensor) -> bool:
    """Whether the output is the logit of class 1 of two."""
    return output.ndim == 1 or (output.ndim > 1 and output.shape[1] == 1)


def check(metric: str, output: Tensor, target: Tensor, *, one_column: bool = True) -> None:
    """Refuse what is no classification, by shapes and dtypes.

    Raises:
        ShapeError, DTypeError: It is none. The message says what the metric takes.
    """
    takes = f"{metric} takes outputs (N, C) of C classes and class numbers (N)"
    if one_column:
        takes += ", or logits (N) or (N, 1) of two classes and targets 0 and 1"
    given = f"got outputs {tuple(output.shape)} and {target.dtype.name} targets {tuple(target.shape)}"
    if output.ndim and is_one_column(output) and one_column:
        if output.numel() != target.numel() or len(output) != len(target):
            raise ShapeError(f"{takes}; {given}")
        return
    if output.ndim < 2 or output.shape[1] < 2 or tuple(target.shape) != (output.shape[0], *output.shape[2:]):
        raise ShapeError(f"{takes}; {given}")
    if target.dtype.is_floating_point:
        raise DTypeError(f"{takes}; {given}. For values to come close to there are metrics such as mse and mae")


def hardened(output: Tensor, target: Tensor) -> Tensor:
    """Class numbers for soft labels, which have the output's shape; other targets as they are."""
    return ops.argmax(target, 1) if is_soft(output, target) else target


def is_soft(output: Tensor, target: Tensor) -> bool:
    """Whether the targets are shares of classes."""
    alike = output.ndim > 1 and output.shape[1] > 1 and tuple(target.shape) == tuple(output.shape)
    return alike and target.dtype.is_floating_point


def no_shares(target: Tensor) -> Tensor:
    """How many rows are no shares of classes: negative, or not 1 together."""
    return (((target.sum(1) - 1).abs() > 1e-3) | (target < 0).any(1)).sum()


def odd(target: Tensor, ignore_index: int) -> Tensor:
    """How many targets of two classes are neither 0 nor 1, nor left out."""
    return ((target != 0) & (target != 1) & (target != ignore_index)).sum()


def refuse(metric: str, count: int, *, soft: bool = False) -> None:
    """Raise where there were such targets.

    Raises:
        InvalidValueError: The count is not 0.
    """
    if count and soft:
        raise InvalidValueError(
            f"{metric} takes targets of the outputs' shape as shares of classes, at least 0 and 1 together; {count} rows are no "
            "such shares. For values to come close to there are metrics such as mse and mae"
        )
    if count:
        raise InvalidValueError(
            f"{metric} takes logits (N) or (N, 1) of two classes and targets 0 and 1; {count} targets are neither. For values to "
            "come close to there are metrics such as mse and mae; more classes need outputs (N, C)"
        )


def chosen(output: Tensor, target: Tensor) -> Tensor:
    """The class that the output says, in the target's shape."""
    if is_one_column(output):
        return output.reshape(target.shape) > 0
    return ops.argmax(output, 1)
