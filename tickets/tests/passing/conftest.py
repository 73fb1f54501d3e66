"""Shortcuts of the tests about passing a case on and stepping in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from staff.models import Team
from tickets.lifecycle import transferring
from tickets.models import Consent, Ticket, Transfer


@pytest.fixture
def pass_on(billing: Team, alice: User) -> Callable[..., Transfer]:
    """``pass_on(ticket, to_team=…)``: a transfer in writing by alice to billing, with every field filled."""

    def transfer(ticket: Ticket, **changes: Any) -> Transfer:
        fields: dict[str, Any] = {
            "by": alice,
            "to_team": billing,
            "reason": Transfer.Reason.EXPERTISE,
            "consent": Consent.TOLD,
            "understood": "The invoice names the wrong printer.",
            "tried": "Looked it up in the order.",
        }
        return transferring.transfer(ticket, **{**fields, **changes})

    return transfer


@pytest.fixture
def monday_morning(monday: datetime) -> datetime:
    return monday
