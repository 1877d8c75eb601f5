"""What a run begins with, and what of it is trained when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nncore.errors import ConfigError, InvalidValueError, NNCoreError
from nncore.module import Module
from nncore.plugins import make
from nncore.runs.config import RunConfig
from nncore.training import Callback, Unfreeze
from nncore.transfer import freeze, load_pretrained

__all__ = ["load_weights", "stages"]


def load_weights(config: RunConfig, model: Module) -> list[str] | None:
    """Copy the pretrained weights into the model, where the config names a file.

    Returns:
        Names of what is not taken from there, a head of other classes; None where there is no file.

    Raises:
        ConfigError: The file cannot be read, or is of another network.
    """
    source = config["transfer"]["pretrained"]
    if not source:
        return None
    try:
        return load_pretrained(model, Path(source), new_head=config["transfer"]["new_head"]).missing_keys
    except OSError as error:
        raise ConfigError(f"transfer.pretrained: {source} cannot be read: {error.strerror or error}") from error
    except NNCoreError as error:
        raise ConfigError(f"transfer.pretrained: {error}") from error


def stages(config: RunConfig, model: Module) -> tuple[Any, list[Callback]]:
    """Freeze what the config says. Gives the optimizer, and what unfreezes it later.

    Raises:
        ConfigError: A name or pattern matches nothing, or all is frozen.
    """
    settings = config["transfer"]
    for key, patterns, until in (
        ("freeze_until", (), settings["freeze_until"] or None),
        ("freeze", settings["freeze"], None),
    ):
        if patterns or until:
            try:
                freeze(model, *patterns, until=until)
            except InvalidValueError as error:
                raise ConfigError(f"transfer.{key}: {error}") from error
    frozen = [parameter for parameter in model.parameters() if not parameter.requires_grad]
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if frozen and not trained:
        raise ConfigError("transfer.freeze: that is all of the network, so there is nothing to train")
    if not settings["unfreeze_after"] or not frozen:
        return config["optimizer"], []
    optimizer = make("optimizer", config["optimizer"])
    # What is trained from the beginning comes first: the history shows the first group's rate.
    later = {"params": frozen, "lr": optimizer.lr * settings["lr_factor"]}
    return optimizer.bind([{"params": trained}, later]), [Unfreeze(settings["unfreeze_after"])]
