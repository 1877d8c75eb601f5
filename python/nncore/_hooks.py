"""Hooks on modules, and how a module is called when it has some."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from nncore import _modes
from nncore._core import Tensor

if TYPE_CHECKING:
    from nncore.module import Module

__all__ = ["Handle", "Hooks", "add"]


class Hooks:
    """The hooks of one module. A module without any has none of this, and its calls pay nothing."""

    def __init__(self) -> None:
        self.before: dict[int, Callable[..., Any]] = {}
        self.after: dict[int, Callable[..., Any]] = {}
        self.gradient: dict[int, Callable[..., Any]] = {}

    def call(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the hooks around the module's forward."""
        for hook in list(self.before.values()):
            changed = hook(module, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        output = module.forward(*args, **kwargs)
        for hook in list(self.after.values()):
            changed = hook(module, args, output)
            if changed is not None:
                output = changed
        return self._observed(module, output) if self.gradient else output

    def _observed(self, module: Module, output: Any) -> Any:
        if isinstance(output, (tuple, list)):
            return type(output)(self._observed(module, item) for item in output)
        if not isinstance(output, Tensor) or not output.requires_grad:
            return output
        from nncore.custom import with_gradient_hook

        def backward(gradient: Tensor) -> Tensor:
            for hook in list(self.gradient.values()):
                changed = hook(module, gradient)
                if changed is not None:
                    gradient = changed
            return gradient

        return with_gradient_hook(output, backward)

    def picture(self) -> tuple[Any, ...]:
        """Which hooks there are, for captured steps."""
        return tuple(tuple(map(_modes.Same, hooks.values())) for hooks in (self.before, self.after, self.gradient))


class Handle:
    """What registering a hook returns: `remove()` takes the hook away, and so does leaving a `with` block."""

    _count = 0

    def __init__(self, module: Module, kind: str) -> None:
        Handle._count += 1
        self._module, self._kind, self._key = module, kind, Handle._count

    def remove(self) -> None:
        """Take the hook away. A second call does nothing."""
        hooks = self._module._hooks
        if hooks is None or getattr(hooks, self._kind).pop(self._key, None) is None:
            return
        if not (hooks.before or hooks.after or hooks.gradient):
            self._module.__dict__["_hooks"] = None
        _modes.changed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()


def add(module: Module, kind: str, hook: Callable[..., Any]) -> Handle:
    """Register a hook of one kind: `"before"`, `"after"` or `"gradient"`."""
    if module._hooks is None:
        module.__dict__["_hooks"] = Hooks()
    handle = Handle(module, kind)
    getattr(module._hooks, kind)[handle._key] = hook
    _modes.changed()
    return handle
