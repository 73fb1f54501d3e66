"""Policies in the settings: set up, revised, put in order, retired by a manager (S2)."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from customers.models import SupportPlan
from customers.plans import add_plan
from sla import operations, policies
from sla.models import Policy, PolicyVersion
from sla.operations import Terms
from staff.models import Calendar
from tickets import lifecycle

LIST, NEW = "/settings/service-levels/", "/settings/service-levels/new/"
DAY = timedelta(days=1)
OSLO = ZoneInfo("Europe/Oslo")


def url(policy, part=""):
    return reverse(f"desk:policy{part}", args=[policy.pk])


def saved(policy, **changes):
    """The fields of a policy's form as it is shown, some changed."""
    newest = operations.latest(policy)
    return {
        "name": policy.name, "customer_type": newest.customer_type, "plan": newest.plan or "", "holds": "now",
        "channel": newest.channel, "first_response": "2 h", "calendar": newest.calendar_id or "always",
        "seen": newest.pk, "pauses_on_pending": "on", "pauses_on_hold": "on", **changes,
    }  # fmt: skip


def picked(ticket):
    return ticket.clocks.get(metric="first_response")


def test_gold_customers_get_an_hour_and_everybody_else_a_day__S2(as_manager, fields, carol, ivan, acme, policy):
    answer = as_manager.post(NEW, fields())
    gold = SupportPlan.objects.get()
    assert answer["Location"] == reverse("desk:plan", args=[gold.pk])
    as_manager.post(answer["Location"], {"organisation": "acme"})

    opened = {
        one: lifecycle.open_ticket(requester=one, subject="Smoke", text="It smokes", channel="email", by=one)
        for one in (type(carol).objects.get(pk=carol.pk), ivan)
    }

    clock = picked(opened[carol])
    assert (clock.policy.name, clock.target_seconds) == ("Gold external customers", 3600)
    assert (clock.hours.calendar.name, clock.hours.hours["4"]) == (
        "Mon–Fri 8:00–18:00 Europe/Oslo", [["08:00", "18:00"]],
    )  # fmt: skip
    assert (picked(opened[ivan]).policy, picked(opened[ivan]).target_seconds) == (policy, 86_400)


def test_the_list_says_each_policy_in_a_sentence_in_the_order_of_trying__S7(as_manager, fields, make_policy, policy):
    make_policy("Mail", channel="email", first_response={"": 7200, "4": 1800})
    make_policy("Later", channel="chat", valid_from=timezone.now() + DAY)
    operations.retire_policy(make_policy("Old", priority=4), by=None)
    as_manager.post(NEW, fields())

    html = as_manager.get(LIST).content.decode()

    places = [
        html.index(name) for name in ("Gold external customers", "Mail</a>", f"{policy}</a>", "Later</a>", "Old</a>")
    ]
    assert places == sorted(places)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
    assert "Gold customers, external → First response 1 h, Next response 1 h, Mon–Fri 8:00–18:00 Europe/Oslo" in text
    assert "By e-mail → First response 2 h (Urgent 30 min)" in text
    assert "Not in use" in text
    assert f"From {date_format(timezone.localdate() + DAY)}" in text


def test_equals_change_places_by_a_button_and_pressing_twice_is_once__S2(as_manager, make_policy):
    mail, chat = make_policy("Mail", channel="email"), make_policy("Chat", channel="chat")

    for _twice in range(2):
        answer = as_manager.post(url(chat, "_move"), {"before": mail.pk})

    assert answer["Location"] == f"{LIST}#policy-{chat.pk}"
    order = [one.policy for group in operations.groups_of_equals(timezone.now()) for one in group]
    assert order == [chat, mail]
    versions = PolicyVersion.objects.count()
    for nonsense in ({}, {"before": "x"}, {"before": "9" * 17}, {"after": chat.pk}):
        assert as_manager.post(url(chat, "_move"), nonsense).status_code == 302
    assert PolicyVersion.objects.count() == versions


