"""One run of ``bin/screens``: an empty desk is pictured, filled with the demo, and pictured again."""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command

from helpdesk.launch.install import ROOT, say

if TYPE_CHECKING:
    from helpdesk.screens.pages import Screen
    from helpdesk.screens.shooting import Shot

DOCS = {
    "ticket.png": "ticket-hold-form.agent.1440.light.png",
    "tickets.png": "tickets.agent.1440.light.png",
    "report.png": "report.manager.1440.light.png",
    "request-dark-phone.png": "request.customer.390.dark.png",
}
"""The pictures of the README and of docs/, by the name of the screen they are taken from."""


def run(options: argparse.Namespace) -> int:
    """Take the pictures, write ``index.html``, say what is wrong; 1 when something is."""
    django.setup()
    from helpdesk.launch.prepare import collect
    from helpdesk.screens import pages

    wanted = pages.chosen(options.only)
    if options.list or not wanted:
        say("\n".join(sorted({page.name for page in wanted or pages.PAGES})))
        return 0 if options.list else 1
    begun = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    collect()
    call_command("migrate", interactive=False, verbosity=0)
    with _web() as url:
        taken = _take(wanted, url, options)
    return _finish(taken, options, time.monotonic() - begun)


def _take(wanted: list[Screen], url: str, options: argparse.Namespace) -> list[Shot]:
    from helpdesk.screens import desk, shooting

    taken = []
    for state in ("empty", "demo"):
        mine = [page for page in wanted if page.desk == state]
        if not mine or (state == "empty" and options.keep):
            continue  # a kept desk is full
        say(f"Making the desk ({state}) …")
        begun = time.monotonic()
        (desk.fill_empty if state == "empty" else desk.fill_demo)()
        say(f"… in {time.monotonic() - begun:.0f} s.")
        say(f"{len(mine)} pages × {len(options.widths)} widths × {len(options.schemes)} schemes …")
        sessions = desk.sign_in({role for page in mine for role in page.roles})
        taken += shooting.shoot(mine, url, sessions, options)
    return taken


def _finish(taken: list[Shot], options: argparse.Namespace, seconds: float) -> int:
    from helpdesk.screens import leafing

    leafing.write(options.out, taken)
    if options.docs:
        for name, source in DOCS.items():
            if (options.out / source).exists():
                shutil.copy(options.out / source, ROOT / "docs" / "img" / name)
    pictures = sum(len(shot.files) for shot in taken)
    say(f"{pictures} pictures in {seconds:.0f} s: {options.out / 'index.html'}")
    wrong = [f"  {shot.label}: {words}" for shot in taken for words in shot.troubles]
    if wrong:
        say("\n".join([f"{len(wrong)} things are wrong:", *wrong]))
    return 1 if wrong else 0


@contextmanager
def _web() -> Iterator[str]:
    """The web process on the desk of this run."""
    from django.conf import settings

    from helpdesk import testing

    logs = settings.VAR_DIR / "log"
    logs.mkdir(parents=True, exist_ok=True)
    extra: Mapping[str, str] = {
        "WEB_THREADS": str(4 * (os.cpu_count() or 2)),
        "DESK_LANGUAGES": "en,he",  # so that the desk's own pages are seen from right to left, too
    }
    with testing.live_desk(Path(logs), "web", extra=extra) as live:
        yield live.url
