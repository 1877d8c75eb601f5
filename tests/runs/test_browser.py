"""A run's page in a real browser: nothing goes wrong, nothing is fetched, and it fits a phone. Skipped without chromium."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from nncore.cli import main

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
]
# Runs inside the page, in a frame as wide as a phone, and hands what it sees to the page around it.
LOOK = """<script>
const problems = [];
addEventListener("error", event => problems.push(String(event.message || event.target.outerHTML)), true);
addEventListener("load", () => parent.postMessage(JSON.stringify({
  problems,
  fetched: performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:")),
  wide: document.documentElement.scrollWidth, width: innerWidth,
  images: [...document.images].map(image => [image.alt, image.naturalWidth, image.getBoundingClientRect().width]),
  text: document.body.innerText.length,
}), "*"));
</script>"""
AROUND = """<!DOCTYPE html><body><script>addEventListener("message", event => document.body.append(
  Object.assign(document.createElement("pre"), {id: "seen", textContent: event.data})))</script>
<iframe width="360" height="800" style="border:0" srcdoc="%s"></iframe></body>"""


def seen(page: Path, folder: Path) -> dict[str, Any]:
    """What a browser makes of a page at 360 pixels."""
    text = page.read_text().replace("<head>", "<head>" + LOOK, 1)
    around = folder / "around.html"
    around.write_text(AROUND % html.escape(text))
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--virtual-time-budget=10000",
    ]
    command = [str(CHROMIUM), *options, f"--user-data-dir={folder / 'profile'}", "--dump-dom", around.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert ":CONSOLE" not in done.stderr, done.stderr
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, "the page was not loaded"
    held: dict[str, Any] = json.loads(html.unescape(found.group(1)))
    return held


def regression(folder: Path) -> list[str]:
    x = np.random.default_rng(0).standard_normal((80, 3))
    np.savetxt(folder / "a.csv", np.c_[x, x.sum(1)], delimiter=",", header="a,b,c,y", comments="")
    return ["mlp", "--data", str(folder / "a.csv"), "--loss", "mse", "--metric", "mae"]


@pytest.mark.parametrize("kind", ["pictures", "numbers"])
def test_the_page_is_well_in_a_browser(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    what = ["lenet5", "--data", "digits"] if kind == "pictures" else regression(tmp_path)
    command = ["train", *what, "--epochs", "1", "--quiet", "--output", str(tmp_path / "run")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    found = seen(tmp_path / "run" / "report.html", tmp_path)
    assert not found["problems"] and not found["fetched"]
    assert found["width"] == 360 and found["wide"] <= 360, "it scrolls up and down alone"
    assert len(found["images"]) >= 3 and found["text"] > 500
    for alternative, drawn, shown in found["images"]:
        assert alternative and drawn > 0 and 0 < shown <= 360


def test_the_look_sees_what_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        '<!DOCTYPE html><html><head></head><body><img src="data:image/png;base64,AAAA"><div style="width:900px">a</div>'
        "<script>nothing()</script></body></html>"
    )
    with pytest.raises(AssertionError, match="CONSOLE"):
        seen(page, tmp_path)
    page.write_text(page.read_text().replace("<script>nothing()</script>", ""))
    found = seen(page, tmp_path)
    assert found["problems"] and found["wide"] > 360 and found["images"][0][0] == ""
