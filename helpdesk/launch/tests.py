"""What ``bin/test`` does: set up, start servers that nobody else sees, run pytest, stop them whatever happens."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from helpdesk import embedded
from helpdesk.launch import browser, install, leftovers, translations, vendor
from helpdesk.launch.install import ROOT

# Variables of docs/configuration.md that a person may have set for a real desk.
REAL = (
    "DATABASE_", "DESK_LANGUAGES", "REDIS_", "SMTP_", "SECRET_KEY", "DEBUG", "TIME_ZONE", "MAIL_FROM", "ATTACHMENT",
    "BEHIND_PROXY",
)  # fmt: skip

PREFIX = "helpdesk-test-"


def main(arguments: Sequence[str]) -> int:
    """Run the tests with these pytest arguments; the exit code is pytest's."""
    try:
        if not install.in_venv():
            install.packages("requirements-dev.txt")
            install.npm_packages()
            vendor.vendor()
            install.move_into_venv("test", arguments)
        translations.compile_all()
        return _run(arguments)
    except (embedded.CannotStart, OSError) as problem:
        print(f"bin/test: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = (folder / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        environment = {**_environment(folder / "var"), **browser.found()}
        with embedded.running(folder / "var"):
            command = [sys.executable, "-m", "pytest", *_parallel(arguments), *arguments]
            tests = subprocess.Popen(command, cwd=ROOT, env=environment)
            try:
                return tests.wait()
            except KeyboardInterrupt:
                tests.terminate()
                return tests.wait()
    finally:
        _clear(folder)
        lock.close()


def _sweep() -> None:
    """Stop and remove what a run that was killed left; the lock of a living run is held."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (folder / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _clear(folder)
        except OSError:
            continue  # somebody else's, or in use


def _clear(folder: Path) -> None:
    """Stop every server that has its data in this folder, those of single tests too, and remove what they had."""
    for notes in sorted(folder.glob("**/var/run")):
        where = embedded.places(notes.parent)
        leftovers.stop(where, quietly=True)
        shutil.rmtree(where.sockets, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _environment(var: Path) -> dict[str, str]:
    """The tests' environment: nothing of a real desk reaches them, its servers least of all."""
    where = embedded.places(var)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(REAL)}
    return kept | {
        "HELPDESK_VAR": str(where.var),
        "SECRET_KEY": "a-key-for-tests-alone-that-signs-nothing-anybody-keeps",
        "PUBLIC_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    }


def _parallel(arguments: Sequence[str]) -> list[str]:
    """As many workers as there are processors, unless the caller chose, or names one test alone.

    The first of them begins with the longest tests, which wait for processes of their own more than they reckon
    (conftest.py); the others take from its end what it has not come to.
    """
    chosen = any(word.startswith(("-n", "--numprocesses")) for word in arguments) or "no:xdist" in " ".join(arguments)
    if chosen or "--pdb" in arguments or any("::" in word for word in arguments):
        return []
    return ["-n", str(max(2, os.cpu_count() or 2)), "--dist", "worksteal"]
