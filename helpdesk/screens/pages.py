"""The one table of pages: what each is called, who looks at it, where it is, what is done on it first.

A page is reached by its route, by an address, or by a finder that looks for a fitting object in the demo. ``serve``
gives the page itself instead: error pages and mails, which no address of a sound desk shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.urls import reverse

from helpdesk.screens import acting, finding
from helpdesk.screens.acting import Act

STAFF = ("agent", "supervisor", "manager", "admin")


@dataclass(frozen=True, slots=True)
class Screen:
    """One page as these roles see it."""

    name: str
    where: str | Callable[[], str]
    roles: tuple[str, ...] = ("agent",)
    do: Act | None = None
    desk: str = "demo"
    status: int = 200
    serve: Callable[[], str] | None = None
    may_fail: bool = False
    """Its console says what the picture is about: an answer that never comes, a network that is away."""

    def address(self) -> str:
        """The path, once the desk is filled."""
        if callable(self.where):
            return self.where()
        return self.where if self.where.startswith("/") else reverse(self.where)


def _empty(name: str, where: str, *roles: str) -> Screen:
    return Screen(f"empty-{name}", where, roles or ("agent",), desk="empty")


def _error(name: str, status: int) -> Screen:
    return Screen(f"error-{name}", f"/screens/{name}/", ("visitor",), status=status,
                  serve=partial(finding.rendered, f"{name}.html"), may_fail=True)  # fmt: skip


def _form(act: str, letter: str) -> Screen:
    """An act's form beside the conversation, opened by its key."""
    return Screen(f"ticket-{act}-form", finding.quiet_ticket, do=acting.key(letter, "#act form[data-act]"))


