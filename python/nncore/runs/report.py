"""A run as one page that refers to nothing outside itself."""

from __future__ import annotations

import json
import shlex
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from nncore import _core
from nncore._summary import summary
from nncore.data import ArrayDataset
from nncore.errors import FileFormatError, RunError
from nncore.plugins import make
from nncore.runs import pictures
from nncore.runs.run import Run
from nncore.runs.signals import look, verdicts

__all__ = ["MISSING", "write_report"]

MISSING = "no report.html: its pictures need matplotlib; `pip install matplotlib`, then `nncore report RUN`"
STYLE = """
:root{color-scheme:light dark;--b:#fff;--t:#1b1b1b;--l:#ccc;--s:#555}
@media(prefers-color-scheme:dark){:root{--b:#16181c;--t:#e6e6e6;--l:#444;--s:#aaa}img.lines{filter:invert(.88) hue-rotate(180deg)}}
body{background:var(--b);color:var(--t);font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;padding:1rem}
h1,h2,p,pre,td{overflow-wrap:anywhere}
img{max-width:100%;height:auto;border-radius:6px;margin:.4rem 0}
img.lines{background:#fff}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 1rem;align-items:start}
.box{overflow-x:auto}
.box th:first-child,.box td:first-child{position:sticky;left:0;background:var(--b)}
table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;padding:.2rem .7rem .2rem 0;border-bottom:1px solid var(--l);white-space:nowrap}
pre{white-space:pre-wrap;border:1px solid var(--l);border-radius:6px;padding:.7rem}
.small{color:var(--s)}
.many table{font-size:.75rem}
.many th,.many td{padding-right:.5rem}
"""


def write_report(run: Run) -> Path | None:
    """Write `report.html` into the run's folder.

    Returns:
        Its path; None where matplotlib is not installed.

    Raises:
        RunError: The run has no epoch yet.
    """
    if not pictures.available():
        return None
    if not run.trainer.history.rows:
        raise RunError(f"{run.folder.path} has no epoch yet, so there is nothing to report")
    run.folder.write("report.html", _page(run))
    return run.folder.path / "report.html"


def _page(run: Run) -> str:
    name = escape(f"{run.config['model']['name']} on {run.config['data']['source']}")
    sections = {
        "Result": _result(run),
        "Curves": _curves(run),
        "Confusions": _confusions(run),
        "Predictions": _predictions(run),
        "First-layer filters": _filters(run),
        "Signals and gradients": _signals(run),
        "What was run": _made_of(run),
    }
    body = "".join(f"<section><h2>{title}</h2>{text}</section>\n" for title, text in sections.items() if text)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}</title><style>{STYLE}</style></head>\n<body><h1>{name}</h1>\n{body}</body></html>\n"
    )


def _table(head: list[str], rows: list[list[str]], kind: str = "") -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    # Where it is too wide it scrolls by itself, by the keyboard too.
    named = f"box {kind}".strip()
    return f'<div class="{named}" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _result(run: Run) -> str:
    result = run.folder.result
    try:
        found = json.loads(result.read_text()) if result.exists() else run.trainer.history.last
    except ValueError as error:
        raise FileFormatError(f"{result} is damaged: {error}; `nncore eval` tells the result anew") from error
    rows = [[name, f"{value:.4g}"] for name, value in found.items() if isinstance(value, (int, float))]
    return f"<p>On {escape(str(found.get('split', 'training')))} data.</p>" + _table(["number", "value"], rows)


def _curves(run: Run) -> str:
    rows = run.trainer.history.rows
    numbers = [n for n, v in rows[-1].items() if isinstance(v, (int, float)) and n not in ("epoch", "seconds", "lr")]
    text = ""
    for name in (each for each in numbers if not each.startswith("val_")):
        lines = {"training": [row.get(name) for row in rows]}
        if f"val_{name}" in numbers:
            lines["validation"] = [row.get(f"val_{name}") for row in rows]
        text += pictures.curves(lines, name)
    rates = [row.get("lr") for row in rows]
    if len(set(rates)) > 1:
        text += pictures.curves({"lr": rates}, "learning rate")
        return _pair(text)
    return _pair(text) + (f"<p>The learning rate was {rates[0]:.4g} throughout.</p>" if rates[0] is not None else "")


def _pair(pictures: str) -> str:
    """Pictures side by side where there is room."""
    return f'<div class="pair">{pictures}</div>'


def _unseen(parts: tuple[ArrayDataset, ArrayDataset | None, ArrayDataset | None]) -> ArrayDataset | None:
    return parts[2] if parts[2] is not None else parts[1]


def _looked_at(run: Run) -> tuple[ArrayDataset, np.ndarray[Any, Any]] | None:
    """Samples that were not trained on, and the main output for them."""
    samples = _unseen((run.train_set, run.validation_set, run.test_set))
    if samples is None or samples.y is None:
        return None
    output = run.trainer.objective.output(run.trainer.predict(samples))
    return (samples, output.numpy()) if output is not None and output.ndim == 2 else None


