"""``index.html``: every picture, to leaf through by arrow keys and to narrow by page, role, width and scheme."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from helpdesk.screens.shooting import Shot

PAGE = Path(__file__).with_name("index.html")


def write(out: Path, shots: Sequence[Shot]) -> None:
    """Write the page beside the pictures; pictures of an earlier run that are still there stay in it."""
    troubles = {file: shot.troubles for shot in shots for file in shot.files}
    files = sorted(path.name for path in out.glob("*.*.*.*.png"))
    rows = [[*name.removesuffix(".png").split("."), name, troubles.get(name, [])] for name in files]
    data = json.dumps(rows).replace("<", "\\u003c")
    (out / "index.html").write_text(PAGE.read_text(encoding="utf-8").replace("/*ROWS*/[]", data), encoding="utf-8")
