"""What this package brings. It is imported when plugins are looked for, so it imports none of the components."""

from collections.abc import Iterator

from nncore.api import ActivationSpec, ArchitectureSpec, InitializerSpec, LayerSpec, LossSpec, hookimpl

api_version = 1


@hookimpl
def nncore_layers() -> Iterator[LayerSpec]:
    yield LayerSpec(
        name="gated_linear",
        target="nncore_plugin_template.layer:GatedLinear",
        summary="A linear layer times the sigmoid of another",
    )


@hookimpl
def nncore_activations() -> Iterator[ActivationSpec]:
    yield ActivationSpec(
        name="squareplus",
        target="nncore_plugin_template.activation:squareplus",
        summary="Smooth ReLU without exponentials",
    )


@hookimpl
def nncore_initializers() -> Iterator[InitializerSpec]:
    yield InitializerSpec(
        name="alternating",
        target="nncore_plugin_template.initializer:alternating",
        summary="+a and -a in turn, a = gain/sqrt(fan_in)",
    )


@hookimpl
def nncore_losses() -> Iterator[LossSpec]:
    yield LossSpec(
        name="log_cosh",
        target="nncore_plugin_template.loss:log_cosh",
        summary="Squared near zero, absolute far away",
    )


@hookimpl
def nncore_architectures() -> Iterator[ArchitectureSpec]:
    yield ArchitectureSpec(
        name="gated_mlp",
        target="nncore_plugin_template.architecture:gated_mlp",
        summary="Gated layers, then a linear one",
    )
