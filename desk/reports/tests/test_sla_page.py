"""The report's page and file: the same numbers, for the right people, with nothing that could run."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from reports import periods
from reports.sla import sla_report
from staff.models import Team
from tickets.models import Clock, Closure, Ticket

MONTH = "?from=2026-10-01&to=2026-11-01"
OCTOBER = datetime(2026, 10, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def answered(carol):
    """A ticket of October whose first response took ``seconds``; over a day is late."""

    def _answered(seconds, *, team=None, at=OCTOBER, subject="Broken", agent=None, **fields):
        ticket = Ticket.objects.create(
            requester=carol, subject=subject, channel="email", opened_at=at, team=team, assignee=agent, **fields
        )
        due = at + 24 * HOUR
        breached_at = due if seconds > 86_400 else None
        Clock.objects.create(
            ticket=ticket, metric="first_response", target_seconds=86_400, started_at=at, terms_at=at,
            due_at=due, breached_at=breached_at, stopped_at=at + timedelta(seconds=seconds), elapsed_seconds=seconds,
            team=team, agent=agent,
        )  # fmt: skip
        return ticket

    return _answered


@pytest.fixture
def shown(client, mia):
    """The page as the manager sees it: ``shown("&by=agent")``."""

    def _shown(more="", user=mia, status=200):
        client.force_login(user)
        response = client.get(reverse("desk:sla_report") + MONTH + more)
        assert response.status_code == status
        return response

    return _shown


@pytest.fixture
def downloaded(client, mia):
    """The file's lines as dictionaries."""

    def _downloaded(more="", user=mia):
        client.force_login(user)
        response = client.get(reverse("desk:sla_report_csv") + MONTH + more)
        return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))

    return _downloaded


