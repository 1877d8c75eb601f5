"""What activations share that PyTorch also computes in place."""

from typing import Any

from nncore.api import Module
from nncore.builtin._checks import flag


class Inplace(Module):
    """An activation whose PyTorch twin takes `inplace`.

    The argument is taken, and changes nothing: a captured step overwrites memory that nobody needs any more by itself, and
    what has a gradient is never changed in place.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = flag(type(self).__name__, "inplace", inplace)

    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments but this one, which files need not hold."""
        return {name: value for name, value in super().arguments().items() if name != "inplace"}
