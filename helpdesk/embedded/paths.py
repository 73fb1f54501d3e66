"""Where the embedded servers keep their data and their sockets."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = USER = "helpdesk"


class CannotStart(Exception):
    """Why a server or the desk cannot start: one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Places:
    """Every path of one installation, derived from its ``var`` folder alone."""

    var: Path

    @property
    def sockets(self) -> Path:
        """A short folder, since the path of a Unix socket may hold some 100 bytes (104 on macOS)."""
        return Path("/tmp") / f"hd-{hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]}"

    @property
    def postgres_data(self) -> Path:
        return self.var / "postgres"

    @property
    def postgres_sockets(self) -> Path:
        """PostgreSQL's own folder: as root another user owns it than the other sockets."""
        return self.sockets / "pg"

    @property
    def postgres_socket(self) -> Path:
        return self.postgres_sockets / ".s.PGSQL.5432"

    @property
    def redis_data(self) -> Path:
        return self.var / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def supervisor_socket(self) -> Path:
        return self.sockets / "supervisor.sock"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def run(self) -> Path:
        """One file per running process, by which a later start finds what a crash left behind."""
        return self.var / "run"

    @property
    def database_url(self) -> str:
        return f"postgresql://{USER}@{quote(str(self.postgres_sockets), safe='')}/{DATABASE}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.redis_socket}"


def places(var: Path) -> Places:
    """The places of the installation whose data lie in ``var`` (which need not exist yet)."""
    return Places(Path(os.path.realpath(var)))


def make_sockets(where: Places) -> None:
    """Make the folder for sockets, and refuse one that somebody else has put there."""
    where.sockets.mkdir(mode=0o700, exist_ok=True)
    found = os.lstat(where.sockets)
    if not stat.S_ISDIR(found.st_mode):
        raise CannotStart(f"{where.sockets} is not a folder; remove it and start again.")
    if found.st_uid != os.geteuid():
        if os.geteuid() != 0:
            raise CannotStart(f"{where.sockets} belongs to another user; remove it and start again.")
        os.chown(where.sockets, 0, 0)
    # PostgreSQL runs as a lesser user than root and must be able to walk to its own folder.
    where.sockets.chmod(0o711 if os.geteuid() == 0 else 0o700)
