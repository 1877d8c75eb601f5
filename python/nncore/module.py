"""`Module`: a layer, or a model made of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from nncore import _hooks, _modes, _state, _tree, config, streams
from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.hints import missing
from nncore.parameter import Parameter
from nncore.plugins import Resolved, current_host, kind_of

if TYPE_CHECKING:
    from nncore._hooks import Handle
    from nncore._state import LoadResult

__all__ = ["Module", "architecture", "create"]


class _Config:
    """`module.config`, as a descriptor without a setter's precedence: a user's own attribute `config` hides it."""

    def __get__(self, module: Module | None, owner: type | None = None) -> Any:
        return self if module is None else config.config_of(module)


class Module:
    """A layer, or a model made of layers.

    Assign parameters, modules and buffers to attributes in the constructor, and compute in `forward`:

        class Scale(Module):
            def __init__(self, size, init="ones"):
                super().__init__()
                self.weight = Parameter((size,), init=init)

            def forward(self, input):
                return input * self.weight

    The constructor's arguments are recorded by themselves. Where they are JSON values, components' names or specs, or
    Modules, `config` gives them back as data, and `nncore.load` rebuilds the module from them. Name the arguments that
    are components in the class attribute `components`, as in `{"act": "activation"}`, so that files hold their
    qualified names.

    Attributes:
        training: Whether the module is in training mode: dropout drops, batch norm takes the batch's statistics.
        frozen: Whether `freeze` was called: parameters are not trained, statistics stay.
        config: The constructor's arguments as plain data.
    """

    components: ClassVar[Mapping[str, str]] = {}
    """Which constructor arguments are components, and of what kind."""

    training: bool
    frozen: bool
    config = _Config()

    # Parameters, buffers and submodules stand in the instance's own `__dict__` like any attribute, so that reading one
    # is a plain look-up; these three only say which they are, in order. They are set here and not in `__init__`, so that
    # a subclass may assign attributes before it calls it, or forget to.
    _parameters: dict[str, Parameter]
    _buffers: dict[str, Tensor]
    _modules: dict[str, Module]
    _arguments: dict[str, Any] | None
    _transient: set[str]
    _hooks: _hooks.Hooks | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        self.__dict__.update(
            training=True,
            frozen=False,
            _parameters={},
            _buffers={},
            _modules={},
            _transient=set(),
            _hooks=None,
            _arguments=config.record(cls, args, kwargs),
        )
        return self

    def __init__(self) -> None:
        pass

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output. Subclasses define this; call the module itself, not `forward`, so that hooks run."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if self._hooks is None:
                # One argument, as nearly always: a plain call costs a fifth less than one that unpacks.
                if len(args) == 1 and not kwargs:
                    return self.forward(args[0])
                return self.forward(*args, **kwargs)
            return self._hooks.call(self, args, kwargs)
        except Exception as error:
            _tree.locate(error, self)
            raise

    def call_in_turn(self, input: Any) -> Any:
        """Call the modules inside one after the other, each with the one before's output, at the price of one call.

        It does what `for layer in self.children(): input = layer(input)` does, hooks and errors included.
        """
        layer = self
        # Whoever observes calls has put another function there.
        observed = Module.__call__ is not _plain_call
        try:
            for layer in self._modules.values():
                if observed or layer._hooks is not None or type(layer).__call__ is not _plain_call:
                    input = layer(input)
                else:
                    input = layer.forward(input)
        except Exception as error:
            _tree.locate(error, layer)
            raise
        return input

    # --- attributes ---

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = self.__dict__
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self.add_module(name, value)
        elif name in self._buffers and isinstance(value, Tensor):
            self._buffers[name] = attributes[name] = value
            _modes.changed()
        elif name in self._parameters and value is not None:
            raise InvalidValueError(
                f"{name!r} is a parameter, and {type(value).__name__} is none; assign nn.Parameter(...), or write into it "
                "with load_state_dict"
            )
        else:
            self._forget(name)
            if type(value) is not Tensor or name not in attributes:
                _modes.changed()
            object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._forget(name)
        _modes.changed()
        object.__delattr__(self, name)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(missing("Module", name, type(self).__name__, dir(self)))

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Make a parameter part of this module; the same as assigning it to the attribute `name`."""
        self._forget(_checked(name))
        self.__dict__[name] = parameter
        if parameter is not None:
            self._parameters[name] = parameter
        _modes.changed()

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make a tensor part of this module that is saved with it and not trained, such as running statistics.

        Args:
            name: Attribute under which it is found.
            tensor: The tensor, or None.
            persistent: Whether it is part of the state dict.
        """
        self._forget(_checked(name))
        self.__dict__[name] = tensor
        if tensor is not None:
            self._buffers[name] = tensor
        if not persistent:
            self._transient.add(name)
        _modes.changed()

    def add_module(self, name: str, module: Module | None) -> None:
        """Make a module part of this one; the same as assigning it to the attribute `name`."""
        self._forget(_checked(name))
        self.__dict__[name] = module
        if module is not None:
            self._modules[name] = module
        _modes.changed()

    def _forget(self, name: str) -> None:
        self._parameters.pop(name, None)
        self._buffers.pop(name, None)
        self._modules.pop(name, None)
        self._transient.discard(name)

    # --- what it consists of ---

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it with their paths, parents first, each once. Its own path is `prefix`."""
        return _tree.walk(self, prefix, set())

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below with their names."""
        return iter(list(self._modules.items()))

    def children(self) -> Iterator[Module]:
        """The modules directly below."""
        return iter(list(self._modules.values()))

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Parameters with their state-dict names. One that stands in several places comes once."""
        return _tree.members(self, "_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, each once; what an optimizer takes."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Buffers with their state-dict names, each once."""
        return _tree.members(self, "_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, path: str) -> Module:
        """The module at a path such as `"features.3"`; the empty path is this module.

        Raises:
            InvalidValueError: There is none. The message lists what is there.
        """
        return _tree.find(self, path)

    def num_parameters(self, trainable: bool = False) -> int:
        """How many numbers the parameters hold: all, or only those that are trained."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad or not trainable)

    # --- modes ---

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all below it to training mode (or, with `False`, to evaluation). Returns itself."""
        switched = False
        for module in self.modules():
            switched |= module.training != bool(mode)
            module.__dict__["training"] = bool(mode)
        if switched:
            _modes.changed()
        return self

    def eval(self) -> Self:
        """Switch to evaluation: no dropout, batch norm by its running statistics. The same as `train(False)`."""
        return self.train(False)

    def freeze(self) -> Self:
        """Keep everything as it is: parameters get no gradient, and running statistics stay even in training mode.

        Batch norm in a frozen module normalizes by its running statistics. `unfreeze` undoes it. Returns itself.
        """
        return self._freeze(True)

    def unfreeze(self) -> Self:
        """Train everything again: parameters get gradients, running statistics follow. Returns itself."""
        return self._freeze(False)

    def _freeze(self, on: bool) -> Self:
        for module in self.modules():
            module.__dict__["frozen"] = on
        for parameter in self.parameters():
            parameter.requires_grad = not on
        _modes.changed()
        return self

    def requires_grad_(self, on: bool = True) -> Self:
        """Turn the gradient of every parameter on or off. Statistics still follow; see `freeze`. Returns itself."""
        for parameter in self.parameters():
            parameter.requires_grad = on
        return self

    def zero_grad(self) -> None:
        """Drop every parameter's gradient."""
        for parameter in self.parameters():
            parameter.grad = None

    def initialize(self, seed: int) -> Self:
        """Draw every parameter anew, each by its own `init`, in place. Returns itself.

        Each parameter's numbers depend on the seed, its state-dict name and its shape, and on nothing else: adding or
        removing a layer leaves the others' weights the same. Parameters that were made from values stay as they are.
        """
        for name, parameter in self.named_parameters():
            parameter.draw(streams.initial_stream(seed, name))
        return self

    def to(self, dtype: Any = None, *, device: Any = None) -> Self:
        """Change the dtype of all floating-point parameters and buffers, or move them to a device. Returns itself.

        The parameters are new objects afterwards, so make the optimizer later than that.
        """
        _state.convert(self, dtype, device)
        return self

    def apply(self, function: Callable[[Module], object]) -> Self:
        """Call `function` with every module below this one and with this one, children first. Returns itself."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    # --- saving ---

    def state_dict(self) -> dict[str, Tensor]:
        """Parameters and persistent buffers by name. They share the module's memory; copy what must not change."""
        return _state.state_dict(self)

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> LoadResult:
        """Copy values into the parameters and buffers, in place.

        Everything is checked before anything is changed.

        Args:
            state: Tensors or NumPy arrays by name. Floats of another dtype are converted.
            strict: Whether names must agree exactly. Otherwise what fits is loaded, and what is left over is returned.

        Returns:
            `missing_keys` and `unexpected_keys`; both are empty when `strict`.

        Raises:
            StateDictError: Names that are missing or unexpected (when `strict`), or shapes that differ (always).
        """
        return _state.load(self, state, strict)

    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments, defaults included. A class that can change afterwards tells its present ones."""
        return config.arguments_of(self)

    def recorded_arguments(self) -> dict[str, Any] | None:
        """The constructor's arguments as they were given, without defaults; None if they are not known."""
        return self._arguments

    @classmethod
    def from_config(cls, config_: Mapping[str, Any]) -> Self:
        """A new module from a `config`."""
        return config.from_config(cls, config_)  # type: ignore[return-value]

    # --- hooks ---

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call `hook(module, args)` before each forward. What it returns, if not None, replaces `args`.

        Returns:
            A handle whose `remove()` takes the hook away; it is also a context manager.
        """
        return _hooks.add(self, "before", hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call `hook(module, args, output)` after each forward. What it returns, if not None, replaces the output."""
        return _hooks.add(self, "after", hook)

    def register_gradient_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call `hook(module, gradient)` in each backward pass with the gradient of the module's output.

        What it returns, if not None, replaces that gradient. For an output that is a tuple, each tensor's gradient
        comes in a call of its own.
        """
        return _hooks.add(self, "gradient", hook)

    # --- printing ---

    def extra_repr(self) -> str:
        """What stands between the parentheses of this module's line: required arguments, and those not the default."""
        shown = config.given_arguments(self)
        return ", ".join(
            _tree.shown(value) if name is None else f"{name}={_tree.shown(value)}"
            for name, value in shown
            if not isinstance(value, Module)
        )

    def __repr__(self) -> str:
        return _tree.render(self)


def architecture(name: str, arguments: Mapping[str, Any]) -> Module:
    """Call a registered architecture and note on the model what made it, so that it can be saved by name."""
    if not isinstance(name, str):
        raise InvalidValueError(f"an architecture is given by its name, such as 'lenet5'; got {name!r}")
    registry = current_host().registry("architecture")
    entry = registry.entry(name)
    Resolved(kind_of("architecture"), registry.load(entry), dict(arguments), entry.qualified).check()
    given = config.copied(dict(arguments))
    model = registry.load(entry)(**arguments)
    if not isinstance(model, Module):
        raise InvalidValueError(f"architecture {name!r} returned a {type(model).__name__}, expected a Module")
    model.__dict__["_made_by"] = (entry.qualified, given)
    return model


def create(
    name: str, *, seed: int | None = None, pretrained: Any = None, new_head: bool = False, **arguments: Any
) -> Module:
    """Build a registered architecture.

    Args:
        name: Registry name, such as `"lenet5"`; `nncore.registry.architectures` lists them.
        seed: Draw the weights by this seed and their names (see `Module.initialize`). Default: from the global stream.
        pretrained: Weights to begin with, which must agree in all names and shapes: a file that `nncore.load_weights` reads,
            of nncore or of PyTorch; a run's folder; a Module; or tensors by name, such as
            `nncore.load_weights("checkpoint.pth", key="ema")`.
        new_head: Whether the head is drawn, and only all else comes from `pretrained`, as for other classes.
        **arguments: The architecture's own arguments.

    Raises:
        UnknownComponentError: Nobody provides it, or several do.
        StateDictError: Names or shapes of the pretrained weights differ: which, and how.
        FileFormatError: The file is damaged, or none of weights; as an `UnsafeFileError` where it asks for code to be run.
        InvalidValueError: The architecture does not have one of the arguments, or is not made without one; or a new head
            is wanted, and nothing is pretrained, or no head is found.

    Warns:
        UserWarning: With `new_head`, which parameters begin with random values.

    Example:
        >>> import nncore as nc
        >>> ten = nc.create("lenet5", seed=0)
        >>> copy = nc.create("lenet5", pretrained=ten)
        >>> bool((copy.classifier[5].weight == ten.classifier[5].weight).all())
        True
    """
    if new_head and pretrained is None:
        raise InvalidValueError("create: new_head=True says what is not taken of pretrained, which is not given")
    if seed is None and pretrained is None:
        return architecture(name, arguments)
    with streams.drawing_later():
        model = architecture(name, arguments)
    if pretrained is None:
        return model.initialize(seed)  # type: ignore[arg-type]
    # Imported here: it stands above this module, and few need it.
    from nncore.transfer.weights import begin_with

    return begin_with(model, pretrained, new_head=new_head, seed=seed)


def _checked(name: str) -> str:
    if not isinstance(name, str) or not name or "." in name:
        raise InvalidValueError(f"a parameter, buffer or module needs a name without dots, got {name!r}")
    return name


def _called_while_observed(self: Module, *args: Any, **kwargs: Any) -> Any:
    _modes.note(self, _tree.picture)
    return _modes.within(self, lambda: _plain_call(self, *args, **kwargs))


_plain_call = Module.__call__


def _watch(on: bool) -> None:
    # Modules tell a recording step which of them it used, and a profile where it is. Exchanging the method for that time
    # keeps the price off every other call.
    Module.__call__ = _called_while_observed if on else _plain_call  # type: ignore[method-assign]


_modes.watchers.append(_watch)
_modes.components[Module] = _modes.Component(_tree.picture, _tree.covered)
