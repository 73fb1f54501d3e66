"""What a promise depends on, kept in the process, and current whoever changed it."""

from datetime import time, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import values
from sla import operations, policies
from sla.rulebook import rulebook
from sla.values import SLA_WARN_OWNER_PERCENT
from staff import calendars, hours
from staff.calendars import Terms
from staff.models import Calendar, CalendarSpan

FACTS = policies.Facts(customer_type="external", channel="email", ticket_type="question", priority=2)


@pytest.fixture
def office(db):
    calendar = Calendar.objects.create(name="Office", time_zone="Europe/Oslo")
    CalendarSpan.objects.create(calendar=calendar, weekday=0, opens=time(8), closes=time(16))
    calendars.publish(calendar)
    return calendar


def test_it_says_what_each_of_them_says(policy, make_policy, office, now):
    make_policy("Mail", channel="email", calendar=office)
    rules = rulebook()

    version = rules.policy_for(FACTS, now)
    assert version == policies.policy_for(FACTS, now) != policies.default()
    assert rules.hours_for(version, now) == hours.version_at(office.pk, now)
    assert rules.hours_for(policies.default(), now) is None
    assert rules.percents == (75, 90)


def test_it_costs_one_query_once_it_is_known(policy, office):
    rulebook()

    with CaptureQueriesContext(connection) as asked:
        rulebook()
    assert len(asked) == 1


def test_what_anybody_changes_holds_at_once(policy, make_policy, office):
    """Each is a change that another process may have made: nothing tells this one but what it asks."""
    before = rulebook()
    mail = make_policy("Mail", channel="email")
    assert rulebook().policy_for(FACTS, timezone.now()).policy == mail

    version = calendars.change_calendar(
        office, Terms(time_zone="Europe/Oslo", hours={1: [(time(9), time(10))]}), by=None
    )
    assert len(rulebook().calendars[office.pk]) == len(before.calendars[office.pk]) + 1
    assert version.pk in {known[0] for known in rulebook().calendars[office.pk]}

    values.put(SLA_WARN_OWNER_PERCENT, 60, by=None)
    values.put(SLA_WARN_OWNER_PERCENT, 50, by=None)
    assert rulebook().percents == (50, 90)

    operations.retire_policy(mail, by=None)
    assert rulebook().policy_for(FACTS, timezone.now() + timedelta(seconds=1)).policy == policy


def test_what_was_rolled_back_never_was(policy, make_policy):
    with transaction.atomic():
        make_policy("Mail", channel="email")
        assert rulebook().policy_for(FACTS, timezone.now()).policy.name == "Mail"
        transaction.set_rollback(True)

    assert rulebook().policy_for(FACTS, timezone.now()).policy == policy


def test_a_calendar_that_was_never_published_is_published_when_a_clock_needs_it(policy, make_policy, now):
    calendar = Calendar.objects.create(name="New", time_zone="UTC")
    rules = rulebook()
    version = make_policy("Mail", channel="email").versions.get()
    version.calendar = calendar

    assert rules.hours_for(version, now) == calendar.versions.get().pk
