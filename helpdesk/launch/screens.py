"""What ``bin/screens`` does: set up, start servers that nobody else sees, fill a desk, picture its pages, stop all."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from helpdesk import embedded
from helpdesk.launch import browser, install, vendor

REAL = ("DATABASE_", "REDIS_", "SMTP_", "SECRET_KEY", "DEBUG", "TIME_ZONE", "MAIL_FROM", "ATTACHMENT", "BEHIND_PROXY")
WIDTHS, SCHEMES = (1440, 768, 390), ("light", "dark")


def main(arguments: Sequence[str]) -> int:
    """Picture the pages; 0 when every page is sound, 1 with the list of those that are not."""
    options = _options(arguments)
    try:
        if not install.in_venv():
            install.packages("requirements-dev.txt")
            install.npm_packages()
            vendor.vendor()
            install.move_into_venv("screens", arguments)
        return _run(options)
    except (embedded.CannotStart, OSError) as problem:
        print(f"bin/screens: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/screens", description="A picture of every page, to leaf through.")
    parser.add_argument("out", type=Path, metavar="OUT_DIR", help="where the pictures and index.html go")
    parser.add_argument("--only", default="", metavar="NAME", help="pages whose name begins so; several with commas")
    parser.add_argument("--widths", type=_numbers, default=WIDTHS, metavar="W,W", help="in pixels (1440,768,390)")
    parser.add_argument("--schemes", type=_words, default=SCHEMES, metavar="S,S", help="light, dark or both")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 2, metavar="N", help="browsers side by side")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the demo's desk here; the next run uses it")
    parser.add_argument("--docs", action="store_true", help="also renew the pictures in docs/img")
    parser.add_argument("--list", action="store_true", help="only print the names of the pages")
    return parser.parse_args(arguments)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    if wrong := set(text.split(",")) - set(SCHEMES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(wrong))}: choose light, dark or both")
    return tuple(text.split(","))


def _run(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    chromium = browser.found()
    if not chromium:
        return 1
    with tempfile.TemporaryDirectory(prefix="helpdesk-screens-") as folder:
        var = options.keep or Path(folder) / "var"
        for name in [name for name in os.environ if name.startswith(REAL)]:
            del os.environ[name]
        os.environ |= {
            "HELPDESK_VAR": str(embedded.places(var).var),
            "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
            **chromium,
        }
        with embedded.running(var):
            from helpdesk.screens import running  # needs the environment above

            return running.run(options)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
