"""What the house promises about itself and a type checker cannot see: read from the code, not from running it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from customers import flags, merging
from customers import operations as people
from feedback import operations as feedback
from staff import operations as staff
from tickets import lifecycle

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "accounts", "common", "customers", "desk", "events", "feedback", "helpdesk", "intake", "notifications", "portal",
    "reports", "sla", "staff", "tickets",
)  # fmt: skip
DOORS = ("desk/", "portal/")


@cache
def code() -> dict[str, ast.Module]:
    """Every module of the product by its path; tests and migrations are none."""
    paths = [ROOT / "manage.py", *(path for app in APPS for path in sorted((ROOT / app).rglob("*.py")))]
    return {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for path in paths
        if not {"tests", "migrations"} & set(path.parts)
        and not (name := str(path.relative_to(ROOT))).startswith("test")
    }


def calls(tree: ast.AST, method: str) -> Iterator[ast.Call]:
    """``….method(…)`` and ``method(…)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) == method:
            yield node


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module that is imported, and ``module.name`` for each name of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def functions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Each function with its name, methods as ``Class.method``; what stands in a function belongs to it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{node.name}.")


def test_there_is_code_to_look_at():
    assert {"manage.py", "tickets/lifecycle/holding.py", "desk/home/views.py"} <= set(code())


# --- One way to change a ticket (R1) ---------------------------------------------

WRITES_TICKETS = ("tickets/lifecycle/", "tickets/loading/")


def test_only_lifecycle_and_loading_assign_a_tickets_status():
    offenders = []
    for name, tree in code().items():
        if name.startswith(WRITES_TICKETS):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "status" and isinstance(node.ctx, ast.Store):
                owner = ast.unparse(node.value).lower()
                if name.startswith("tickets/") or "ticket" in owner:
                    offenders.append(f"{name}:{node.lineno}")
        for method in ("update", "change", "bulk_update"):
            for call in calls(tree, method):
                names_status = any(word.arg == "status" for word in call.keywords) or (
                    method == "bulk_update" and "'status'" in ast.unparse(call)
                )
                about_tickets = "ticket" in ast.unparse(call.func).lower() or method == "change"
                if names_status and about_tickets:
                    offenders.append(f"{name}:{call.lineno}")
    assert offenders == []


def test_the_inner_rooms_of_lifecycle_open_to_tickets_alone():
    offenders = [
        f"{name}:{line}"
        for name, tree in code().items()
        if not name.startswith("tickets/")
        for module, line in imports(tree)
        if module.startswith(("tickets.lifecycle._", "tickets.loading._"))
    ]
    assert offenders == []


def test_doors_change_no_ticket_themselves():
    """They call verbs: no creating, updating or deleting of a ticket's rows behind a form (ARCHITECTURE 2)."""
    written = ("Ticket", "Entry", "Hold", "Transfer", "Escalation", "Promise", "FollowUp", "Closure", "Clock")
    offenders = []
    for name, tree in code().items():
        if not name.startswith(DOORS):
            continue
        for method in ("create", "update", "delete", "bulk_create", "get_or_create", "update_or_create"):
            for call in calls(tree, method):
                if ast.unparse(call.func).startswith(tuple(f"{model}.objects" for model in written)):
                    offenders.append(f"{name}:{call.lineno}")
    assert offenders == []


# --- Reading starts at who reads (R6, T13) ---------------------------------------

UNSEEN_BY_REASON = {
    "desk/context.py:_waiting": "counts my own: who a ticket is assigned to may see it",
    "desk/home/team.py:board": "handed to in_care_of, which starts at what may be seen",
    "desk/home/team.py:unassigned": "handed to in_care_of, which starts at what may be seen",
    "desk/home/week.py:week": "counts what I resolved myself; no row is shown",
    "desk/customers/history.py:_contacts": "narrows ids that came from visible_to",
    "desk/tickets/search.py:_tickets": "loads what the search found, which starts at visible_to",
    "desk/tickets/rows.py:_ready": "makes SQL of columns; asks for no row",
    "desk/tickets/page.py:_ready": "makes SQL of columns; asks for no row",
    "portal/views/requests.py:home": "handed to visible_as_customer, the portal's own start",
    "portal/views/requests.py:attachment": "handed to visible_as_customer, the portal's own start",
    "portal/views/submit.py:sent": "the request that this very session has just sent",
    "portal/views/requests.py:_mine": "handed to visible_as_customer, the portal's own start",
    "portal/mails.py:mail_survey": "writes a mail for the event of one ticket; nobody looks",
}
"""Reads of tickets in a door that do not start at ``visible_to``, each with why it leaks nothing."""


