"""What each key does, in words, for the page on which one changes it."""

from __future__ import annotations

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

MEANINGS: dict[str, tuple[str | Lazy, str | Lazy]] = {
    "/": (_("Search"), _("everywhere")),
    "c": (_("Log a contact"), _("everywhere")),
    "l": (_("Log a contact with them"), _("a customer")),
    "g": (_("Go to a page; a second key says which"), _("everywhere")),
    "j": (_("Next row"), _("lists")),
    "k": (_("Previous row"), _("lists")),
    "x": (_("Pick the row"), _("lists")),
    "f": (_("Filter; find in the conversation"), _("lists; a ticket")),
    "a": (_("Take"), _("lists and tickets")),
    "n": (_("Take the next one; write a note; a new calendar; the next year"), _("the home page; a ticket; calendars")),
    "w": (_("Write a reply"), _("a ticket")),
    "h": (_("Hold, or resume"), _("a ticket")),
    "t": (_("Transfer; take over an escalation"), _("a ticket; escalations")),
    "e": (_("Escalate; give to an expert; change"), _("a ticket; escalations; a calendar")),
    "p": (_("Promise; the year before"), _("a ticket; a calendar")),
    "r": (_("Resolve"), _("a ticket")),
    "u": (_("Earlier messages"), _("a ticket")),
    "i": (_("Change properties"), _("a ticket")),
    "b": (_("The call is over, or goes on; coach and return"), _("Log a contact; escalations")),
    "d": (_("Decline"), _("escalations")),
    "o": (_("Open the ticket"), _("escalations")),
}
"""By the key as it comes: what it does, and where."""
