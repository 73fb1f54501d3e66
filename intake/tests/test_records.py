"""One row or object for each ticket."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from customers.models import Person
from events.models import Event
from tickets.models import Entry, Priority, Status, Ticket

HEADER = "external_id,subject,text,status,created,resolved,closed,requester_name,requester_email,assignee,priority,team"
TIMES = "2026-01-05 10:00,2026-01-06 10:00,2026-01-07 10:00"
ROW = f"7,Printer,It smokes,closed,{TIMES},Carl,carl@x.example,Bob Old,high,Print"


def ticket(**changes: Any) -> dict[str, Any]:
    return {
        "external_id": "7", "subject": "Printer", "text": "It smokes.", "status": "open",
        "created": "2026-01-05T10:00Z",
        "requester_name": "Carl", "requester_email": "Carl@x.example", "assignee": "Bob Old",
        "messages": [
            {"at": "2026-01-05T11:00Z", "from": "agent", "text": "Is it on?"},
            {"at": "2026-01-05T12:00Z", "from": "customer", "text": "Yes."},
            {"at": "2026-01-05T12:30Z", "from": "note", "author": "Ann", "text": "Hm."},
        ],
        **changes,
    }  # fmt: skip


def test_a_row_becomes_a_ticket(importing, counts):
    told = importing(f"{HEADER}\n{ROW}\n", "--timezone", "Europe/Rome", name="old.csv")

    assert told.counts == counts(created=1)
    made = Ticket.objects.get()
    assert (made.status, made.priority, str(made.team)) == (Status.CLOSED, Priority.HIGH, "Print")
    assert (made.opened_at, made.closed_at) == (
        datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 7, 9, tzinfo=UTC),
    )  # fmt: skip
    assert (made.external_source, made.external_id) == ("old", "7")
    assert str(made.requester.main_address.address) == "carl@x.example"
    assert made.requester.main_address.verified_at is None
    assert not made.resolved_by.is_active


def test_an_object_tells_its_messages(importing, counts):
    told = importing(json.dumps([ticket()]), name="old.json")

    assert told.counts == counts(created=1)
    assert list(Entry.objects.order_by("happened_at").values_list("text", "visibility")) == [
        ("It smokes.", "public"), ("Is it on?", "public"), ("Yes.", "public"), ("Hm.", "internal"),
    ]  # fmt: skip
    assert Ticket.objects.get().status == Status.OPEN
    assert set(User.objects.filter(is_active=False).values_list("name", flat=True)) >= {"Bob Old", "Ann"}


@pytest.mark.parametrize("separator", ["\n", "", "\n\n"])
def test_objects_may_stand_one_after_the_other(importing, counts, separator):
    told = importing(separator.join(json.dumps(ticket(external_id=number)) for number in range(3)), name="old.jsonl")

    assert told.counts == counts(created=3)


def test_a_file_of_many_pieces_is_read_whole(importing, counts):
    told = importing(
        json.dumps([ticket(external_id=n, text="é" * 70_000) for n in range(5)], indent=1), name="old.json"
    )

    assert told.counts == counts(created=5)
    assert {len(entry.text) for entry in Entry.objects.filter(kind="message").exclude(text="Yes.")} == {70_000}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"created": "soon"}, "no time"),
        ({"created": None}, "No time"),
        ({"external_id": ""}, "belongs to no case"),
        ({"external_id": {"a": 1}}, "A text is wanted"),
        ({"status": "odd"}, "no known status"),
        ({"status": "resolved"}, "does not say when"),
        ({"status": "closed"}, "does not say when"),
        ({"resolved": "2026-01-06T10:00Z"}, "does not fit"),
        ({"status": "resolved", "resolved": "2026-01-01T10:00Z"}, "before it was opened"),
        ({"status": "resolved", "resolved": "2026-01-05T11:30Z"}, "messages from after"),
        ({"priority": "mauve"}, "no known priority"),
        ({"requester_email": "nobody"}, "no e-mail address"),
        ({"requester_email": "", "requester_name": ""}, "No customer"),
        ({"messages": "none"}, "list of objects"),
        ({"messages": [{"at": "2025-01-01T00:00Z", "from": "customer", "text": "x"}]}, "older than its ticket"),
        ({"messages": [{"at": "2026-01-06T00:00Z", "from": "robot", "text": "x"}]}, "is from"),
        ({"messages": [{"at": "2026-01-06T00:00Z", "from": "agent"}], "assignee": ""}, "no author"),
        ({"text": "a\0b"}, "NUL"),
    ],
)
def test_a_bad_object_is_rejected_with_its_reason(importing, counts, changes, reason):
    told = importing(f"[{json.dumps(ticket(**changes))},\n{json.dumps(ticket(external_id='8'))}]", name="old.json")

    assert told.counts == counts(created=1, rejected=1)
    ((line, why, row),) = told.rejected
    assert line == "1"
    assert reason in why
    assert json.loads(row)["subject"] == "Printer"


def test_what_is_no_object_is_rejected(importing, counts):
    assert importing(f'[5, "x", {json.dumps(ticket())}]', name="old.json").counts == counts(created=1, rejected=2)


def test_one_id_with_two_contents_is_rejected(importing, counts):
    told = importing(
        json.dumps([ticket(), ticket(), ticket(external_id="8"), ticket(external_id="8", text="?")]), name="o.json"
    )

    assert told.counts == counts(created=1, rejected=1)


def test_again_changes_nothing_and_more_is_told_on_top(importing, counts):
    importing(json.dumps([ticket()]), name="old.json")
    assert importing(json.dumps([ticket()]), name="old.json").counts == counts(unchanged=1)
    events = Event.objects.filter(subject_kind="ticket").count()

    more = ticket(status="resolved", resolved="2026-01-06T10:00Z")
    assert importing(json.dumps([more]), name="old.json").counts == counts(updated=1)

    assert Ticket.objects.get().status == Status.RESOLVED
    assert Event.objects.filter(subject_kind="ticket").count() > events
    assert Entry.objects.count() == 4
    assert importing(json.dumps([more]), name="old.json").counts == counts(unchanged=1)


def test_a_changed_state_alone_is_told(importing, counts):
    importing(json.dumps([ticket(status="pending")]), name="old.json")
    assert Ticket.objects.get().status == Status.PENDING

    assert importing(json.dumps([ticket(status="open")]), name="old.json").counts == counts(updated=1)

    assert Ticket.objects.get().status == Status.OPEN


def test_a_changed_text_is_rejected__T6(importing, counts):
    importing(json.dumps([ticket()]), name="old.json")

    told = importing(json.dumps([ticket(text="It burns.")]), name="old.json")

    assert told.counts == counts(rejected=1)
    assert "history is never rewritten" in told.rejected[0][1]


def test_a_known_address_is_that_person_and_a_known_colleague_answers(importing, carol, alice):
    importing(json.dumps([ticket(requester_email="carol@acme.example", assignee=alice.email)]), name="old.json")

    made = Ticket.objects.get()
    assert (made.requester, made.assignee) == (carol, alice)
    assert not Person.objects.filter(name="Carl").exists()


def test_columns_and_words_may_have_other_names(importing, counts, tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({
        "source": "old-desk", "columns": {"external_id": "Nr", "created": "Opened", "requester_name": "Who"},
        "statuses": {"Erledigt": "closed"}, "priorities": {"P1": "urgent"}, "time_format": "%d.%m.%Y %H:%M",
    }))  # fmt: skip

    told = importing(
        "Nr;subject;Opened;Who;status;closed;priority\n1;Drucker;05.01.2026 10:00;Karl;Erledigt;06.01.2026 10:00;P1\n",
        "--map", str(path),
    )  # fmt: skip

    assert told.counts == counts(created=1)
    assert (Ticket.objects.get().status, Ticket.objects.get().priority) == (Status.CLOSED, Priority.URGENT)