def words_of(response):
    """What a person reads, without the markup."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+([,.])", r"\1", re.sub(r"\s+", " ", text))


def test_first_says_the_answer_in_words(shown, answered, tier1):
    for _n in range(9):
        answered(3600, team=tier1)
    answered(90_000, team=tier1)
    answered(3600, team=tier1, at=OCTOBER - timedelta(days=20))

    said = words_of(shown())

    assert (
        "90.0 % of first responses came in time, 10.0 points worse than in September 2026, which may be chance." in said
    )
    assert "That is below the target of 95 %." in said
    assert "9 of 10 · ± 19.3, few cases" in said


def test_says_better_without_a_doubt_when_there_is_none(shown, answered):
    before = OCTOBER - timedelta(days=20)
    for _n in range(40):
        answered(3600)
        answered(3600 if _n % 2 else 90_000, at=before)

    response = shown()

    assert "100 % of first responses came in time, 50.0 points better than in September 2026." in words_of(response)
    assert '<span class="up">50.0 points better</span>' in response.content.decode()
    assert '<span class="chip" data-tone="good">+50.0 pts</span>' in response.content.decode()


def test_no_data_is_said_never_shown_as_none_or_all(shown):
    said = words_of(shown())

    assert "No data: no first response was given or due on tickets opened in October 2026." in said
    assert "No tickets in this period" in said
    assert "100 %" not in said.split("What each number means")[0]
    assert " 0 %" not in said


def test_page_file_and_computation_say_the_same__report_01(shown, downloaded, answered, tier1, billing):
    for seconds, team in ((600, tier1), (7200, tier1), (90_000, billing), (1800, None)):
        answered(seconds, team=team)

    computed = sla_report(periods.parse("2026-10-01", "2026-11-01"))
    lines = shown().context["lines"]
    rows = downloaded()

    assert [line["label"] for line in lines] == [row["Team"] for row in rows] == ["Billing", "Tier 1", "No team", "All"]
    for line, row, of in zip(lines, rows, [*computed.rows, computed.total], strict=True):
        assert int(line["tickets"]) == int(row["Tickets"]) == of.tickets
        assert int(line["late"]) == int(row["First response: missed"]) == of.first_response.missed
        assert float(row["First response: median (in seconds)"]) == of.first_response.median_seconds
    assert lines[1]["median"] == "1 h 5 min"
    assert lines[0]["share"] == "0 %"


def test_breaches_are_listed_with_their_tickets(shown, downloaded, answered, tier1, alice):
    late = answered(90_000, team=tier1, subject="The <b>boiler</b>", agent=alice)
    answered(600, team=tier1)

    [breach] = shown().context["breaches"]
    [line] = downloaded("&table=breaches")

    assert (breach["ticket"], breach["late"]) == (late, 3600)
    assert (line["Ticket"], line["Subject"], line["Agent"]) == (str(late.number), "The <b>boiler</b>", "Alice")
    assert float(line["Late by (in seconds)"]) == 3600
    assert "&lt;b&gt;boiler" in shown().content.decode()


def test_a_ticket_one_may_not_open_is_counted_but_not_told__T13(shown, downloaded, answered, db):
    secret = Team.objects.create(name="Legal", is_restricted=True)
    answered(90_000, team=secret, subject="The merger")

    response = shown()

    assert response.context["breaches_in_all"] == 1
    assert "The merger" not in response.content.decode()
    assert downloaded("&table=breaches")[0]["Subject"] == ""


def test_a_team_supervisor_sees_their_teams_alone__T13(shown, downloaded, answered, sara, tier1, billing):
    answered(600, team=tier1)
    answered(90_000, team=billing, subject="Invoice")

    response = shown(user=sara)

    assert [line["label"] for line in response.context["lines"]] == ["Tier 1", "All"]
    assert response.context["report"].total.tickets == 1
    assert "Invoice" not in response.content.decode()
    assert [row["Team"] for row in downloaded(user=sara)] == ["Tier 1", "All"]
    assert downloaded("&table=breaches", user=sara) == []


@pytest.mark.parametrize("name", ["sla_report", "sla_report_csv", "sla_report_tickets"])
def test_agents_and_customers_are_told_nothing__T13(client, answered, alice, carol, tier1, name):
    answered(90_000, team=tier1, subject="The boiler", agent=alice)
    carol.user = User.objects.create_user("carol@acme.example", "a long pass phrase", name="Carol Cole")
    carol.save(update_fields=["user"])

    for nobody in (alice, carol.user):
        client.force_login(nobody)
        response = client.get(reverse(f"desk:{name}") + MONTH)

        assert response.status_code == 404
        told = response.content.decode()
        assert not [word for word in ("The boiler", "Tier 1", "86400", "90000") if word in told]


@pytest.mark.parametrize("by", ["team", "channel", "priority", "customer_type", "agent"])
@pytest.mark.parametrize("compare", ["before", "year", "none"])
def test_every_choice_is_a_link_that_works(shown, answered, by, compare):
    answered(600)

    context = shown(f"&by={by}&compare={compare}").context

    assert context["chosen"].by.code == by
    assert [current for _name, _url, current in context["comparisons"]].count(True) == 1


@pytest.mark.parametrize(
    "query", ["from=x", "from=2026-11-01&to=2026-10-01", "by=shoe", "compare=me", "through=9999-12-31", "to=\x00"]
)
def test_broken_choices_are_said_and_the_usual_is_shown(client, mia, query):
    client.force_login(mia)

    for name in ("desk:sla_report", "desk:sla_report_csv"):
        assert client.get(f"{reverse(name)}?{query}").status_code == 422


def test_the_last_day_chosen_is_part_of_it(client, mia):
    client.force_login(mia)

    response = client.get(reverse("desk:sla_report") + "?from=2026-10-01&through=2026-10-31")

    assert str(response.context["chosen"].period) == "October 2026"


def test_nothing_from_outside_runs(shown, downloaded, answered, tier1, alice, shared_data):
    payloads = json.loads((shared_data / "data/xss/payloads.json").read_text())
    cells = json.loads((shared_data / "data/csv-injection/cases.json").read_text())["cases"]
    tier1.name = "</script><img src=x onerror=alert(1)>"
    tier1.save(update_fields=["name"])
    for case in payloads["payloads"][:20]:
        answered(90_000, team=tier1, subject=case["payload"][:200], agent=alice)
    for case in cells:
        answered(90_000, team=tier1, subject=case["cell"][:250], agent=alice)

    html = shown().content.decode()

    assert "<img src=x" not in html
    assert html.count("</script>") == len(re.findall(r"<script\b", html))
    for line in downloaded("&table=breaches"):
        assert not re.match(r"[=+@|%]", line["Subject"].lstrip())
        assert not re.match(r"-(?!\d+$)", line["Subject"].lstrip())


def test_imported_tickets_and_their_stand_in_are_named(shown, answered, db):
    from intake.models import ImportRun

    ImportRun.objects.create(source="old-desk", file_name="log.csv", first_response_from="Take in charge ticket")
    answered(600, origin="import", external_source="old-desk", external_id="1")

    said = words_of(shown())

    assert "1 of these tickets was imported from “old-desk”." in said
    assert "“Take in charge ticket” stands in for the first response." in said


@pytest.mark.parametrize("size", [1, 12])
def test_costs_the_same_for_any_size(client, mia, answered, tier1, billing, size, django_assert_max_num_queries):
    for n in range(size):
        answered(90_000, team=(tier1, billing)[n % 2])
        answered(600, at=OCTOBER - timedelta(days=20), team=tier1)
    client.force_login(mia)

    # session, user, viewer 3, calendar, report 5 + 5, outcomes 4, target, notes 1, trend, distribution,
    # breaches, what is visible 2, who confirmed, refusals, and the frame
    with django_assert_max_num_queries(34):
        client.get(reverse("desk:sla_report") + MONTH)


def test_pictures_hold_the_numbers_of_the_table(shown, answered, tier1):
    for seconds in (600, 4000, 90_000):
        answered(seconds, team=tier1)

    response = shown()
    trend, bars = response.context["trend"], response.context["distribution"]

    assert [(row["period"], row["share"], row["of"]) for row in trend["data"]["values"]] == [
        ("October 2026", "66.7 %", "3")
    ]
    assert sum(row["number"] for row in bars["data"]["values"]) == 3
    assert '<script id="trend" type="application/json">' in response.content.decode()
    assert ("October 2026", "66.7 %", "3") in [
        (name, share, of) for name, _url, share, of in response.context["trend_rows"]
    ]


def test_every_number_leads_to_the_tickets_it_counts(shown, answered, tier1, billing, client, alice):
    late = answered(90_000, team=tier1, subject="Late one", agent=alice)
    soon = answered(600, team=tier1, subject="Quick one")
    answered(90_000, team=billing, subject="Of billing")
    answered(600, subject="Of no team")

    lines = {line["label"]: line for line in shown().context["lines"]}

    def behind(label, which):
        response = client.get(lines[label][f"{which}_url"])
        assert response.status_code == 200
        return [ticket.subject for ticket in response.context["tickets"]]

    assert sorted(behind("Tier 1", "all")) == [late.subject, soon.subject]
    assert behind("Tier 1", "late") == ["Late one"]
    assert behind("Tier 1", "in_time") == ["Quick one"]
    assert behind("Billing", "late") == ["Of billing"]
    assert behind("No team", "all") == ["Of no team"]
    assert len(behind("All", "all")) == int(lines["All"]["tickets"]) == 4
    assert behind("All", "overdue") == []
    point = shown().context["trend"]["data"]["values"][-1]["href"]
    assert len(client.get(point).context["tickets"]) == 4
    lines = {line["label"]: line for line in shown("&by=agent").context["lines"]}
    assert behind("Alice", "late") == ["Late one"]


def test_what_came_late_says_how_late_and_after_how_long(client, mia, answered):
    answered(4 * 3600, subject="In time")
    late = answered(26 * 3600, subject="Too late")
    Clock.objects.filter(ticket=late).update(elapsed_seconds=10 * 3600)  # working time
    client.force_login(mia)

    said = words_of(client.get(reverse("desk:sla_report_tickets") + MONTH))

    assert "after 4 h" in said
    assert "after 10 h 2 h late" in said
    assert "4 h late" not in said


def test_the_file_rounds_as_the_page_does(shown, downloaded, answered):
    for seconds in (600, 90_000, 700, 3601, 3602, 100_000, 90_001):
        answered(seconds)

    [*_rows, row] = downloaded()

    assert (shown().context["lines"][-1]["share"], row["First response in time (in percent)"]) == ("57.1 %", "57.1")
    assert row["First response: 9 in 10 (in seconds)"].isdigit()


@pytest.mark.parametrize(
    ("period", "when"),
    [
        ("?from=2026-10-05&to=2026-10-06", "worse than on 4 Oct 2026."),
        ("?from=2026-10-05&to=2026-10-07", "worse than from 3 Oct 2026 to 4 Oct 2026."),
    ],
)
def test_the_time_compared_with_is_a_sentence(client, mia, answered, period, when):
    for _n in range(40):
        answered(90_000)
        answered(600, at=OCTOBER - timedelta(days=1))
    client.force_login(mia)

    assert when in words_of(client.get(reverse("desk:sla_report") + period))


def test_what_is_behind_a_number_keeps_to_what_one_may_see__T13(client, sara, mia, alice, answered, tier1, billing):
    answered(600, team=billing, subject="Invoice")
    secret = Team.objects.create(name="Legal", is_restricted=True)
    answered(600, team=secret, subject="The merger")
    url = reverse("desk:sla_report_tickets") + MONTH

    client.force_login(sara)
    assert client.get(url).context["tickets"] == []
    client.force_login(mia)
    assert [ticket.subject for ticket in client.get(url).context["tickets"]] == ["Invoice"]
    for bad in ("&group=x", "&show=shoe", "&by=shoe", "&group=9" * 9):
        assert client.get(url + bad).status_code in (200, 404)
    client.force_login(alice)
    assert client.get(url).status_code == 404


def test_what_is_behind_a_number_costs_the_same_for_any_size(client, mia, answered, tier1):
    client.force_login(mia)
    url = reverse("desk:sla_report_tickets") + MONTH + f"&by=team&group={tier1.pk}&show=late"

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    answered(90_000, team=tier1)
    cost()
    few = cost()
    for _n in range(9):
        answered(90_000, team=tier1)
    assert cost() == few


def test_confirmations_by_word_of_mouth_and_refusals_are_told__T4(shown, answered, tier1, alice):
    yes, no = answered(600, team=tier1, subject="Fine"), answered(600, team=tier1, subject="Broken still")
    said = {"asked_at": OCTOBER, "answered_at": OCTOBER, "recorded_by": alice}
    Closure.objects.create(ticket=yes, answer="solved", via="phone", **said)
    Closure.objects.create(ticket=no, answer="not_solved", via="link", why="It leaks again", **said)

    response = shown()

    assert response.context["spoken_by"] == [("Alice", 1)]
    assert "It leaks again" in words_of(response)


def test_no_person_is_named_as_the_lowest(shown, answered, alice, bob):
    for _n in range(31):
        answered(90_000, agent=alice)
        answered(600, agent=bob)

    assert shown("&by=agent").context["answer"].lowest == ""
    assert "It is no ranking." in words_of(shown("&by=agent"))
