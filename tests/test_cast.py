"""The cast is what its docstring says."""

from helpdesk import defaults
from sla.models import Policy


def test_the_cast_stands_where_its_docstring_says(taken_ticket, call, alice, sara, tier1, carol, ivan, hold_reasons):
    assert taken_ticket.assignee == alice
    assert tier1.supervisor == sara
    assert call.is_live
    assert list(call.tickets.all()) == [taken_ticket]
    assert (carol.kind, ivan.kind) == ("external", "internal")
    assert {"research", "department", "supplier", "customer_asked", "customer_owes"} == set(hold_reasons)


def test_defaults_are_made_once__S1(db):
    assert Policy.objects.get(is_default=True).first_response_seconds == 24 * 3600

    assert defaults.ensure() == []
