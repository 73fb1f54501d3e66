"""Every sentence that a customer may read, found in the code: so that none is left untranslated.

``manage.py words`` writes them into ``locale/*/LC_MESSAGES/django.po``, where people translate them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
FOR_CUSTOMERS = (
    "portal/**/*.py",
    "templates/portal/*.html",
    "templates/account/*.html",
    "templates/allauth/**/*.html",
    "templates/errors/*.html",
    "templates/notifications/*",
    "templates/[0-9]*.html",
    "templates/base.html",
    "templates/components/*.html",
    "accounts/carrying.py",
    "accounts/forms.py",
    "common/durations.py",
    "common/quotes.py",
    "common/text.py",
    "notifications/notices.py",
    "notifications/rendering.py",
    "notifications/outbox.py",
    "notifications/reactions.py",
    "tickets/attachments.py",
    "tickets/links.py",
    "tickets/lifecycle/confirming.py",
)
MIXED = {
    "common/clock.py": ("%(date)s",),
    "common/templatetags/desk_ui.py": (
        "%(span)s",
        "in %(span)s",
        "just",
        "That did",
        "Too large",
        "You are",
        "Close",
        "Nobody",
        "Remove",
    ),
    "customers/models.py": ("Unknown caller",),
    "feedback/operations.py": ("Choose a number", "This survey has ended"),
    "helpdesk/defaults.py": ("we need", "we are", "you asked"),
    "tickets/lifecycle/_hold_terms.py": ("Dear",),
    "tickets/lifecycle/escalating.py": ("Dear", "Somebody", "You asked"),
    "tickets/lifecycle/transferring.py": ("Dear",),
    "tickets/policy/escalating.py": ("A closed ticket",),
}
"""Files that speak to staff too, with the beginnings of what they say to customers."""
NOT_FOR_CUSTOMERS = ("/tests/", "/migrations/")
PLAIN, CONTEXT, PLURAL = {"gettext", "gettext_lazy", "gettext_noop"}, {"pgettext", "pgettext_lazy"}, {
    "ngettext", "ngettext_lazy"
}  # fmt: skip
CALL = re.compile(
    r"""(?<![\w.])(_|gettext|ngettext|pgettext)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""(?:\s*,\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))?"""
)


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """What is translated, with its plural and its context where it has them."""

    text: str
    plural: str = ""
    context: str = ""


def sentences() -> dict[Sentence, list[str]]:
    """Every sentence for customers, and the files it stands in."""
    found: dict[Sentence, list[str]] = {}
    for path in sorted({path for pattern in (*FOR_CUSTOMERS, *MIXED) for path in ROOT.glob(pattern)}):
        name = path.relative_to(ROOT).as_posix()
        if not path.is_file() or any(part in f"/{name}" for part in NOT_FOR_CUSTOMERS):
            continue
        text = path.read_text(encoding="utf-8")
        for sentence in _of_python(text) if path.suffix == ".py" else _of_template(text, name):
            if name in MIXED and not sentence.text.startswith(MIXED[name]):
                continue
            if name not in found.setdefault(sentence, []):
                found[sentence].append(name)
    return found


def _of_python(text: str) -> Iterator[Sentence]:
    tree = ast.parse(text)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            words = [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
            yield from _sentence(names[node.func.id], words)


def _of_template(text: str, name: str) -> Iterator[Sentence]:
    for function, first, second in CALL.findall(templatize(text, origin=name)):
        words = [ast.literal_eval(word) for word in (first, second) if word]
        yield from _sentence("gettext" if function == "_" else function, words)


def _sentence(function: str, words: list[str]) -> Iterator[Sentence]:
    if function in PLAIN and words and words[0].strip():
        yield Sentence(words[0])
    elif function in CONTEXT and len(words) > 1:
        yield Sentence(words[1], context=words[0])
    elif function in PLURAL and len(words) > 1:
        yield Sentence(words[0], plural=words[1])


def entry_of(po: polib.POFile, sentence: Sentence) -> polib.POEntry | None:
    """The entry of a language's file for this sentence."""
    return po.find(sentence.text, msgctxt=sentence.context or False)


def update(path: Path) -> int:
    """Put the sentences of today into a language's file and drop those of yesterday; how many are untranslated."""
    po = polib.pofile(str(path), wrapwidth=116)
    wanted = sentences()
    known = {(entry.msgid, entry.msgctxt or ""): entry for entry in po}
    po.clear()
    for sentence, places in sorted(wanted.items()):
        entry = known.get((sentence.text, sentence.context)) or polib.POEntry(msgid=sentence.text)
        entry.msgctxt, entry.msgid_plural = sentence.context or None, sentence.plural
        entry.occurrences = [(place, "") for place in places]
        entry.flags = ["python-format"] if re.search(r"%\(\w+\)[sd]", sentence.text) else []
        if sentence.plural and not entry.msgstr_plural:
            entry.msgstr_plural = {0: "", 1: ""}
        po.append(entry)
    po.save()
    return len(po.untranslated_entries())
