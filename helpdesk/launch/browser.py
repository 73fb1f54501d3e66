"""A Chromium for the browser tests: the system's, else Debian's package, else Playwright's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpdesk.launch.install import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> dict[str, str]:
    """``{"CHROMIUM": path}`` of a browser that is there or could be brought; empty, after one line, when not."""
    path = os.environ.get("CHROMIUM") or _installed() or _from_apt() or _from_playwright()
    if path:
        return {"CHROMIUM": path}
    say("No Chromium for the browser tests: install the package chromium, or set CHROMIUM to its path.")
    return {}


def _installed() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None) or _playwrights()


def _from_apt() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing Debian's chromium for the browser tests …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        if subprocess.run(["apt-get", "--quiet", *words], env=environment, capture_output=True, check=False).returncode:
            return None
    return _installed()


def _from_playwright() -> str | None:
    say("Fetching Playwright's Chromium for the browser tests …")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, capture_output=True, check=False, timeout=600)
    return _playwrights()


def _playwrights() -> str | None:
    """Playwright's own browser, when it was fetched."""
    script = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    path = done.stdout.strip()
    return path if path and Path(path).exists() else None
