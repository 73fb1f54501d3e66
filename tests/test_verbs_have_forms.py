"""People can do whatever the verbs of a ticket's life allow: for each there is a form on a page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from common.routes import OK
from desk.tickets.acts import BY_THE_DESK, ELSEWHERE, FORM_OF
from desk.tickets.urls import ACCESS
from tests.route_examples import examples
from tests.test_routes import ALL
from tickets import lifecycle

WORDS = {route.name: route.words for route in ALL}


def test_every_verb_has_a_form_or_a_reason_for_none():
    assert set(lifecycle.__all__) - set(FORM_OF) - set(ELSEWHERE) - set(BY_THE_DESK) == set()
    assert (set(FORM_OF) | set(ELSEWHERE) | set(BY_THE_DESK)) - set(lifecycle.__all__) == set()


@pytest.mark.parametrize("verb", sorted(FORM_OF))
def test_its_page_holds_the_form(verb, client, alice, request):
    route = FORM_OF[verb]
    find = examples(request)
    address = reverse(route, kwargs={word: find(route, word) for word in WORDS[route]})
    client.force_login(alice)

    html = client.get(address).content.decode()

    assert f'method="post" action="{address}"' in html
    assert ACCESS[route.removeprefix("desk:")].agent == OK


SENT_TO = {"desk:log_contact": "desk:log_contact", "portal:request": "portal:reply"}
"""Where the form of another room's page is sent."""


@pytest.mark.parametrize("verb", sorted(ELSEWHERE))
def test_other_rooms_have_the_rest(verb, client, alice, carol, taken_ticket):
    page, target = ELSEWHERE[verb], SENT_TO[ELSEWHERE[verb]]
    carol.user = User.objects.create_user("carol@acme.example", "a long pass phrase", name="Carol Cole")
    carol.save(update_fields=["user"])
    client.force_login(carol.user if page.startswith("portal:") else alice)

    def address(route: str) -> str:
        return reverse(route, kwargs=dict.fromkeys(WORDS[route], taken_ticket.number))

    response = client.get(address(page))

    assert response.status_code == 200
    assert f'method="post" action="{address(target)}"' in response.content.decode()
