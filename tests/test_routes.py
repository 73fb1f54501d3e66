"""Who may open what: every route of the house against every role (T13). A route without a stated rule fails.

Rules stand beside the routes (``ACCESS`` in each module of routes, see ``common.routes``); objects for the words in
a URL in ``tests/route_examples.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.routes import ACCESS as ACCOUNT_ACCESS
from common.routes import HIDDEN, NOBODY, OK, PUBLIC, ROLES, SIGN_IN, Rule
from tests.route_examples import NO_TEST_OBJECT, examples

ELSEWHERE = {**ACCOUNT_ACCESS, "healthz": PUBLIC, "readyz": PUBLIC, "metrics": PUBLIC}
"""Rules of routes that stand in modules of other people's."""


class Route(NamedTuple):
    name: str
    words: tuple[str, ...]
    rule: Rule | None


def routes(resolver: URLResolver, namespace: str = "", rules: dict[str, Rule] | None = None) -> Iterator[Route]:
    """Every route with its full name, the words its URL needs, and its rule."""
    module = resolver.urlconf_module
    rules = {**(rules or {}), **getattr(module, "ACCESS", {})}
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry, inner, {} if entry.namespace else rules)
        elif isinstance(entry, URLPattern):
            name = f"{namespace}{entry.name}"
            rule = rules.get(entry.name or "") or ELSEWHERE.get(name)
            yield Route(name, tuple(entry.pattern.converters) or tuple(entry.pattern.regex.groupindex), rule)


ALL = [route for route in routes(get_resolver()) if not route.name.startswith("admin:")]
RULED = [route for route in ALL if route.rule]


def test_no_route_is_without_a_rule():
    assert [route.name for route in ALL if not route.rule] == []


@pytest.fixture
def cast(carol, oscar, alice, theo, sara, mia, adam, settings) -> dict[str, User | None]:
    """Somebody for each role. Carol signs in, and her ticket is in the first team, where Theo does not serve."""
    settings.ACCOUNT_RATE_LIMITS = {}
    customer = User.objects.create_user("carol@acme.example", "a long pass phrase", name="Carol Cole")
    carol.user = customer
    carol.save(update_fields=["user"])
    return {
        "anonymous": None, "customer": customer, "agent": alice, "third_party": theo, "supervisor": sara,
        "manager": mia, "admin": adam,
    }  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_rules_say__T13(role, cast, request):
    wrong = {}
    found = examples(request)
    for route in RULED:
        if route.name in NO_TEST_OBJECT:
            continue
        kwargs = {word: found(route.name, word) for word in route.words}
        client = Client(headers={"accept": "text/html"})
        if cast[role]:
            client.force_login(cast[role])
        response = client.get(reverse(route.name, kwargs=kwargs))
        for close in response._resource_closers:  # the file that is served; ``close()`` would end the database too
            close()
        if (answer := answer_of(response)) != getattr(route.rule, role):
            wrong[route.name] = f"{getattr(route.rule, role)} expected, {answer} ({response.status_code})"
    assert wrong == {}


def answer_of(response) -> str:
    """What the door said."""
    if response.status_code == 404:
        return HIDDEN
    if response.status_code in (401, 403) or (
        response.status_code == 302 and "/login/" in response.headers["Location"].split("?")[0]
    ):
        return SIGN_IN
    return OK if response.status_code < 500 or response.status_code == 503 else f"error {response.status_code}"


@pytest.mark.parametrize("role", ROLES)
def test_the_database_pages_open_to_no_role__T13(role, cast):
    """They need a mark of their own (``is_staff``), which no grant gives."""
    client = Client()
    if cast[role]:
        client.force_login(cast[role])

    assert answer_of(client.get(reverse("admin:index"))) == getattr(NOBODY, role) == SIGN_IN
    assert answer_of(client.get(reverse("admin:customers_person_changelist"))) == SIGN_IN


def test_the_database_pages_open_to_a_superuser(db):
    root = User.objects.create_superuser("root@desk.example", "a long pass phrase", name="Root")
    client = Client()
    client.force_login(root)
    for route in routes(get_resolver()):
        if route.name.endswith(("_changelist", "_add")) and not route.words:
            response = client.get(reverse(route.name))
            assert response.status_code in (200, 403), route.name  # 403: nobody adds what an operation makes


def test_a_deactivated_colleague_is_out_at_once(alice, client):
    client.force_login(alice)
    assert client.get(reverse("desk:account")).status_code == 200

    alice.is_active = False
    alice.save(update_fields=["is_active"])

    assert answer_of(client.get(reverse("desk:account"))) == SIGN_IN
