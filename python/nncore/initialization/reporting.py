"""What parameters were drawn from, beside what they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.parameter import Parameter
from nncore.plugins import resolve, spread_of

__all__ = ["Report", "Row", "formula", "gain", "report"]


@dataclass(frozen=True)
class Row:
    """One parameter.

    Args:
        name: Its name in the state dict.
        shape: Its shape.
        initializer: The initializer's name, with what was configured; "values" where it was made from values.
        formula: The distribution; empty where the initializer does not say.
        expected: The standard deviation that the formula has for this shape; None where it is not known.
        std: The standard deviation of its elements now, about their mean.
        mean: Their mean now.
        elements: How many there are.
    """

    name: str
    shape: tuple[int, ...]
    initializer: str
    formula: str
    expected: float | None
    std: float
    mean: float
    elements: int


@dataclass(frozen=True)
class Report:
    """The parameters of a model, in order; printed as a table."""

    rows: tuple[Row, ...]

    def asdict(self) -> list[dict[str, Any]]:
        """As plain data."""
        return [asdict(row) for row in self.rows]

    def __str__(self) -> str:
        head = ("parameter", "shape", "initializer", "drawn from", "std expected", "std realised", "mean")
        lines = [head]
        for row in self.rows:
            expected = "" if row.expected is None else f"{row.expected:.4g}"
            shape = "x".join(map(str, row.shape)) or "scalar"
            lines.append((row.name, shape, row.initializer, row.formula, expected, f"{row.std:.4g}", f"{row.mean:.2g}"))
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if column < 4 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )


def report(model: Module) -> Report:
    """What each parameter of a model was drawn from, with the standard deviation expected and the one it has.

    Standard deviations are of all elements of a parameter about their mean. Of few elements the realised one scatters: by
    about expected/√(2·elements) for normal numbers.

    Args:
        model: A Module.

    Raises:
        InvalidValueError: It is none.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> print(nc.initialization.report(nn.Linear(4, 2, init="eye")))
        parameter  shape  initializer  drawn from                      std expected  std realised  mean
        weight     2x4    eye          1 on the diagonal, 0 elsewhere         0.433         0.433  0.25
        bias       2      zeros        0 everywhere                               0             0     0
    """
    if not isinstance(model, Module):
        raise InvalidValueError(f"initialization.report: model is a Module, got {type(model).__name__}")
    return Report(tuple(_row(name, parameter) for name, parameter in model.named_parameters()))


def formula(initializer: Any) -> str:
    """The distribution of an initializer, as text; empty where it does not say.

    Args:
        initializer: A name, a configured spec, or the initializer itself.

    Raises:
        UnknownComponentError: Nobody provides it.

    Example:
        >>> formula("xavier_uniform"), formula({"name": "he_normal", "mode": "fan_out", "gain": 2.0})
        ('U(-√(6/(fan_in + fan_out)), √(6/(fan_in + fan_out)))', 'N(0, 2.0²·2/fan_out)')
    """
    component, config = _found(initializer)
    noted = spread_of(component)
    return "" if noted is None else noted.written(**config)


def gain(activation: Any) -> float:
    """What weights are multiplied by so that the outputs of the activation after them keep their spread.

    Known as in PyTorch are linear and sigmoid (1), tanh (5/3), relu (√2), leaky_relu (√(2/(1 + slope²))) and selu (3/4). For
    another one, f, it is 1/√E[f(z)²] with z from N(0, 1), which for ReLU is √2 too.

    Args:
        activation: A name, or a spec such as `{"name": "leaky_relu", "negative_slope": 0.2}`.

    Raises:
        InvalidValueError: An activation that has no such number, as softmax, whose outputs depend on other elements.
        UnknownComponentError: Nobody provides it.

    Source: He and others 2015 (arXiv 1502.01852), section 2.2; the known ones are PyTorch's.

    Example:
        >>> round(gain("relu"), 4), round(gain({"name": "leaky_relu", "negative_slope": 1.0}), 4)
        (1.4142, 1.0)
    """
    from nncore.builtin.initializers._gain import gain_of

    return gain_of(activation)


def _found(initializer: Any) -> tuple[Any, dict[str, Any]]:
    """The component, and the config that it has."""
    found = resolve("initializer", initializer)
    if isinstance(found.component, partial):
        return found.component.func, {**found.component.keywords, **found.config}
    return found.component, found.config


def _row(name: str, parameter: Parameter) -> Row:
    values = parameter.detach().to("float64").numpy()
    shape = tuple(parameter.shape)
    std, mean = (float(values.std()), float(values.mean())) if values.size else (0.0, 0.0)
    told, text, expected = "values", "", None
    if parameter.init is not None:
        component, config = _found(parameter.init)
        registered = resolve("initializer", parameter.init).name
        told = registered or str(getattr(component, "__name__", type(component).__name__))
        told = told.rpartition("/")[2]
        if config:
            told += f"({', '.join(f'{key}={value}' for key, value in config.items())})"
        noted = spread_of(component)
        if noted is not None:
            text = noted.written(**config)
            expected = float(noted.std(shape, parameter.fan_in, parameter.fan_out, **config))
    return Row(name, shape, told, text, expected, std, mean, values.size)