def test_doors_read_tickets_through_visible_to__T13():
    found = set()
    for name, tree in code().items():
        if not name.startswith(DOORS):
            continue
        for function, node in functions(tree):
            for inner in ast.walk(node):
                if (
                    isinstance(inner, ast.Attribute)
                    and ast.unparse(inner.value) == "Ticket.objects"
                    and inner.attr != "visible_to"
                ):
                    found.add(f"{name}:{function}")
    assert found == set(UNSEEN_BY_REASON)


# --- No hidden ways ---------------------------------------------------------------


def test_there_are_no_signals():
    """News travels as events (R5)."""
    forbidden = ("django.db.models.signals", "django.dispatch", "django.core.signals", "django.db.backends.signals")
    offenders = [
        f"{name}:{line}" for name, tree in code().items() for module, line in imports(tree) if module in forbidden
    ]
    assert offenders == []


SAVED_WHOLE = {
    ("desk/settings/views.py", "form.save"): "a form of its model: all of its fields were asked for",
    ("desk/settings/brand.py", "form.save"): "a form of its model: all of its fields were asked for",
    ("helpdesk/words.py", "po.save"): "a file of translations, no row",
}


def test_a_row_is_saved_by_its_fields():
    """A bare ``save()`` writes over what somebody else changed meanwhile (R13); ``force_insert`` says it is new."""
    offenders = [
        f"{name}:{call.lineno}"
        for name, tree in code().items()
        for call in calls(tree, "save")
        if not call.args and not {word.arg for word in call.keywords} & {"update_fields", "force_insert", None}
        if (name, ast.unparse(call.func)) not in SAVED_WHOLE and "super()" not in ast.unparse(call)
    ]
    assert offenders == []


READS_THE_ENVIRONMENT = (
    "helpdesk/env.py",
    "helpdesk/launch/",
    "helpdesk/embedded/",
    "helpdesk/testing.py",
    "helpdesk/pytest_plugin.py",
)


def test_one_module_reads_the_environment():
    """Settings come through ``helpdesk.env`` (R19). Programs name their settings; servers get an environment."""
    offenders = []
    for name, tree in code().items():
        if name.startswith(READS_THE_ENVIRONMENT):
            continue
        source = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Subscript)]
        named = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'helpdesk.settings')"
        offenders += [
            f"{name}: {one}" for one in source if one.startswith(("os.environ", "os.getenv")) and one != named
        ]
    assert offenders == []


SIGNING_IN = tuple(f"accounts/{name}.py" for name in ("adapter", "carrying", "limits", "middleware", "urls"))
KNOWS_HTTP = (*DOORS, "helpdesk/", *SIGNING_IN)


@pytest.mark.parametrize("module", ["django.http", "django.shortcuts", "django.views", "rest_framework"])
def test_only_doors_know_http(module):
    offenders = [
        f"{name}:{line}"
        for name, tree in code().items()
        if not name.startswith(KNOWS_HTTP)
        for imported, line in imports(tree)
        if imported == module or imported.startswith(f"{module}.")
    ]
    assert offenders == []


MARKED_SAFE = {
    "desk/templatetags/desk_tickets.py",
    "common/templatetags/desk_ui.py",
    "common/text.py",
    "notifications/rendering.py",
    "portal/when.py",
}


def test_no_text_of_a_template_is_called_safe_but_where_it_was_cleaned():
    """``mark_safe`` stands only where nh3 has cleaned or nothing of a person's is in it."""
    found = {name for name, tree in code().items() for _call in calls(tree, "mark_safe")}
    assert found <= MARKED_SAFE


# --- Verbs say their rule ----------------------------------------------------------


@pytest.mark.parametrize("name", lifecycle.__all__)
def test_every_verb_states_its_rule(name):
    verb = getattr(lifecycle, name)
    assert inspect.getdoc(verb), name


@pytest.mark.parametrize("name", lifecycle.__all__)
def test_every_verb_has_one_shape(name):
    """The object first, the rest by keyword, and when it happened (R2)."""
    words = inspect.signature(getattr(lifecycle, name)).parameters
    _first, *others = words.values()
    assert all(word.kind is word.KEYWORD_ONLY or word.name == "at" for word in others), name
    assert "at" in words, name
    assert "by" in words or "due" in name or name in BY_THE_CLOCK, name


BY_THE_CLOCK = {"close_silent", "climb_escalation", "receive", "hand_on_follow_ups"}
"""What falls due by itself, or is done by whoever writes."""


@pytest.mark.parametrize("module", [people, merging, flags, staff, feedback], ids=lambda module: module.__name__)
def test_every_operation_states_its_rule(module):
    silent = [
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_") and not inspect.getdoc(function)
    ]
    assert silent == []
