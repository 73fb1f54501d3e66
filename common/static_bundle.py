"""Static files as served: hashed, compressed, and the entry files with their imports written into them.

``css/desk.css`` and ``js/desk.js`` only list imports. A browser follows them while one develops; at collectstatic they
become one file each, so that a page asks for one style sheet and one script.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from common.icons import SPRITE, sprite

ENTRIES = ("css/desk.css", "js/desk.js", "js/composer.js")
CSS_IMPORT = re.compile(r'^@import url\("([^"]+)"\);$', re.MULTILINE)
CSS_URL = re.compile(r"url\(\./([^)]+)\)")
JS_IMPORT = re.compile(r'^import "\./([^"]+)";$', re.MULTILINE)
JS_NAMED_IMPORT = re.compile(r'^import (\{ [\w, ]+ \}) from "(\.\.?/[^"]+)";$', re.MULTILINE)
JS_EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE)


def bundled(name: str, read: Any) -> str:
    """The text of an entry file with its own imports in place; ``read`` gives a file's text, or KeyError."""
    if name.endswith(".css"):
        return _sheet(name, read)
    shared: dict[str, str] = {}
    text = _script(name, read, shared)
    return "".join(shared.values()) + text


def _sheet(name: str, read: Any) -> str:
    folder = posixpath.dirname(name)

    def inline(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, match[1]))
        try:
            text = _sheet(path, read)
        except KeyError:  # fonts come from npm: without them pages use the reader's own
            return ""
        moved = posixpath.relpath(posixpath.dirname(path), folder)
        return text if moved == "." else CSS_URL.sub(lambda m: f"url({moved}/{m[1]})", text)

    return CSS_IMPORT.sub(inline, read(name))


def _script(name: str, read: Any, shared: dict[str, str]) -> str:
    """A module with its imports in place: a block keeps each one's names apart; what several import by name goes into
    ``shared``, once, before those that need it."""
    folder = posixpath.dirname(name)

    def inline(match: re.Match[str]) -> str:
        return f"{{\n{_script(posixpath.normpath(posixpath.join(folder, match[1])), read, shared)}}}"

    def take(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, match[2]))
        holder = re.sub(r"\W", "_", path)
        if path not in shared:
            text = _script(path, read, shared)
            names = ", ".join(found[1] for found in JS_EXPORT.finditer(text))
            shared[path] = f"const {holder} = (() => {{\n{JS_EXPORT.sub('', text)}return {{ {names} }};\n}})();\n"
        return f"const {match[1]} = {holder};"

    return JS_NAMED_IMPORT.sub(take, JS_IMPORT.sub(inline, read(name)))


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that bundles before it hashes."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Bundle, then hash and compress what was collected."""

        def read(path: str) -> str:
            source, inner = paths[path]
            with source.open(inner) as file:
                return str(file.read(), "utf-8")

        if not dry_run:
            for name in ENTRIES:
                if name in paths:
                    text = bundled(name, read)
                    self.delete(name)
                    self._save(name, ContentFile(text.encode()))
                    paths[name] = (self, name)
            self.delete(SPRITE)
            self._save(SPRITE, ContentFile(sprite().encode()))
            paths[SPRITE] = (self, SPRITE)
        yield from super().post_process(paths, dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages ask for, the hashed names; a plain twin that a package's own file names goes as it is."""
        hashed = set(self.hashed_files.values())
        yield from super().compress_files(path for path in paths if path in hashed)
