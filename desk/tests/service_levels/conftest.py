"""What a manager sends when she sets up service levels."""

from __future__ import annotations

import pytest

from customers.plans import add_plan, give_plan


@pytest.fixture
def as_manager(client, mia):
    mia.time_zone = "Europe/Oslo"
    mia.save(update_fields=["time_zone"])
    client.force_login(mia)
    return client


@pytest.fixture
def gold(mia, acme):
    """Acme's people are served by it."""
    plan = add_plan("Gold", by=mia)
    give_plan(acme, plan, by=mia)
    return plan


@pytest.fixture
def fields():
    """``fields(first_response="1 h", …)``: the form of a policy, as a browser sends it."""

    def filled(**changes):
        return {
            "customer_type": "external", "plan": "Gold", "first_response": "1 h", "calendar": "new",
            "new_hours": "Mon–Fri 8–18", "new_zone": "Europe/Oslo", "holds": "now", "pauses_on_pending": "on",
            "pauses_on_hold": "on", **changes,
        }  # fmt: skip

    return filled
