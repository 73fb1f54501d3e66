"""The few files of the npm packages that browsers are served, copied to ``build/vendor``."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from helpdesk.embedded.paths import CannotStart
from helpdesk.launch.install import ROOT

MODULES = ROOT / "node_modules"
VENDOR = ROOT / "build" / "vendor"
# Folder of ours: the package, and patterns in it. Collecting whole packages would take a minute.
SERVED = {
    "inter": ("@fontsource-variable/inter", ["index.css", "files/inter-*-wght-normal.woff2", "LICENSE"]),
    "noto-sans": ("@fontsource/noto-sans", ["[46]00.css", "files/noto-sans-*-[46]00-normal.woff*", "LICENSE"]),
    "noto-sans-hebrew": (
        "@fontsource/noto-sans-hebrew",
        ["[46]00.css", "files/noto-sans-hebrew-*-[46]00-normal.woff*", "LICENSE"],
    ),
    "trix": ("trix", ["dist/trix.umd.min.js", "LICENSE"]),
    "vega": ("vega", ["build/vega.min.js"]),
    "vega-lite": ("vega-lite", ["build/vega-lite.min.js"]),
    "vega-embed": ("vega-embed", ["build/vega-embed.min.js"]),
}
_SOURCE_MAP = re.compile(rb"\n?(//[#@] ?sourceMappingURL=\S*|/\*# ?sourceMappingURL=.*?\*/)\s*")


def vendor() -> None:
    """Copy the served files, unless the copy is of the same packages and the same list."""
    lock = (MODULES / ".helpdesk-stamp").read_bytes()
    wanted = hashlib.sha256(lock + repr(SERVED).encode()).hexdigest()
    stamp = VENDOR.parent / "vendor.stamp"
    if VENDOR.is_dir() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    draft = VENDOR.parent / f"vendor.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    for folder, (package, patterns) in SERVED.items():
        for pattern in patterns:
            files = sorted((MODULES / package).glob(pattern))
            if not files:
                raise CannotStart(f"The npm package {package} has no {pattern}; the list in {__file__} is out of date.")
            for file in files:
                _copy(file, draft / folder / _target(file, MODULES / package))
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.rename(VENDOR)
    stamp.write_text(wanted, encoding="utf-8")


def _target(file: Path, package: Path) -> Path:
    return Path(*(part for part in file.relative_to(package).parts if part != "build"))


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    data = file.read_bytes()
    # A map that is not served would be a missing file to the hashing of names.
    target.write_bytes(_SOURCE_MAP.sub(b"\n", data) if target.suffix in {".js", ".css"} else data)
