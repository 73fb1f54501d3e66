"""Which languages the desk's own words exist in."""

from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def spoken() -> frozenset[str]:
    """English, and every language with a file of translations."""
    folders = (folder for path in settings.LOCALE_PATHS for folder in Path(path).glob("*/LC_MESSAGES/django.po"))
    return frozenset({"en", *(folder.parent.parent.name.replace("_", "-") for folder in folders)})


def speak(code: str) -> str:
    """This language where we speak it, else the desk's own: a page in one language beats one in two."""
    return code if code in spoken() else settings.LANGUAGE_CODE
