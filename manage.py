#!/usr/bin/env python3
"""Django's command line for the help desk."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

OWN_PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"


def main() -> None:
    """Run a command, under the checkout's own Python when this one has no Django."""
    if find_spec("django") is None and OWN_PYTHON.exists():
        os.execv(OWN_PYTHON, [str(OWN_PYTHON), *sys.argv])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as problem:
        if "connection" not in str(problem):
            raise
        sys.exit(f"The database does not answer; start bin/up, or set DATABASE_URL. ({str(problem).splitlines()[0]})")


if __name__ == "__main__":
    main()
