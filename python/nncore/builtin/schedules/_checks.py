"""What schedules refuse."""

from nncore.api import InvalidValueError


def at_least(name: str, value: float, least: float) -> float:
    """The value, or an error where it is below the least."""
    if not value >= least:
        raise InvalidValueError(f"{name} is {value}; expected a number of at least {least}")
    return value
