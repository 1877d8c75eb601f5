"""The pictures of a report, as `img` elements that hold their bytes. They need matplotlib, which is asked for when used."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

import numpy as np

__all__ = ["available", "confusion", "curves", "image", "line", "scatter", "tiles"]

# Okabe and Ito's colours, which colour-blind people can tell apart; lines differ in their dashes too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
DASHES = ("-", "--", ":", "-.")


def available() -> bool:
    """Whether matplotlib can be imported."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


GREY = "#808080"
"""Of letters that stand on whatever the page is, light or dark."""


def figure(width: float, height: float, ground: str = "white") -> Any:
    """A figure without a window."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor=ground)


def image(drawn: Any, alternative: str, kind: str = "") -> str:
    """An `img` element with the figure as PNG. Of the kind `"lines"` a page may turn light into dark."""
    held = io.BytesIO()
    drawn.savefig(held, format="png", dpi=160, metadata={"Software": None})
    text = base64.b64encode(held.getvalue()).decode()
    named = f' class="{kind}"' if kind else ""
    return f'<img{named} alt="{html.escape(alternative)}" src="data:image/png;base64,{text}">'


def curves(lines: dict[str, list[Any]], title: str) -> str:
    """Lines over epochs."""
    drawn = figure(4.6, 2.7)
    axes = drawn.subplots()
    for at, (name, values) in enumerate(lines.items()):
        line(axes, values, name, at)
    axes.set(xlabel="epoch", title=title)
    longest = max(map(len, lines.values()))
    axes.xaxis.get_major_locator().set_params(integer=True)
    if longest == 1:
        axes.set_xlim(0.5, 1.5)
        axes.set_xticks([1])
    known = [float(value) for values in lines.values() for value in values if value is not None and np.isfinite(value)]
    if known and max(known) == min(known):
        # A line that is level would else be shown at a scale of its rounding.
        room = abs(known[0]) or 1.0
        axes.set_ylim(known[0] - room, known[0] + room)
        axes.set_yticks([known[0]], [f"{known[0]:.4g}"])
    if not known:
        axes.text(0.5, 0.5, "no number in any epoch", transform=axes.transAxes, ha="center")
    axes.grid(alpha=0.3)
    if len(lines) > 1:
        axes.legend()
    last = "; ".join(f"{name} ends at {values[-1]:.4g}" for name, values in lines.items() if values[-1] is not None)
    return image(drawn, f"{title} over {longest} {'epoch' if longest == 1 else 'epochs'}: {last}", "lines")


def line(axes: Any, values: list[Any], label: str, at: int) -> None:
    """One line over epochs, in the colour and dashes of its number."""
    ys = [float("nan") if value is None else float(value) for value in values]
    at, style = at % len(COLOURS), DASHES[at % len(DASHES)]
    axes.plot(range(1, len(ys) + 1), ys, style, color=COLOURS[at], label=label, marker="o", markersize=3)


def confusion(counts: np.ndarray[Any, Any], names: list[str]) -> str:
    """Rows are the true classes."""
    drawn = figure(4.8, 4.6, "none")
    axes = drawn.subplots()
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    axes.set_xlabel("taken for", color=GREY)
    axes.set_ylabel("is", color=GREY)
    axes.set_title("Confusion", color=GREY)
    axes.tick_params(colors=GREY)
    for side in axes.spines.values():
        side.set_color(GREY)
    if len(names) <= 20:
        axes.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 3 else 0)
        axes.set_yticks(range(len(names)), names)
        for (row, column), count in np.ndenumerate(counts):
            axes.text(
                column,
                row,
                int(count),
                ha="center",
                va="center",
                fontsize=8,
                color="black" if shares[row, column] > 0.5 else "white",
            )
    right = int(np.trace(counts))
    return image(drawn, f"Confusion matrix of {len(names)} classes: {right} of {int(counts.sum())} samples are right")


def scatter(true: np.ndarray[Any, Any], said: np.ndarray[Any, Any]) -> str:
    """Numbers that were said over numbers that are, a colour for each column; on the line they are alike."""
    drawn = figure(4.6, 4.2)
    axes = drawn.subplots()
    finite = np.isfinite(said)
    for at in range(true.shape[1]):
        label = f"output {at + 1}" if true.shape[1] > 1 else None
        axes.scatter(true[:, at], said[:, at], s=9, alpha=0.6, color=COLOURS[at % 4], label=label)
    low, high = float(true.min()), float(true.max())
    axes.plot([low, high], [low, high], color="#777", linewidth=1)
    axes.set(xlabel="is", ylabel="said", title="Predictions")
    axes.grid(alpha=0.3)
    if true.shape[1] > 1:
        axes.legend()
    far = float(np.abs(said - true)[finite].max()) if finite.any() else float("nan")
    return image(drawn, f"{len(true)} predictions over the true numbers; the farthest is {far:.4g} off", "lines")


def tiles(pictures: np.ndarray[Any, Any], titles: list[str], alternative: str) -> str:
    """Small pictures of shape (N, channels, height, width) side by side, each stretched to its own range."""
    # Letters need room on a phone.
    columns = min(4 if any(titles) else 8, len(pictures))
    rows = -(-len(pictures) // columns)
    drawn = figure(0.9 * columns + 0.2, (1.15 if any(titles) else 0.9) * rows + 0.1, "none")
    grid = drawn.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.axis("off")
    for axes, picture, title in zip(grid, pictures, titles, strict=False):
        low, high = float(picture.min()), float(picture.max())
        shown = (picture.transpose(1, 2, 0) - low) / ((high - low) or 1.0)
        axes.imshow(shown[..., 0] if shown.shape[-1] == 1 else shown, cmap="gray")
        axes.set_title(title, fontsize=8, color=GREY)
    return image(drawn, alternative)
