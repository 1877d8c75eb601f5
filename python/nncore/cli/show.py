"""`nncore show`: what a component is."""

from __future__ import annotations

import inspect
import json
from typing import Any

import click

from nncore._summary import summary
from nncore.cli import names
from nncore.cli.output import examples, print_json
from nncore.errors import NNCoreError, UnknownComponentError
from nncore.plugins import KINDS, Registry, current_host, kind_of
from nncore.plugins.near import did_you_mean

__all__ = ["show"]


@click.command(
    epilog=examples(
        "nncore show lenet5",
        "nncore show lenet5 --input 1x1x28x28",
        "nncore show adam",
        "nncore show constant --kind schedule",
    )
)
@click.argument("name", shell_complete=names.any_component)
@click.option(
    "--kind", shell_complete=names.kinds, help="Where several kinds have the name: layer, activation, loss, ..."
)
@click.option(
    "--input",
    "sizes",
    metavar="SIZES",
    help="Of an architecture: shapes, multiply-adds, memory and receptive fields for an input such as 1x3x224x224.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, kind: str | None, sizes: str | None, as_json: bool) -> None:
    """Show what a component is.

    Its documentation, its settings with their defaults, and who provides it; of an architecture also its layers. NAME is as
    in `nncore list`. Where several kinds have the name, all are shown; as JSON in a list.
    """
    shape = None if sizes is None else _shape(sizes)
    known = _registries(name, kind)
    described: list[dict[str, Any]] = []
    for found, registry in known:
        component, plugin = registry[name], registry.provider(name)
        about: dict[str, Any] = {
            "name": registry.qualify(name),
            "summary": registry.spec(name).summary,
            "provider": " ".join(filter(None, (plugin.distribution, plugin.version))),
            "settings": _settings(found, component),
            "documentation": inspect.getdoc(component) or "",
        }
        whole = None
        if found == "architecture" and shape:
            try:
                whole = summary(component(), shape)
            except NNCoreError as error:
                raise type(error)(
                    f"{name}, with its settings' defaults, cannot take an input of shape {shape}, whose first number counts "
                    f"samples: {error}"
                ) from error
            about["summary_of_layers"] = json.loads(whole.as_json())
        elif found == "architecture":
            about["layers"] = _layers(component)
        if as_json:
            described.append(about)
            continue
        click.echo(f"{about['name']}, from {about['provider']}\n")
        click.echo(about["documentation"])
        if about["settings"]:
            click.echo("\nSettings:")
            for key, value in about["settings"].items():
                click.echo(f"  {key} = {value}")
        if whole is not None:
            click.echo(f"\n{whole}")
        if about.get("layers"):
            click.echo("\nLayers, with the defaults:")
            for layer in about["layers"]:
                click.echo(f"  {layer['name']:24} {layer['layer']:16} {layer['parameters']:>12,}")
            click.echo(f"  {'in all':41} {sum(layer['parameters'] for layer in about['layers']):>12,}")
    if as_json:
        print_json(described if len(described) > 1 else described[0])


def _shape(sizes: str) -> tuple[int, ...]:
    """`"1x3x224x224"` or `"1,3,224,224"` as a tuple."""
    parts = sizes.replace(",", "x").split("x")
    if not all(part.strip().isdigit() for part in parts):
        raise click.BadParameter(f"sizes such as 1x3x224x224 expected, got {sizes!r}", param_hint="--input")
    return tuple(int(part) for part in parts)


def _registries(name: str, kind: str | None) -> list[tuple[str, Registry]]:
    """The kinds that know the name."""
    host = current_host()
    try:
        kinds = [kind_of(kind)] if kind else list(KINDS.values())
    except UnknownComponentError as error:
        raise click.BadParameter(str(error), param_hint="--kind") from error
    found = [(each.name, host.registry(each.name)) for each in kinds if name in host.registry(each.name)]
    if not found:
        known = [other for each in kinds for other in host.registry(each.name)]
        raise click.BadParameter(
            f"no component {name!r}.{did_you_mean(name, known)} `nncore list` shows all.", param_hint="NAME"
        )
    return found


def _settings(kind: str, component: Any) -> dict[str, str]:
    """What it can be configured with, as it is written."""
    from nncore.runs.config import defaults_of

    found = defaults_of(kind, component) or {}
    return {name: "required" if value is inspect.Parameter.empty else repr(value) for name, value in found.items()}


def _layers(component: Any) -> list[dict[str, Any]]:
    """The modules without modules in them, or with parameters of their own; nothing where it needs arguments."""
    try:
        model = component()
    except Exception:  # settings without defaults
        return []
    rows = []
    for path, module in model.named_modules():
        own = sum(p.numel() for p in module._parameters.values() if p is not None)
        if path and (own or not module._modules):
            rows.append({"name": path, "layer": type(module).__name__, "parameters": own})
    return rows