def test_the_default_has_no_conditions_and_is_not_retired__S1(as_manager, policy, fields):
    html = as_manager.get(url(policy)).content.decode()
    assert 'name="customer_type"' not in html
    assert "Retire" not in html

    as_manager.post(url(policy), saved(policy, channel="email", first_response="8 h"))

    said = operations.latest(policy)
    assert (said.channel, said.targets) == (
        "", {"first_response": {"": 28_800}, "next_response": {"": 28_800}},
    )  # fmt: skip
    as_manager.post(url(policy, "_retire"))
    assert operations.latest(policy).is_active


BAD = {
    "first_response": ["24", "soon", "-1 h", "0 min", "401 d", "9" * 50 + " h", "<script>", "1 h" * 30],
    "resolution_4": ["x", "99999 d"],
    "warn_owner_percent": ["0", "100", "-5", "x", "95", "1e9"],
    "warn_supervisor_percent": ["0", "100", "x", "10"],
    "new_hours": ["", "whenever", "8–18", "\x00", "Mon 25–26", "x" * 300],
    "new_zone": ["Mars/Olympus", "../etc"],
    "calendar": ["999999", "x", "", "9" * 60],
    "customer_type": ["martian"],
    "organisation": ["Nobody Ltd", "x" * 201],
    "department": ["999999", "x"],
    "team": ["999999", "-1"],
    "channel": ["pigeon"],
    "ticket_type": ["joke"],
    "priority": ["9", "x"],
    "plan": ["x" * 61, "Go\x00ld"],
    "name": ["x" * 121, "\x00"],
    "holds": ["never", ""],
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_gets_a_clear_answer_at_its_field_and_nothing_is_written(as_manager, fields, name):
    before = [model.objects.count() for model in (Policy, PolicyVersion, SupportPlan, Calendar)]

    for value in BAD[name]:
        answer = as_manager.post(NEW, fields(**{name: value}))
        assert answer.status_code == 422, value
        errors = answer.context["form"].errors
        assert errors, value
        at = {"warn_supervisor_percent": "warn_owner_percent"}.get(name, name)
        assert {name, at} & set(errors), (value, errors)
        assert "form-errors" in answer.content.decode() or 'class="errors"' in answer.content.decode()

    assert [model.objects.count() for model in (Policy, PolicyVersion, SupportPlan, Calendar)] == before


@pytest.mark.parametrize("day", ["", "yesterday", "2020-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_lies_ahead(as_manager, fields, day):
    answer = as_manager.post(NEW, fields(holds="day", holds_day=day))

    assert list(answer.context["form"].errors) == ["holds_day"]
    assert Policy.objects.count() == 1


@pytest.mark.parametrize("resolution", ["399 d", "5 d"], ids=["never", "in 138 years"])
def test_a_time_that_the_calendar_does_not_reach_in_a_lifetime_is_refused(as_manager, fields, resolution):
    answer = as_manager.post(NEW, fields(new_hours="Sat 10–10:01", resolution=resolution))

    assert answer.status_code == 422
    assert "too few opening hours" in answer.content.decode()
    assert (Policy.objects.count(), Calendar.objects.count()) == (1, 1)


def test_two_names_alike_are_refused_and_no_plan_is_left_over(as_manager, fields, policy):
    answer = as_manager.post(NEW, fields(name=policy.name.upper()))

    html = answer.content.decode()
    assert f"There is a policy “{policy}” already." in html
    assert f'href="{url(policy)}"' in html
    assert not SupportPlan.objects.exists()


def test_a_plan_is_known_however_it_is_spaced_and_a_bad_name_is_told_at_it(as_manager, fields, mia, monkeypatch):
    plan = add_plan("Gold Plus", by=mia)

    assert as_manager.post(NEW, fields(plan=" gold  PLUS ")).status_code == 302
    assert SupportPlan.objects.get() == plan
    monkeypatch.setattr("desk.settings.service_levels.forms.plan_named", lambda _name: None)  # made a moment later
    answer = as_manager.post(NEW, fields(plan="Gold Plus", name="Another"))

    assert list(answer.context["form"].errors) == ["plan"]
    assert not Policy.objects.filter(name="Another").exists()


def test_what_another_manager_saved_meanwhile_is_shown_and_not_written_over(as_manager, make_policy, adam):
    mail = make_policy("Mail", channel="email")
    mine = saved(mail)
    operations.revise_policy(mail, Terms(channel="email", targets={"first_response": {"": 900}}), by=adam)

    answer = as_manager.post(url(mail), mine)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "First response: 24 h → 15 min" in html
    assert 'value="2 h"' in html  # what was typed stays
    assert operations.latest(mail).targets == {"first_response": {"": 900}}
    newest = re.search(r'name="seen" value="(\d+)"', html)[1]
    assert as_manager.post(url(mail), mine | {"seen": newest}).status_code == 302
    assert operations.latest(mail).targets == {"first_response": {"": 7200}, "next_response": {"": 7200}}


def test_a_change_for_a_day_is_planned_told_and_taken_back(as_manager, make_policy):
    mail = make_policy("Mail", channel="email")
    day = timezone.localdate() + 3 * DAY
    as_manager.post(url(mail), saved(mail, holds="day", holds_day=day.isoformat()))
    planned = operations.latest(mail)
    assert timezone.localtime(planned.valid_from, OSLO).date() == day

    html = as_manager.get(url(mail)).content.decode()
    assert "Planned" in html
    assert "First response: 24 h → 2 h" in html

    as_manager.post(reverse("desk:policy_take_back", args=[mail.pk, planned.pk]))
    assert operations.latest(mail).number == 1
    held = operations.latest(mail)
    again = as_manager.post(reverse("desk:policy_take_back", args=[mail.pk, held.pk]), follow=True)
    assert "This version is in force" in again.content.decode()
    assert mail.versions.count() == 1


def test_a_plan_changed_in_another_zone_keeps_its_moment_and_one_put_off_is_one_plan__S2(as_manager, make_policy, mia):
    mail, day = make_policy("Mail", channel="email"), timezone.localdate() + 3 * DAY
    as_manager.post(url(mail), saved(mail, holds="day", holds_day=day.isoformat()))
    begins = operations.latest(mail).valid_from
    mia.time_zone = "America/New_York"
    mia.save(update_fields=["time_zone"])
    shown = as_manager.get(url(mail))
    assert "What you save takes its place" in shown.content.decode()
    again = str(shown.context["form"]["holds_day"].value())

    as_manager.post(url(mail), saved(mail, holds="day", holds_day=again, first_response="3 h"))

    assert list(mail.versions.values_list("valid_from", flat=True)) == [None, begins]
    as_manager.post(url(mail), saved(mail, holds="day", holds_day=str(day + 5 * DAY), first_response="4 h"))
    assert mail.versions.count() == 2
    as_manager.post(url(mail), saved(mail, first_response="5 h"))  # from now on: the plan is done
    assert [one.targets["first_response"][""] for one in mail.versions.order_by("number")] == [86_400, 18_000]


def test_a_plan_that_clocks_count_with_stays_and_the_form_says_so__S7(as_manager, make_policy, mia, printer_ticket):
    mail = make_policy("Mail", channel="email")
    planned = operations.revise_policy(mail, Terms(channel="email"), by=mia, valid_from=timezone.now() + DAY)
    printer_ticket.clocks.update(policy=mail, policy_version=planned)  # one that the machine's clock opened too early

    answer = as_manager.post(url(mail), saved(mail))

    assert "count with the planned version" in str(answer.context["form"].errors["holds_day"])
    assert operations.latest(mail) == planned


def test_a_plan_that_the_form_does_not_start_from_is_told_of__S2(as_manager, make_policy, mia):
    mail = make_policy("Mail", channel="email")
    operations.revise_policy(mail, Terms(channel="email"), by=mia, valid_from=timezone.now() + DAY)
    operations.revise_policy(mail, Terms(channel="chat"), by=mia)

    assert "then holds instead of what begins before" in as_manager.get(url(mail)).content.decode()


def test_a_plan_taken_back_meanwhile_is_told_and_then_saved(as_manager, make_policy, mia):
    mail = make_policy("Mail", channel="email")
    planned = operations.revise_policy(mail, Terms(channel="email"), by=mia, valid_from=timezone.now() + DAY)
    mine = saved(mail)
    operations.take_back(planned, by=mia)

    answer = as_manager.post(url(mail), mine)

    assert answer.status_code == 422
    newest = re.search(r'name="seen" value="(\d+)"', answer.content.decode())[1]
    assert as_manager.post(url(mail), mine | {"seen": newest}).status_code == 302


@pytest.mark.parametrize(("part", "status"), [("", 404), ("_retire", 404), ("_move", 302)])
def test_a_policy_that_is_gone_meanwhile_is_not_there(as_manager, make_policy, fields, monkeypatch, part, status):
    gone, other = make_policy("Gone", channel="email"), make_policy("Other", channel="chat")
    address, newest = url(gone, part), operations.latest(gone)
    gone.versions.all().delete()
    Policy.objects.filter(pk=gone.pk).delete()
    monkeypatch.setattr("desk.settings.service_levels.views.get_object_or_404", lambda *_args, **_more: gone)

    assert as_manager.post(address, fields(before=other.pk)).status_code == status
    if status == 404:
        assert as_manager.get(address).status_code == status
    monkeypatch.setattr("desk.settings.service_levels.views._newest", lambda _row: newest)
    assert as_manager.post(address, fields(before=other.pk)).status_code == status


def test_since_ever_holds_for_what_was_imported(as_manager, fields, monday):
    as_manager.post(NEW, fields(plan="", holds="ever"))

    facts = policies.Facts(customer_type="external", channel="email", ticket_type="question", priority=2)
    assert policies.policy_for(facts, monday).target_for("first_response", 2) == 3600


def test_retiring_says_what_then_holds_and_keeps_the_history(as_manager, make_policy, printer_ticket, policy):
    mail = make_policy("Mail", channel="email")

    html = as_manager.get(url(mail, "_retire")).content.decode()
    assert f"“{policy.name}” then holds" in html
    as_manager.post(url(mail, "_retire"))

    assert not operations.latest(mail).is_active
    assert "Not in use" in as_manager.get(url(mail)).content.decode()
    as_manager.post(url(mail), saved(mail))
    assert operations.latest(mail).is_active


def test_running_clocks_are_counted_by_policy(as_manager, printer_ticket):
    assert "2 clocks run under it" in as_manager.get(LIST).content.decode()


def test_the_list_costs_the_same_however_many_there_are(
    as_manager, make_policy, tier1, acme, django_assert_num_queries
):
    def count(names):
        for name in names:
            row = make_policy(name, channel="email", team=tier1, organisation=acme)
            operations.revise_policy(row, Terms(channel="chat"), by=None, valid_from=timezone.now() + DAY)
            SupportPlan.objects.create(name=name)
        as_manager.get(LIST)
        with django_assert_num_queries(12):
            as_manager.get(LIST)

    count(["One"])
    count([f"P{n}" for n in range(12)])


def test_later_messages_are_answered_as_soon_as_the_first_unless_said__S1(as_manager, fields):
    as_manager.post(NEW, fields(first_response="1 h", first_response_4="10 min", next_response=""))
    policy = Policy.objects.get(is_default=False)
    assert operations.latest(policy).targets["next_response"] == {"": 3600, "4": 600}

    assert as_manager.get(url(policy)).context["form"]["next_response"].value() in (None, "")
    as_manager.post(url(policy), saved(policy, first_response="3 h"))  # the later ones go with it
    assert operations.latest(policy).targets["next_response"] == {"": 10_800}

    as_manager.post(url(policy), saved(policy, next_response="4 h"))
    assert operations.latest(policy).targets["next_response"] == {"": 14_400}


def test_hours_made_here_know_the_holidays_of_a_country__S2(as_manager, fields):
    as_manager.post(NEW, fields(new_country="NO"))

    calendar = operations.latest(Policy.objects.get(is_default=False)).calendar
    assert calendar.name == "Mon–Fri 8:00–18:00 Europe/Oslo, Norway"
    assert "2026-12-25" in calendar.versions.get().holidays


def test_a_retired_policy_says_that_it_is_used_again(as_manager, make_policy):
    mail = make_policy("Mail", channel="email")
    operations.retire_policy(mail, by=None)
    assert "Save it and use it again" in as_manager.get(url(mail)).content.decode()

    html = as_manager.post(url(mail), saved(mail), follow=True).content.decode()

    assert "in use again" in html
    assert operations.latest(mail).is_active


@pytest.mark.parametrize(
    ("holds", "says", "applies"),
    [("now", "those that run keep their times", True), ("day", "until then nothing changes", False)],
)
def test_a_saved_policy_says_for_whom_it_holds_and_where_running_clocks_are_moved(
    as_manager, make_policy, holds, says, applies
):
    mail = make_policy("Mail", channel="email")
    sent = saved(mail, holds=holds, holds_day=(timezone.localdate() + 9 * DAY).isoformat())

    html = as_manager.post(url(mail), sent, follow=True).content.decode()

    assert says in html
    assert (f'href="{reverse("desk:policy_apply")}?policy={mail.pk}"' in html) == applies


def test_a_name_of_a_policy_out_of_use_says_so_and_leads_there(as_manager, make_policy, fields):
    old = make_policy("Old", channel="email")
    operations.retire_policy(old, by=None)

    html = as_manager.post(NEW, fields(name="old")).content.decode()

    assert "There is a policy “Old” already, which is not in use." in html
    assert f'href="{url(old)}"' in html


def hints_of(client, policy):
    row = next(one for one in client.get(LIST).context["found"].tried if one.policy == policy)
    assert client.get(url(policy)).context["hints"] == row.hints
    return row.hints


def test_what_a_policy_leaves_out_is_said_where_it_stands_and_after_saving__S2(as_manager, fields, policy):
    html = as_manager.post(NEW, fields(), follow=True).content.decode()

    hint = f"No time to resolve is promised here; “{policy}” promises 5 d."
    assert hint in html
    assert hints_of(as_manager, Policy.objects.get(is_default=False)) == [hint]
    assert hint in as_manager.get(LIST).content.decode()


def test_a_policy_that_is_never_picked_says_so__S2(as_manager, make_policy):
    both = {"channel": "email", "first_response": 3600, "resolution": 86_400}
    first, second = make_policy("Gold", **both), make_policy("Gold again", **both)

    assert hints_of(as_manager, first) == []
    assert hints_of(as_manager, second) == ["Never picked: “Gold” has the same conditions and stands before it."]
    operations.retire_policy(first, by=None)
    assert hints_of(as_manager, second) == []


def test_a_policy_for_all_hides_the_default_one__S2(as_manager, make_policy, policy):
    make_policy("Everybody", first_response=3600, next_response=3600, resolution=86_400)

    default = as_manager.get(LIST).context["found"].default

    assert default.hints == ["Never picked: “Everybody” fits every ticket, too, and stands before it."]


def test_times_that_make_no_sense_are_hinted_at_and_saved__S2(as_manager, make_policy):
    odd = make_policy(
        "Odd", channel="email", first_response={"": 7200, "4": 28_800}, next_response=7200, resolution=3600
    )

    assert hints_of(as_manager, odd) == [
        "First response: Urgent is promised 8 h, later than High with 2 h.",
        "Resolution (1 h) is promised before the first response (8 h).",
    ]


def test_days_in_working_hours_are_told_as_hours__S2(as_manager, fields):
    as_manager.post(NEW, fields(resolution="3 d", first_response="1 h"))

    html = as_manager.get(LIST).content.decode()

    assert "72 h of working time" in html
    assert "3 d" not in html.split("Standard promise")[0].split("<main")[1]


def test_the_form_begins_at_its_first_field(as_manager, policy):
    assert len(re.findall(r"<input[^>]*autofocus", as_manager.get(NEW).content.decode())) == 1
    assert re.search(r'name="first_response"[^>]*autofocus', as_manager.get(url(policy)).content.decode())
