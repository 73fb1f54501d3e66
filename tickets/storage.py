"""Where attachments lie on a disk of this machine; another place is another storage in the settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableFiles(FileSystemStorage):
    """Files that are on the disk before the row that points at them commits."""

    def _save(self, name: str, content: File[Any]) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]  # Django's own hook, which the stubs leave out
        path = Path(self.path(saved))
        for place in (path, path.parent):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return saved
