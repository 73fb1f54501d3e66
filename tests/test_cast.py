"""The cast is what its docstring says."""

import pytest

from helpdesk import defaults
from sla import policies
from sla.models import Policy
from tickets.models import HoldReason


def test_the_cast_stands_where_its_docstring_says(taken_ticket, call, alice, sara, tier1, carol, ivan, hold_reasons):
    assert taken_ticket.assignee == alice
    assert tier1.supervisor == sara
    assert call.is_live
    assert list(call.tickets.all()) == [taken_ticket]
    assert (carol.kind, ivan.kind) == ("external", "internal")
    assert {"research", "department", "supplier", "customer_asked", "customer_owes"} == set(hold_reasons)


def test_defaults_are_made_once__S1(db):
    assert policies.default().target_for("first_response", 2) == 24 * 3600

    assert defaults.ensure() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", ["first", "after the first one's database was emptied"])
def test_defaults_are_there_after_a_transactional_test(run):
    assert Policy.objects.filter(is_default=True).exists()
    assert HoldReason.objects.exists()

    HoldReason.objects.all().delete()
