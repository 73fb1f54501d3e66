"""Letting a customer wait: a reason of one key, their consent, a time (H1-H7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.clock import format_when, parse_when
from common.errors import Malformed
from desk.tickets import moments
from desk.tickets.forms.base import OTHER, UNANSWERED, ActForm, Keyed, Moment, QuickMoment, Words, moment_of
from staff.access import chain
from tickets.models import Consent, ConsentRefusal, Contact, Entry, HoldReason, Ticket
from tickets.policy import holding

LIVE_CONSENT = [(Consent.GIVEN, gettext_lazy("Yes")), (Consent.REFUSED, gettext_lazy("No: see what is left"))]
WRITTEN_CONSENT = [
    (Consent.TOLD, gettext_lazy("We tell them now, in writing")),
    (Consent.WRITTEN, gettext_lazy("They asked for it or agreed, in a message")),
]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class HoldForm(ActForm):
    """In a live contact the words to ask with and Yes or No; in writing they are told."""

    title, icon, button = gettext_lazy("Put on hold"), "pause", gettext_lazy("Put on hold")

    reason = forms.ModelChoiceField(
        HoldReason.objects.none(), label=gettext_lazy("Reason"), widget=forms.RadioSelect, empty_label=None
    )
    consent = forms.ChoiceField(label=gettext_lazy("Did they agree?"), widget=Keyed(y=Consent.GIVEN, n=Consent.REFUSED))
    consent_entry = forms.ModelChoiceField(
        Entry.objects.none(), label=gettext_lazy("The message in which they said so"), required=False
    )
    until_other = Moment(label=gettext_lazy("Another time"), required=False)
    text = Words(label=gettext_lazy("Your words"))
    named_supervisor = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Supervisor who agreed"), required=False
    )

    def __init__(
        self, *args: Any, ticket: Ticket, user: User, contact: Contact | None, picked: Mapping[str, Any] = NOTHING,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """``picked``: the reason and the time as they stand in the open form, for the words to ask with."""
        super().__init__(*args, **kwargs)
        self.ticket, self.contact, self.picked = ticket, contact, self.data or picked
        self.is_live = contact is not None and contact.is_live
        self.fields["reason"].queryset = HoldReason.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self._say_what_pauses()
        self._ask_consent()
        self._ask_time()
        self._ask_supervisor(user)

    def _say_what_pauses(self) -> None:
        """Before one chooses: for which reasons the resolution clock stands still, and on whose word (H6)."""
        theirs = [str(one) for one in self.fields["reason"].queryset if one.side == HoldReason.Side.CUSTOMER]  # type: ignore[attr-defined]
        if not theirs:
            self.fields["reason"].help_text = _("The resolution clock runs on, whatever the reason.")
            return
        said = (
            _("The resolution clock stands still only for: %(reasons)s.")
            if self.is_live
            else _(
                "The resolution clock stands still only for: %(reasons)s; and only if a message of theirs asked for "
                "the wait or agreed to it. It runs on while they are merely told."
            )
        )
        self.fields["reason"].help_text = said % {"reasons": ", ".join(theirs)}

    def _ask_consent(self) -> None:
        consent = self.fields["consent"]
        consent.choices = LIVE_CONSENT if self.is_live else WRITTEN_CONSENT  # type: ignore[attr-defined]
        name = self.ticket.requester.greeting_name
        if self.is_live:
            consent.label = _("Did %(name)s agree?") % {"name": name}
            del self.fields["consent_entry"]
            self.fields["text"].label = _("Note for colleagues")
            return
        consent.label = _("How does %(name)s know?") % {"name": name}
        consent.initial = Consent.TOLD
        theirs = Entry.objects.public().filter(ticket=self.ticket, author_person__isnull=False, is_automatic=False)
        self.fields["consent_entry"].queryset = theirs.order_by("-happened_at")  # type: ignore[attr-defined]
        self.fields["consent_entry"].label_from_instance = _quote  # type: ignore[attr-defined]
        usual = _("Leave it empty and they get the usual words, with reason and time.")
        self.fields["text"].help_text = f"{usual} {UNANSWERED}" if self.ticket.unanswered_since else usual

    def _ask_time(self) -> None:
        now = timezone.now()
        longest = holding.longest_hold(self.ticket, self.contact, now)
        ready = moments.for_hold(self.ticket, self.contact, now=now, longest=longest)
        until = QuickMoment(label=_("Back at"), moments=ready, help_text=moments.longest_in_words(longest, now))
        default = ready[min(1, len(ready) - 1)][0] if ready else None
        until.initial = default.isoformat() if default else None
        self.fields["until"] = until
        if self.is_live and default:
            self.say = self._asking(default)
        self.order_fields(["reason", "consent", "consent_entry", "until", "until_other", "text", "named_supervisor"])

    def _asking(self, default: datetime) -> str:
        """The very words to ask with: why, and when one is back on their clock, as picked so far (H7)."""
        reasons = self.fields["reason"].queryset  # type: ignore[attr-defined]
        code = str(self.picked.get("reason") or "")
        reason = reasons.filter(pk=code).first() if code.isascii() and code.isdigit() and len(code) < 16 else None
        # who is on the line and unknown is thought to be on our clock
        zone = self.ticket.requester.time_zone or timezone.get_current_timezone_name()
        until = _picked_time(self.picked, default)
        when = format_when(until, zone).rsplit(", ", 1)[-1] if until else "…"
        if reason is None or not reason.say:
            return _("“May I put you on hold for a moment while I look into this? I will be back by %(when)s.”") % {
                "when": when,
            }  # fmt: skip
        return _("“May I put you on hold for a moment? %(why)s. I will be back by %(when)s.”") % {
            "why": capfirst(_(reason.say).rstrip(".")), "when": when,
        }  # fmt: skip

    def _ask_supervisor(self, user: User) -> None:
        placed = self.ticket.holds.count()
        needs = holding.needs_approval(self.ticket)
        left = holding.HOLDS_WITHOUT_APPROVAL
        self.note = (
            _("A supervisor approves a hold from here on.")
            if needs
            else _("Hold %(n)s of %(left)s before a supervisor approves") % {"n": placed + 1, "left": left}
        )
        if not (needs and self.is_live):
            del self.fields["named_supervisor"]
            return
        above = [one.pk for one in chain(self.ticket.team, skip=[user])]
        self.fields["named_supervisor"].queryset = User.objects.filter(pk__in=above)  # type: ignore[attr-defined]
        self.fields["named_supervisor"].help_text = _("They confirm it within one working day.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("consent") != Consent.REFUSED:
            data["until"] = moment_of(self, "until")
        return data

    @property
    def was_refused(self) -> bool:
        """The customer was asked and said no (H5)."""
        return self.data.get("consent") == Consent.REFUSED

    def terms(self) -> dict[str, Any]:
        """What ``lifecycle.hold`` and ``extend_hold`` want to know."""
        names = ("reason", "consent", "consent_entry", "until", "text", "named_supervisor")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data} | {
            "contact": self.contact
        }


class RefusedForm(ActForm):
    """The customer was asked for a hold or a transfer and said no (H5)."""

    title, icon, button = gettext_lazy("They did not agree"), "hand", gettext_lazy("Write it down")

    act = forms.ChoiceField(
        label=gettext_lazy("What did they refuse?"), choices=ConsentRefusal.Act.choices, widget=forms.RadioSelect,
        initial=ConsentRefusal.Act.HOLD,
    )  # fmt: skip


def _picked_time(picked: Mapping[str, Any], default: datetime) -> datetime | None:
    """The time that is picked; None while another one is being typed, or where it is no time to name."""
    ready = str(picked.get("until") or default.isoformat())
    typed = str(picked.get("until_other") or "") if ready == OTHER else ready
    try:
        until = parse_when(typed, timezone.get_current_timezone_name())
    except Malformed:
        return None
    return until if abs(until - default) < timedelta(days=1) else None


def _quote(entry: Entry) -> str:
    words = " ".join(entry.text.split())
    return f"{timezone.localtime(entry.happened_at):%d %b %H:%M} · {words[:60]}"