def _predictions(run: Run) -> str:
    """Of numbers to come close to: what was said beside what is."""
    found = _looked_at(run)
    if found is None or found[0].num_classes is not None or found[0].y is None or found[0].y.shape != found[1].shape:
        return ""
    (samples, said), true = found, np.asarray(found[0].y, np.float64)
    error = said - true
    spread = float(((true - true.mean(0)) ** 2).sum())
    rows = [
        ["samples", f"{len(samples):,}"],
        ["mean absolute error", f"{np.abs(error).mean():.4g}"],
        ["root of the mean squared error", f"{np.sqrt((error**2).mean()):.4g}"],
        [
            "R², the share of the variance that is explained",
            f"{1 - float((error**2).sum()) / spread:.4g}" if spread else "–",
        ],
    ]
    shown = pictures.scatter(true[:, :4], said[:, :4])
    return f"<p>On {escape(samples.role or 'held-out')} data.</p>{_pair(_table(['number', 'value'], rows) + shown)}"


def _confusions(run: Run) -> str:
    found = _looked_at(run)
    if found is None or found[0].num_classes is None or found[0].y is None or found[1].shape[1] != found[0].num_classes:
        return ""
    (samples, scores), true = found, found[0].y
    output, taken, classes = _core.tensor(scores), scores.argmax(1), found[0].num_classes
    names = list(samples.classes or map(str, range(classes)))
    matrix = make("metric", "confusion_matrix")
    matrix.update(output, _core.tensor(true))
    counts = matrix.compute()
    text = pictures.confusion(counts, names)
    wrong = np.flatnonzero(taken != true)
    if not len(wrong):
        return text + "<p>No sample is taken for another class.</p>"
    # As people know them, not as the network sees them.
    shown = _unseen(run.raw)
    if shown is None or len(shown.sample_shape) != 3 or shown.sample_shape[0] not in (1, 3):
        return text
    # The most frequent confusions first; among equals the surest mistake.
    margin = scores[wrong, taken[wrong]] - scores[wrong, true[wrong]]
    ranked = wrong[np.lexsort((-margin, -counts[true[wrong], taken[wrong]]))]
    # One confusion that is frequent shall not hide all others.
    pairs: dict[tuple[int, int], int] = {}
    chosen: list[int] = []
    for at in ranked:
        pair = int(true[at]), int(taken[at])
        pairs[pair] = pairs.get(pair, 0) + 1
        if pairs[pair] <= 4 and len(chosen) < 16:
            chosen.append(int(at))
    worst = np.array(chosen)
    titles = [f"{names[true[at]]} as {names[taken[at]]}"[:18] for at in worst]
    return _pair(text + pictures.tiles(shown.gather(worst)[0], titles, "Confused samples: " + ", ".join(titles)))


def _filters(run: Run) -> str:
    for _, module in run.trainer.model.named_modules():
        weight = module._parameters.get("weight")
        if module._modules or weight is None:
            continue
        values = weight.detach().numpy()
        if "Conv2d" not in type(module).__name__ or values.ndim != 4 or values.shape[1] not in (1, 3):
            return ""
        shown = values[:64]
        return pictures.tiles(shown, [""] * len(shown), f"{len(shown)} of {len(values)} filters of the first layer")
    return ""


def _signals(run: Run) -> str:
    x, y = run.train_set.gather(slice(0, 128))
    layers = look(run.trainer.model, run.trainer.objective, _core.tensor(x), None if y is None else _core.tensor(y))
    whole = summary(run.trainer.model, _core.tensor(x[:1]))
    counts = {each.name or each.kind: (each.neurons, each.macs) for each in whole.layers}

    def cells(spread: tuple[float, float, float] | None) -> list[str]:
        return ["–"] * 3 if spread is None else [f"{spread[0]:.3g}", f"{spread[1]:.3g}", f"{spread[2]:.0%}"]

    table = _table(
        [
            *("layer", "kind", "output", "parameters", "neurons", "MACs"),
            *("mean", "std", "zeros", "grad mean", "grad std", "grad zeros"),
        ],
        [
            [
                *(each.name, each.kind, " × ".join(map(str, each.shape)), f"{each.parameters:,}"),
                *(f"{count:,}" if count else "–" for count in counts.get(each.name, (0, 0))),
                *cells(each.activation),
                *cells(each.gradient),
            ]
            for each in layers
        ],
        "many",
    )
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in verdicts(layers).values())
    total = f"{whole.totals()}. Spreads are those of one batch of {len(x)} training samples."
    return f'{said}<p class="small">{total}</p>{table}'


def _made_of(run: Run) -> str:
    environment = run.folder.path / "environment.json"
    held = environment.read_text() if environment.exists() else ""
    again = f"nncore train {shlex.quote(str(run.folder.config))}"
    return (
        f"<p>To run it again:</p><pre>{escape(again)}</pre><h3>Config</h3><pre>{escape(run.config.toml())}</pre>"
        f"<h3>Environment</h3><pre>{escape(held)}</pre>"
    )
