"""Static files under hashed names."""

import re
from collections.abc import Callable
from typing import Any

from common.static_bundle import BundledStaticFilesStorage


class HashedFiles(BundledStaticFilesStorage):
    """Bundled entries, hashed and compressed names; a module's imports too, so that a browser never mixes two releases.

    A file that was not collected keeps its plain name: a picture missing is better than a page that fails.
    """

    support_js_module_import_aggregation = True
    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name, or the plain one when nothing was collected."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name

    def url_converter(self, name: str, *args: Any, **kwargs: Any) -> Callable[[re.Match[str]], str]:
        """As Django's, for our own modules; other people's scripts name modules in comments that are not there."""
        convert = super().url_converter(name, *args, **kwargs)
        foreign = name.endswith((".js", ".mjs")) and not name.startswith("js/")
        return (lambda match: match["matched"]) if foreign else convert
