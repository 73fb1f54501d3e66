"""``python -m helpdesk.launch.prepare [--no-demo]``: what Django must do before the first page."""

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError, OperationalError

from helpdesk.launch import translations
from helpdesk.launch.install import ROOT, VENV, say

UNSERVED = ["htmx-4*", "htmax-4*", "ext", "LICENSE*"]  # parts of packages that no page asks for


def main(*, demo: bool) -> None:
    """Compile the translations, collect the static files, migrate; fill a new database with what a desk needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    translations.compile_all()
    with ThreadPoolExecutor(max_workers=1) as aside:
        files = aside.submit(collect)  # asks nothing of the database: it compresses while the tables are made
        call_command("migrate", interactive=False, verbosity=0)
        call_command("ensure_defaults", verbosity=0)
        files.result()
    if demo:
        load_demo()


def collect() -> None:
    """Gather the static files anew (an old compressed twin would be served), unless all is as it was."""
    stamp = settings.VAR_DIR / "static.stamp"
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and settings.STATIC_ROOT.is_dir():
        return
    say("Collecting the static files …")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=UNSERVED)
    stamp.write_text(wanted, encoding="utf-8")


def load_demo() -> None:
    """Load the demo once, into a database in which nobody can sign in yet; an interrupted load is done again."""
    begun = settings.VAR_DIR / "demo.begun"
    if "demo" not in get_commands():
        return
    from django.contrib.auth import get_user_model  # needs the apps

    if get_user_model().objects.exists() and not begun.exists():
        return
    say("Loading the demo data …")
    begun.touch()
    call_command("demo", verbosity=0)
    begun.unlink()


def _fingerprint() -> str:
    """Changes whenever a static file could: ours by size and time, the packages' by what is installed."""
    digest = hashlib.sha256()
    for stamp in (
        VENV / ".requirements.txt.stamp",
        VENV / ".requirements-dev.txt.stamp",
        ROOT / "build" / "vendor.stamp",
    ):
        digest.update(stamp.read_bytes() if stamp.exists() else b"-")
    folders = [ROOT / "static", *(path for path in ROOT.glob("*/static") if path != settings.STATIC_ROOT)]
    for path in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
        found = path.stat()
        digest.update(f"{path.relative_to(ROOT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        main(demo="--no-demo" not in sys.argv)
    except OperationalError as problem:
        sys.exit(f"The database does not answer: {str(problem).strip().splitlines()[0]}")
    except (DatabaseError, CommandError, ImproperlyConfigured) as problem:
        sys.exit(f"{type(problem).__name__}: {str(problem).strip().splitlines()[0]}")
