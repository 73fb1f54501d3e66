"""What both servers share: start, readiness, stop, and how tests kill them."""

import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path

from helpdesk.embedded.paths import CannotStart, Places

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120.0  # seconds for a start or an orderly stop, on a busy machine; one that ended is not waited for


class Server(ABC):
    """A server as a child process of ours."""

    name: str
    stop_signal: signal.Signals

    def __init__(self, where: Places, *, throwaway: bool = False) -> None:
        self.places = where
        self.throwaway = throwaway
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def ready(self) -> bool: ...

    @abstractmethod
    def prepare(self) -> None: ...

    def start(self) -> None:
        """Start it and return when it answers; ``CannotStart`` with the end of its log when it does not."""
        self.prepare()
        self.places.logs.mkdir(parents=True, exist_ok=True)
        log = self.places.logs / f"{self.name}.log"
        words = ["--throwaway"] if self.throwaway else []
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "helpdesk.embedded", self.name, str(self.places.var), *words],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise CannotStart(f"{self.name} did not start: {_last_line(log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in order; nothing of it remains afterwards."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End it as a crash would (KILL)."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()
            self.process = None


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing."