DESK = [
    Screen("my-day", "desk:home", STAFF),
    Screen("my-day-right-to-left", "desk:home", ("agent-he",)),
    Screen("user-menu", "desk:home", do=acting.click("#user-menu > summary")),
    Screen("availability-menu", "desk:home", do=acting.click("#availability > summary")),
    Screen("keys", "desk:home", do=acting.key("?", "dialog[open]")),
    Screen("palette", "desk:home", do=acting.key("Control+k", "dialog[open]")),
    Screen("palette-finds", finding.quiet_ticket,
           do=acting.both(acting.key("Control+k", "dialog[open]"),
                          acting.type_in("dialog[open] input", "heat", "dialog[open] [role=option]"))),
    Screen("search-finds", "desk:home", do=acting.type_in("#search-q", "heat", ".search [role=option]")),
    Screen("go-to", "desk:home", do=acting.key("g", ".go-hint")),
    Screen("tickets", "desk:tickets", ("agent", "third-party", "supervisor")),
    Screen("tickets-all", "/tickets/?view=all", ("agent", "manager")),
    Screen("tickets-right-to-left", "/tickets/?view=all", ("agent-he",)),
    Screen("tickets-picked", "/tickets/?view=all", do=acting.check("[name=ticket]")),
    Screen("tickets-filters", "/tickets/?view=all", do=acting.click(".filters [hx-get]", "#filter-form form")),
    Screen("tickets-none-fits", "/tickets/?view=all&q=zzzzzz&priority=4&tag=none&channel=letter&status=pending"),
    Screen("search", "/search/?q=heating"),
    Screen("search-nothing", "/search/?q=qqqqqqqq"),
    Screen("ticket", finding.ticket, ("agent", "manager", "admin")),
    Screen("ticket-right-to-left", finding.ticket, ("agent-he",)),
    Screen("ticket-on-hold", partial(finding.ticket, status="on_hold", holds__ended_at=None)),
    Screen("ticket-live-call", finding.live_ticket),
    Screen("ticket-complaint", partial(finding.ticket, type="complaint")),
    Screen("ticket-transfer-waits", partial(finding.ticket, transfers__status="waiting")),
    Screen("ticket-escalated", partial(finding.ticket, escalations__status="waiting"), ("agent", "supervisor")),
    Screen("ticket-promise", partial(finding.ticket, promises__status="open")),
    Screen("ticket-resolved", partial(finding.ticket, status="resolved")),
    Screen("ticket-closed", partial(finding.ticket, status="closed")),
    Screen("ticket-merged", partial(finding.ticket, status="closed", merges_out__isnull=False)),
    Screen("ticket-more", finding.quiet_ticket, do=acting.click(".head .acts .menu > summary")),
    Screen("ticket-clock", finding.clock),
    Screen("ticket-clocks", finding.clocks),
    *(_form(act, act[0]) for act in ("hold", "transfer", "escalate", "resolve", "promise")),
    Screen("ticket-hold-form-live", finding.live_ticket, do=acting.key("h", "#act form[data-act]")),
    Screen("act-page-hold", partial(finding.quiet_act, "hold")),
    Screen("act-page-transfer", partial(finding.quiet_act, "transfer")),
    Screen("act-page-merge", partial(finding.quiet_act, "merge")),
    Screen("act-page-properties", partial(finding.quiet_act, "properties")),
    Screen("act-page-errors", partial(finding.quiet_act, "transfer"), do=acting.send_empty("main form[data-act]"),
           may_fail=True),
    Screen("log-contact", "desk:log_contact"),
    Screen("log-contact-who", "desk:log_contact", do=acting.type_in("#who", "mir", "#who-list [role=option]")),
    Screen("customers", "desk:customers"),
    Screen("customers-nobody-fits", "/customers/?q=zzzzzz"),
    Screen("customer", finding.person),
    Screen("customer-right-to-left", finding.person, ("agent-he",)),
    Screen("customer-add", "desk:customer_add"),
    Screen("customer-edit", partial(finding.person, "_edit")),
    Screen("customer-flag", partial(finding.person, "_flag")),
    Screen("customer-merge", partial(finding.person, "_merge")),
    Screen("organisation", finding.organisation),
    Screen("organisation-edit", partial(finding.organisation, "_edit")),
    Screen("department", finding.department),
    Screen("escalations", "desk:escalations", ("supervisor", "agent", "admin")),
    Screen("forecast", "desk:forecast", ("supervisor", "manager")),
    Screen("wallboard", "desk:wallboard", ("supervisor", "agent")),
    Screen("report", "desk:sla_report", ("manager", "supervisor")),
    Screen("report-tickets", "/reports/sla/tickets/", ("manager",)),
    Screen("settings", "desk:settings", ("admin", "supervisor", "manager")),
    *(Screen(f"settings-{name}", partial(finding.setting, name), ("admin",))
      for name in ("team", "colleague", "category", "hold_reason", "brand")),
    Screen("service-levels", "desk:service_levels", ("manager", "admin")),
    Screen("service-level-add", "desk:policy_add", ("manager",)),
    Screen("service-level", partial(finding.policy, "Gold"), ("manager",)),
    Screen("service-level-default", partial(finding.policy, ""), ("manager",)),
    Screen("service-level-errors", "desk:policy_add", ("manager",), do=acting.send_empty("main form"), may_fail=True),
    Screen("service-level-retire", partial(finding.policy, "Gold", "_retire"), ("manager",)),
    Screen("service-levels-apply", "desk:policy_apply", ("manager",)),
    Screen("support-plan", finding.plan, ("manager",)),
    Screen("simulator", finding.simulated, ("manager", "supervisor")),
    Screen("canned-replies", "desk:canned_replies", ("admin", "supervisor")),
    Screen("canned-reply-add", "desk:canned_reply_add", ("admin",)),
    Screen("calendars", "desk:calendars", ("manager",)),
    Screen("calendar-year", partial(finding.calendar, "calendar"), ("manager",)),
    Screen("calendar-edit", partial(finding.calendar, "calendar_edit"), ("manager",)),
    Screen("calendar-add", "desk:calendar_add", ("manager",)),
    Screen("calendar-errors", "desk:calendar_add", ("manager",), may_fail=True,
           do=acting.both(acting.both(acting.type_in("[name=name]", "Gold", "#preview"),
                                      acting.type_in("[name=hours]", "Funday 8-18, ", "#preview")),
                          acting.click("#calendar-form [data-default]", "[aria-invalid=true]"))),
    Screen("settings-values", "/settings/values/holds/", ("admin",)),
    Screen("settings-team-add", "desk:team_add", ("admin",)),
    Screen("settings-colleague-add", "desk:colleague_add", ("admin",)),
    Screen("settings-errors", "desk:colleague_add", ("admin",), do=acting.send_empty("main form"), may_fail=True),
    Screen("outbox", "desk:outbox", ("admin",)),
    Screen("outbox-mail", finding.mail, ("admin",)),
    Screen("styleguide", "desk:styleguide", ("agent", "agent-he")),
    Screen("account", "desk:account"),
]  # fmt: skip

