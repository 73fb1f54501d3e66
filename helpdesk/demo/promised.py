"""What the demo desk promises beside its 24 hours: more to Gold customers, otherwise to the warehouse."""

from __future__ import annotations

from customers.models import CustomerType, Department
from customers.plans import add_plan, give_plan
from desk.settings.service_levels.new_hours import calendar_of
from helpdesk.demo.cast import Cast
from sla.models import HOUR, Metric
from sla.operations import Terms, add_policy

GOLD = ("Aurora Housing", "Hotel Kastanienhof")


def build(cast: Cast) -> None:
    """A plan with its policy, and one for a department of the house; both hold since ever."""
    marta = cast.users["marta"]
    office = calendar_of("Mon–Fri 8–18", "Europe/Oslo", by=marta)
    gold = add_plan("Gold", by=marta)
    for firm in {one.organisation for one in cast.external if one.organisation and one.organisation.name in GOLD}:
        give_plan(firm, gold, by=marta)
    add_policy(
        "Gold external customers",
        Terms(
            customer_type=CustomerType.EXTERNAL, plan=gold, calendar=office,
            targets={
                Metric.FIRST_RESPONSE: {"": 4 * HOUR, "4": HOUR},
                Metric.NEXT_RESPONSE: {"": 8 * HOUR},
                Metric.RESOLUTION: {"": 40 * HOUR},
            },
        ),
        by=marta,
    )  # fmt: skip
    add_policy(
        "Warehouse",
        Terms(
            customer_type=CustomerType.INTERNAL, department=Department.objects.get(name="Warehouse"), calendar=office,
            targets={
                Metric.FIRST_RESPONSE: {"": 8 * HOUR},
                Metric.NEXT_RESPONSE: {"": 16 * HOUR},
                Metric.TRANSFER: {"": 2 * HOUR},
            },
            pauses_on_pending=True, pauses_on_hold=False,
        ),
        by=marta,
    )  # fmt: skip
