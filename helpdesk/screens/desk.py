"""The two desks that are pictured, and who looks at them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Role, RoleGrant, User
from customers.models import Person
from events import dispatch
from events.models import Event
from feedback.models import Invitation
from helpdesk.demo import desk as demo
from helpdesk.demo.cast import DOMAIN, PASSWORD
from notifications.models import OutgoingMail
from portal.mails import mail_survey
from staff.models import Team
from tickets import lifecycle
from tickets.models import Channel, Consent, TicketType

ADDRESSES = {
    "customer": "ruth.adeyemi@aurorahousing.example",
    "customer-he": "miriam.halevi@carmeldental.example",
    "agent": f"ingrid@{DOMAIN}",
    "agent-he": f"yael@{DOMAIN}",
    "third-party": f"ravi@{DOMAIN}",
    "supervisor": f"samir@{DOMAIN}",
    "manager": f"marta@{DOMAIN}",
    "admin": f"ada@{DOMAIN}",
}
"""Who looks, by role; ``visitor`` is nobody who is signed in. The Hebrew two read from right to left."""

EMPTY_ROLES = {"agent": Role.AGENT, "supervisor": Role.SUPERVISOR, "manager": Role.MANAGER, "admin": Role.ADMIN}


def fill_empty() -> None:
    """A desk on its first day: colleagues, and nothing to do."""
    call_command("ensure_defaults", verbosity=0)
    for key, role in EMPTY_ROLES.items():
        address = ADDRESSES[key]
        user = User.objects.create_user(address, PASSWORD, name=f"{address.split('@')[0].title()} Nes")
        RoleGrant.objects.create(user=user, role=role)
    User.objects.create_user(ADDRESSES["customer"], PASSWORD, name="Ruth Adeyemi")


def fill_demo(share: float = 1.0) -> None:
    """The desk of the demo (or a share of it), with somebody on each side who reads Hebrew."""
    if User.objects.filter(email=ADDRESSES["customer-he"]).exists():
        if not OutgoingMail.objects.exists():
            _mail_the_last_day()
        return  # kept from an earlier run
    if User.objects.exists():
        call_command("flush", interactive=False, verbosity=0)
    call_command("ensure_defaults", verbosity=0)
    demo.make(timezone.now(), share=share)
    User.objects.filter(email=ADDRESSES["agent-he"]).update(language="he")
    reader = Person.objects.get(addresses__address=ADDRESSES["customer-he"])
    reader.user = User.objects.create_user(ADDRESSES["customer-he"], PASSWORD, name=reader.name, language="he")
    reader.save(update_fields=["user"])
    _give_each_customer_a_request()
    _give_the_agent_a_quiet_one()
    Invitation.objects.filter(status="sent").update(expires_at=timezone.now() + timedelta(days=7))
    _mail_the_last_day()


def _give_each_customer_a_request() -> None:
    """One that we hold with their knowledge: the sentence that no other desk has."""
    now, agent = timezone.now(), User.objects.get(email=ADDRESSES["agent"])
    for role in ("customer", "customer-he"):
        person = Person.objects.get(user__email=ADDRESSES[role])
        team = Team.objects.get(name__startswith="Heating")
        with dispatch.silenced():
            ticket = lifecycle.open_ticket(
                requester=person, subject="The radiator in the hall stays cold", text="Since Monday, in flat 12.",
                channel=Channel.WEB, by=person, team=team, at=now - timedelta(hours=5),
            )  # fmt: skip
            lifecycle.take(ticket, by=agent, at=now - timedelta(hours=4))
            lifecycle.hold(
                ticket, by=agent, reason="supplier", consent=Consent.TOLD, until=now + timedelta(hours=20),
                at=now - timedelta(hours=3),
            )  # fmt: skip


def _give_the_agent_a_quiet_one() -> None:
    """An open incident on which nothing runs, so that every act may be tried."""
    now, agent = timezone.now(), User.objects.get(email=ADDRESSES["agent"])
    with dispatch.silenced():
        person = Person.objects.get(name="Mirjam Lund")
        ticket = lifecycle.open_ticket(
            requester=person, subject="The thermostat shows E7", text="It began after the update on Friday.",
            type=TicketType.INCIDENT, channel=Channel.EMAIL, at=now - timedelta(hours=9), by=person,
            team=Team.objects.get(name__startswith="Heating"),
        )  # fmt: skip
        lifecycle.take(ticket, by=agent, at=now - timedelta(hours=8))
        lifecycle.reply(ticket, by=agent, text="Please hold the knob for ten seconds.", at=now - timedelta(hours=8))


def _mail_the_last_day() -> None:
    """What the workers would do within a minute: the last day's mails, of which one could not be delivered."""
    with dispatch.silenced():
        dispatch.sweep(limit=400)
        for event in Event.objects.filter(kind="survey.sent").order_by("-pk")[:1]:
            mail_survey(event)
    mails = OutgoingMail.objects.order_by("pk")
    mails.update(status=OutgoingMail.Status.KEPT)
    refused = "SMTPRecipientsRefused: 550 5.1.1 No such user here"
    mails.filter(pk__in=list(mails.values_list("pk", flat=True)[:2])).update(
        status=OutgoingMail.Status.FAILED, error=refused, attempts=1
    )


def sign_in(roles: Iterable[str]) -> dict[str, str]:
    """The session of each role, as the value of its cookie; none for a visitor."""
    sessions = {}
    for role in set(roles) - {"visitor"}:
        client = Client()
        client.force_login(User.objects.get(email=ADDRESSES[role]))
        sessions[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return sessions