CUSTOMERS = [
    Screen("portal", "portal:home", ("customer",)),
    Screen("portal-right-to-left", "portal:home", ("customer-he",)),
    Screen("submit", "portal:submit", ("visitor", "customer", "customer-he")),
    Screen("submit-errors", "portal:submit", ("visitor",), do=acting.send_empty("main form"), may_fail=True),
    Screen("request", partial(finding.request, "customer", status="on_hold"), ("customer",)),
    Screen("request-resolved", partial(finding.request, "customer", status="resolved"), ("customer",)),
    Screen("request-closed", partial(finding.request, "customer", status="closed"), ("customer",)),
    Screen("request-right-to-left", partial(finding.request, "customer-he"), ("customer-he",)),
    Screen("confirm", partial(finding.confirm, "waiting"), ("visitor",)),
    Screen("confirm-answered", partial(finding.confirm, "solved"), ("visitor",)),
    Screen("confirm-forged", "/confirm/not-a-link-of-ours/", ("visitor",), status=0, may_fail=True),
    Screen("survey", finding.survey, ("visitor",)),
    Screen("survey-chosen", partial(finding.survey, 4), ("visitor",)),
    Screen("survey-answered", partial(finding.survey, answered=True), ("visitor",)),
    Screen("sign-in", "account_login", ("visitor",)),
    Screen("sign-in-errors", "account_login", ("visitor",), do=acting.send_empty("main form"), may_fail=True),
    Screen("sign-in-by-code", "account_request_login_code", ("visitor",)),
    Screen("password-forgotten", "account_reset_password", ("visitor",)),
    Screen("password-change", "account_change_password"),
    Screen("sign-out", "account_logout"),
]

EMPTY = [
    _empty("my-day", "desk:home", "agent", "supervisor"),
    _empty("tickets", "/tickets/?view=all"),
    _empty("customers", "desk:customers"),
    _empty("escalations", "desk:escalations", "supervisor"),
    _empty("forecast", "desk:forecast", "supervisor"),
    _empty("report", "desk:sla_report", "manager"),
    _empty("settings", "desk:settings", "admin"),
    _empty("service-levels", "desk:service_levels", "manager"),
    _empty("simulator", "desk:simulator", "manager"),
    _empty("outbox", "desk:outbox", "admin"),
    _empty("portal", "portal:home", "customer"),
]

FAULTS = [
    Screen("error-not-found", "/tickets/999999/", ("agent", "customer"), status=404, may_fail=True),
    *(_error(str(status), status) for status in (400, 403, 404, 409, 413, 422, 429, 500)),
    _error("403_csrf", 403),
    Screen("busy-act", finding.quiet_ticket, may_fail=True,
           do=acting.busy(acting.key("h", "#act form[data-act]"), "**/hold/**")),
    Screen("busy-page", "desk:customers", may_fail=True,
           do=acting.busy(acting.click("button[type=submit]"), "**/customers/?q=**")),
    Screen("lost-act", finding.quiet_ticket, may_fail=True, do=acting.offline(acting.key("h"))),
]  # fmt: skip


def _mail(name: str, serve: Callable[[], str]) -> Screen:
    return Screen(f"mail-{name}", f"/screens/mail-{name}/", ("visitor",), serve=serve)


MAILS = [
    _mail("acknowledgement", partial(finding.mail_html, "acknowledgement")),
    _mail("reply", partial(finding.mail_html, "reply", panel=False)),
    _mail("hold", partial(finding.mail_html, "reply", panel=True, person__language="en")),
    _mail("confirm", partial(finding.mail_html, "confirm")),
    _mail("survey", partial(finding.mail_html, "survey")),
    _mail("right-to-left", partial(finding.mail_html, "reply", person__language="he")),
    _mail("sign-in-code", finding.code_html),
]

PAGES: list[Screen] = [*DESK, *CUSTOMERS, *EMPTY, *FAULTS, *MAILS]


def chosen(only: str) -> list[Screen]:
    """The pages whose names are given, or begin so (``ticket,portal``); all without a word."""
    words = [word.strip() for word in only.split(",") if word.strip()]
    exact = [page for page in PAGES if page.name in words]
    return [page for page in PAGES if not words or page in exact or page.name.startswith(tuple(words))]
