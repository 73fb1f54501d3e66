"""Named points at which a test lets a process die as a crash would. Without ``HELPDESK_FAULT`` they do nothing."""

import os
import signal
from contextlib import suppress

from django.conf import settings


def point(name: str) -> None:
    """Die here (KILL), once, when ``HELPDESK_FAULT`` is ``name=/path/of/marker``; the marker file says it happened."""
    named, _, marker = settings.FAULT.partition("=")
    if named != name or not marker:
        return
    with suppress(FileExistsError):
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.kill(os.getpid(), signal.SIGKILL)
