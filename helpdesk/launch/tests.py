"""What ``bin/test`` does: set up, start servers that nobody else sees, run pytest, stop them whatever happens."""

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
from helpdesk.launch import browser, install, static
from helpdesk.launch.install import ROOT


def main(arguments: Sequence[str]) -> int:
    """Run the tests with these pytest arguments; the exit code is pytest's."""
    try:
        if not install.in_venv():
            install.packages("requirements-dev.txt")
            install.npm_packages()
            static.vendor()
            install.move_into_venv("test", arguments)
        return _run(arguments)
    except (embedded.CannotStart, OSError) as problem:
        print(f"bin/test: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-test-"))
    try:
        environment = {**os.environ, **_environment(folder / "var"), **browser.found()}
        with embedded.running(folder / "var"):
            command = [sys.executable, "-m", "pytest", *_parallel(arguments), *arguments]
            tests = subprocess.Popen(command, cwd=ROOT, env=environment)
            try:
                return tests.wait()
            except KeyboardInterrupt:
                tests.terminate()
                return tests.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _environment(var: Path) -> dict[str, str]:
    """Nothing of a real desk's environment reaches the tests, its servers least of all."""
    emptied = {
        name: "" for name in ("SMTP_HOST", "SECRET_KEY_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE", "ALLOWED_HOSTS")
    }
    where = embedded.places(var)
    return emptied | {
        "HELPDESK_VAR": str(where.var),
        "DATABASE_URL": where.database_url,
        "REDIS_URL": where.redis_url,
        "SECRET_KEY": "a-key-for-tests-alone-that-signs-nothing-anybody-keeps",
        "PUBLIC_URL": "http://testserver",
        "DEBUG": "no",
        "TIME_ZONE": "UTC",
    }


def _parallel(arguments: Sequence[str]) -> list[str]:
    """As many workers as there are processors, unless the caller chose, or names one test alone."""
    chosen = any(word.startswith(("-n", "--numprocesses")) for word in arguments) or "no:xdist" in " ".join(arguments)
    if chosen or "--pdb" in arguments or any("::" in word for word in arguments):
        return []
    return ["-n", str(max(2, os.cpu_count() or 2))]


