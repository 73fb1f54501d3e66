"""Where the pages of the table are: addresses of objects that the demo holds, the same ones in every run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from customers.models import Department, Organisation, Person, SupportPlan
from feedback.links import survey_path
from feedback.models import Invitation
from helpdesk.screens.desk import ADDRESSES
from notifications import rendering
from notifications.models import OutgoingMail
from sla.models import Policy
from staff.models import Brand, Calendar, Team
from tickets import lifecycle
from tickets.links import closure_token
from tickets.models import Category, Channel, Closure, Contact, HoldReason, Ticket


def ticket(act: str = "", **wanted: Any) -> str:
    """A ticket's page, or the form of one of its acts; one of the agent's own where there is one."""
    return reverse(f"desk:{act}" if act else "desk:ticket", args=[_ticket(**wanted).number])


def _ticket(**wanted: Any) -> Ticket:
    agent = User.objects.get(email=ADDRESSES["agent"])
    found = Ticket.objects.filter(**({"status": "open"} | wanted)).annotate(size=Count("entries", distinct=True))
    heating = found.filter(team__name__startswith="Heating")
    for choice in (heating.filter(assignee=agent), heating, found):
        if (first := choice.order_by("-size", "number").first()) is not None:
            return first
    raise LookupError(f"The demo has no ticket with {wanted}.")


def quiet_ticket() -> str:
    """An open ticket of the agent on which nothing runs: every act may be tried."""
    return reverse("desk:ticket", args=[_quiet().number])


def quiet_act(act: str) -> str:
    """The form of an act on that ticket."""
    return reverse(f"desk:{act}", args=[_quiet().number])


def _quiet() -> Ticket:
    return _ticket(holds=None, transfers=None, escalations=None, promises=None, type="incident")


def live_ticket() -> str:
    """A ticket while its customer is on the phone."""
    agent = User.objects.get(email=ADDRESSES["agent"])
    found = _ticket(status="pending", holds=None)
    if not found.contacts.filter(ended_at=None, channel=Channel.PHONE, handled_by=agent).exists():
        lifecycle.begin_contact(
            by=agent, person=found.requester, channel=Channel.PHONE, direction=Contact.Direction.INBOUND,
            tickets=[found], at=timezone.now() - timedelta(minutes=3),
        )  # fmt: skip
    return reverse("desk:ticket", args=[found.number])


def clock() -> str:
    """How a due time explains itself."""
    found = _ticket(clocks__isnull=False)
    return reverse("desk:clock", args=[found.number, found.clocks.order_by("pk")[0].pk])


def clocks() -> str:
    """All clocks of a ticket, some of which have ended."""
    found = _ticket(clocks__stopped_at__isnull=False, status="open")
    return reverse("desk:all_clocks", args=[found.number])


def person(part: str = "", name: str = "Miriam Halevi") -> str:
    """A customer's page, or a form on it."""
    return reverse(f"desk:customer{part}", args=[Person.objects.get(name=name).pk])


def organisation(part: str = "") -> str:
    """An organisation's page, or its form."""
    return reverse(f"desk:organisation{part}", args=[Organisation.objects.get(name="Aurora Housing").pk])


def department() -> str:
    """A department's page."""
    return reverse("desk:department", args=[Department.objects.order_by("name")[0].pk])


def setting(route: str) -> str:
    """A form of the settings, on the first object of its kind."""
    first: dict[str, Any] = {
        "team": Team, "colleague": User, "category": Category, "hold_reason": HoldReason, "brand": Brand,
    }  # fmt: skip
    found = (
        User.objects.filter(email=ADDRESSES["agent"]) if route == "colleague" else first[route].objects.order_by("pk")
    )
    return reverse(f"desk:{route}", args=[found[0].pk])


def policy(name: str, part: str = "") -> str:
    """A policy whose name begins so, or the one for everybody else; or a form on it."""
    found = Policy.objects.filter(name__startswith=name) if name else Policy.objects.filter(is_default=True)
    return reverse(f"desk:policy{part}", args=[found.order_by("pk")[0].pk])


def plan() -> str:
    """The page of a support plan."""
    return reverse("desk:plan", args=[SupportPlan.objects.order_by("pk")[0].pk])


def simulated() -> str:
    """A letter of a Gold customer late on a Friday, that waits for them over the weekend."""
    plan = SupportPlan.objects.order_by("pk")[0]
    times = "at=2026-12-18T16:30&pause=pending&pause_from=2026-12-18T17:00&pause_to=2026-12-21T10:00"
    return f"{reverse('desk:simulator')}?plan={plan.pk}&zone=Europe/Oslo&{times}"


def calendar(route: str) -> str:
    """A calendar with the holidays of a country."""
    return reverse(f"desk:{route}", args=[Calendar.objects.exclude(country="").order_by("-pk")[0].pk])


def mail() -> str:
    """A mail in the outbox."""
    return reverse("desk:outbox_mail", args=[OutgoingMail.objects.order_by("-pk")[0].public_id])


def mail_html(template: str, panel: bool | None = None, **wanted: Any) -> str:
    """The HTML of the newest mail of a kind, as its reader gets it; with or without the panel that names a time."""
    found = OutgoingMail.objects.filter(template=template).exclude(html="")
    if panel is not None:
        with_panel = found.filter(html__contains='class="panel"')
        found = with_panel if panel else found.exclude(pk__in=with_panel)
    chosen = found.filter(**wanted).order_by("-pk").first() or found.order_by("-pk").first()
    if chosen is None:
        raise LookupError(f"The demo has written no mail of the kind {template}.")
    return chosen.html


def code_html() -> str:
    """A mail about signing in, which comes as text and is dressed."""
    words = f"Your sign-in code is 4F2K-9QX7.\n\nEnter it within three minutes at {settings.PUBLIC_URL}/."
    return rendering.plainly("Your sign-in code", words)


def request(role: str, **wanted: Any) -> str:
    """A customer's own request."""
    found = Ticket.objects.filter(requester__user__email=ADDRESSES[role])
    chosen = found.filter(**wanted).order_by("-number").first() or found.order_by("-number").first()
    if chosen is None:
        raise LookupError(f"The demo has no request of the {role}.")
    return reverse("portal:request", args=[chosen.number])


def confirm(answer: str, language: str = "en") -> str:
    """The page behind a mail's "is it solved?", for a question in this state."""
    found = Closure.objects.filter(answer=answer)
    chosen = found.filter(ticket__requester__language=language).order_by("-pk").first() or found.order_by("-pk")[0]
    return reverse("portal:confirm", args=[closure_token(chosen)])


def survey(score: int | None = None, *, answered: bool = False) -> str:
    """A survey that waits for its answer, or has it."""
    found = Invitation.objects.filter(status="sent", answer__isnull=not answered, expires_at__gt=timezone.now())
    return survey_path(found.order_by("pk")[0], score)


def rendered(template: str) -> str:
    """An error page as its handler renders it."""
    address = RequestFactory(SERVER_NAME="localhost").get("/")
    return render_to_string(template, {"refusal": "", "back": "/"}, address)
