"""The forms of acts: done once, refused at the form with nothing lost, the same without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from html import unescape
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from common.business_hours import BusinessHours
from desk.tickets import moments
from tickets import lifecycle
from tickets.models import Attachment, ConsentRefusal, Entry, Hold, HoldReason, Status, Ticket

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def url(ticket, name):
    return reverse(f"desk:{name}", args=[ticket.number])


@pytest.fixture
def alices(client, alice):
    client.force_login(alice)
    return client


def test_a_reply_is_sent_and_the_page_comes_back(alices, taken_ticket):
    seen = taken_ticket.entries.latest("pk").pk

    response = alices.post(
        url(taken_ticket, "reply"), {"text": "Use the extinguisher.", "seen": seen, "then": "pending"}
    )

    assert response.status_code == 302
    taken_ticket.refresh_from_db()
    assert taken_ticket.status == Status.PENDING
    assert taken_ticket.entries.filter(kind="reply", text="Use the extinguisher.").count() == 1


def test_a_message_that_came_meanwhile_is_shown_and_the_draft_kept__T10(alices, taken_ticket, carol):
    seen = taken_ticket.entries.latest("pk").pk
    lifecycle.receive(taken_ticket, person=carol, text="It is out now!")

    response = alices.post(url(taken_ticket, "reply"), {"text": "My long draft", "seen": seen})

    html = response.content.decode()
    assert response.status_code == 409
    assert "It is out now!" in html
    assert html.count("My long draft") == 1  # still in the box, below the news
    assert not taken_ticket.entries.filter(kind="reply").exists()

    newest = taken_ticket.entries.latest("pk").pk
    assert f'name="seen" value="{newest}"' in html


def test_a_double_click_sends_once(alices, taken_ticket):
    sent = {"text": "Once.", "idempotency_key": "k1"}

    first, second = (alices.post(url(taken_ticket, "reply"), sent) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    assert taken_ticket.entries.filter(text="Once.").count() == 1


def test_an_empty_reply_is_refused_at_the_box(alices, taken_ticket):
    response = alices.post(url(taken_ticket, "reply"), {"text": "  \x00 "})

    assert response.status_code == 422
    assert not taken_ticket.entries.filter(kind="reply").exists()


def test_twenty_megabytes_in_a_field_are_refused(alices, taken_ticket, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 30_000_000
    response = alices.post(url(taken_ticket, "note"), {"text": "x" * 20_000_000})

    assert response.status_code == 422
    assert Entry.objects.filter(kind="note").count() == 0


def test_a_reply_just_sent_can_be_undone(alices, taken_ticket):
    alices.post(url(taken_ticket, "reply"), {"text": "Oops."})
    entry = taken_ticket.entries.get(text="Oops.")
    undo = reverse("desk:withdraw_reply", args=[taken_ticket.number, entry.pk])
    assert undo in alices.get(url(taken_ticket, "ticket")).content.decode()

    alices.post(undo)

    entry.refresh_from_db()
    assert entry.undone_at


def test_markup_stays_text(alices, taken_ticket):
    alices.post(url(taken_ticket, "note"), {"text": "<script>alert(1)</script>"})

    html = alices.get(url(taken_ticket, "ticket")).content.decode()

    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_take_and_resolve(alices, printer_ticket):
    assert alices.post(url(printer_ticket, "take")).status_code == 302
    assert alices.post(url(printer_ticket, "resolve"), {"text": "It is out."}, headers=HTMX).status_code == 204

    printer_ticket.refresh_from_db()
    assert printer_ticket.status == Status.RESOLVED


def test_resolving_asks_for_each_open_promise__T12(alices, alice, taken_ticket, tomorrow):
    promise = lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=tomorrow)

    asked = alices.post(url(taken_ticket, "resolve"), {"text": "Done."})
    done = alices.post(url(taken_ticket, "resolve"), {"text": "Done.", f"promise_{promise.pk}": "kept"})

    assert asked.status_code == 422
    assert "Done." in asked.content.decode()
    assert done.status_code == 302
    promise.refresh_from_db()
    assert promise.status == "kept"


def test_a_hold_in_writing(alices, taken_ticket):
    until = (timezone.now() + timedelta(hours=3)).isoformat()
    page = alices.get(url(taken_ticket, "hold"))
    reason = page.context["form"].fields["reason"].queryset[0].pk

    response = alices.post(url(taken_ticket, "hold"), {"reason": reason, "consent": "told", "until": until})

    assert response.status_code == 302
    assert Hold.objects.get(ticket=taken_ticket).consent == "told"


def test_the_form_and_the_ticket_say_why_a_hold_lets_the_clock_run__H6(alices, taken_ticket, hold_reasons):
    until = (timezone.now() + timedelta(hours=3)).isoformat()
    theirs = HoldReason.objects.filter(side="customer").first()
    ours = HoldReason.objects.filter(side="ours").first()

    form = alices.get(url(taken_ticket, "hold")).content.decode()
    alices.post(url(taken_ticket, "hold"), {"reason": theirs.pk, "consent": "told", "until": until})

    assert f"The resolution clock stands still only for: {theirs}" in unescape(form)
    assert "only if a message of theirs asked for the wait" in form
    page = alices.get(url(taken_ticket, "ticket")).content.decode()
    assert "the clock runs: no message of theirs asked for the wait" in page
    assert "the reason is ours" not in page
    Hold.objects.update(reason=ours)
    assert "the clock runs: the reason is ours" in alices.get(url(taken_ticket, "ticket")).content.decode()


SUNDAY = datetime(2031, 3, 2, 22, 7, tzinfo=UTC)


def test_a_promise_is_proposed_while_the_team_works__T8():
    hours = BusinessHours("UTC", {day: [(time(9), time(17))] for day in range(5)})

    closed = [
        at.isoformat(" ", "minutes")[5:16] for at, _words in moments.for_promise_in("UTC", now=SUNDAY, hours=hours)
    ]
    lasting = [at for at, _words in moments.for_promise_in("UTC", now=SUNDAY)]
    busy = moments.for_promise_in("UTC", now=SUNDAY + timedelta(hours=12), hours=hours)

    assert closed == ["03-03 09:30", "03-03 10:00", "03-03 11:00", "03-04 10:00", "03-05 10:00"]
    assert lasting[0] == SUNDAY + timedelta(minutes=30)
    assert "30 min" in busy[0][1]


def test_the_forms_of_a_promise_go_by_the_teams_hours(taken_ticket, office_hours):
    ready = moments.for_promise(taken_ticket, now=SUNDAY)

    assert ready[0][0] == datetime(2031, 3, 3, 8, 30, tzinfo=UTC)


def test_a_hold_in_the_past_comes_back_with_the_reason__H2(alices, taken_ticket):
    past = (timezone.now() - timedelta(hours=3)).isoformat()
    page = alices.get(url(taken_ticket, "hold"))
    reason = page.context["form"].fields["reason"].queryset[0].pk

    response = alices.post(
        url(taken_ticket, "hold"), {"reason": reason, "consent": "told", "until": past, "text": "Wait"}, headers=HTMX
    )

    assert response.status_code == 409
    assert "A hold ends in the future." in response.content.decode()
    assert "Wait" in response.content.decode()
    assert not Hold.objects.exists()


def test_on_the_phone_the_words_to_ask_are_shown_and_a_no_offers_what_is_left__H5(alices, taken_ticket, call):
    page = alices.get(url(taken_ticket, "hold"), headers=HTMX).content.decode()
    answer = alices.post(url(taken_ticket, "hold"), {"consent": "refused"}, headers=HTMX)

    assert "May I put you on hold" in page
    assert ConsentRefusal.objects.get().contact == call
    assert "Promise a call back" in answer.content.decode()
    assert not Hold.objects.exists()


def test_on_the_phone_the_words_name_the_reason_and_the_time_that_are_picked__H7(alices, taken_ticket, call, carol):
    carol.time_zone = "Asia/Tokyo"
    carol.save(update_fields=["time_zone"])
    reason = HoldReason.objects.get(code="supplier")
    until = (timezone.now() + timedelta(minutes=10)).replace(second=0, microsecond=0)
    theirs = f"{until.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}"

    def words(**picked):
        return " ".join(alices.get(url(taken_ticket, "hold"), picked, headers=HTMX).context["form"].say.split())

    assert "look into this" in words()
    picked = words(reason=reason.pk, until=until.isoformat())
    assert "We are waiting for our supplier." in picked
    assert f"I will be back by {theirs}." in picked
    other = timezone.localtime(until)
    assert f"by {theirs}." in words(until="other", until_other=f"{other:%Y-%m-%dT%H:%M}")
    for odd in ({"until": "other"}, {"until": "9999-12-31T23:59:59+00:00"}, {"until": "\x00", "reason": "\x00"}):
        assert "by ….”" in words(**odd)


def test_a_running_call_shows_and_ends(alices, taken_ticket, call):
    html = alices.get(url(taken_ticket, "ticket")).content.decode()
    end = reverse("desk:end_contact_here", args=[taken_ticket.number, call.pk])
    assert f'action="{end}"' in html
    assert "data-timer-start" in html

    alices.post(end)

    call.refresh_from_db()
    assert call.ended_at


def test_a_transfer_is_sent_accepted_and_its_summary_shown__X1(client, alice, bella, taken_ticket, billing):
    client.force_login(alice)
    sent = {"to_team": billing.pk, "reason": "expertise", "consent": "told", "understood": "Fire", "tried": "Water"}
    assert client.post(url(taken_ticket, "transfer"), sent).status_code == 302

    client.force_login(bella)
    html = client.get(url(taken_ticket, "ticket")).content.decode()
    accept = url(taken_ticket, "accept_transfer")
    assert accept in html
    assert "Water" in html
    client.post(accept)

    taken_ticket.refresh_from_db()
    assert taken_ticket.assignee == bella


def test_an_escalation_is_raised_and_taken__E3(client, alice, sara, taken_ticket):
    client.force_login(alice)
    client.post(url(taken_ticket, "escalate"), {"reason": "limit", "kind": "hierarchical", "note_text": "Help"})

    client.force_login(sara)
    assert url(taken_ticket, "take_escalation") in client.get(url(taken_ticket, "ticket")).content.decode()
    client.post(url(taken_ticket, "take_escalation"))

    assert taken_ticket.escalations.get().owner == sara


def test_a_part_of_another_ticket_is_not_there(alices, alice, taken_ticket, make_ticket, carol, tier1, tomorrow):
    other = make_ticket(carol, "Other", team=tier1)
    promise = lifecycle.promise(other, by=alice, kind="call_back", due_at=tomorrow)

    address = reverse("desk:keep_promise", args=[taken_ticket.number, promise.pk])

    assert alices.get(address).status_code == 404
    assert alices.post(address).status_code == 404


def test_properties_set_priority_from_impact_and_urgency(alices, taken_ticket):
    new = {"subject": "Fire!", "type": "incident", "impact": 3, "urgency": 3, "tags": "printer, fire"}

    assert alices.post(url(taken_ticket, "properties"), new).status_code == 302

    taken_ticket.refresh_from_db()
    assert (taken_ticket.subject, taken_ticket.priority) == ("Fire!", 4)
    assert set(taken_ticket.tags.values_list("name", flat=True)) == {"printer", "fire"}


def test_many_at_once_and_what_is_refused_is_told(alices, alice, bob, taken_ticket, make_ticket, carol, tier1):
    free = make_ticket(carol, "Free", team=tier1)
    taken = make_ticket(carol, "Bob's", team=tier1)
    lifecycle.take(taken, by=bob)

    picked = {"act": "take", "ticket": [free.number, taken.number]}
    response = alices.post(reverse("desk:ticket_bulk"), picked, follow=True)

    free.refresh_from_db()
    assert free.assignee == alice
    said = [str(message) for message in response.context["messages"]]
    assert any(f"#{taken.number}: Bob has this ticket" in line for line in said)
    assert "1 ticket changed." in said


def test_files_are_served_safely_and_only_to_those_who_may_read__T13(client, alice, theo, taken_ticket):
    client.force_login(alice)
    file = SimpleUploadedFile("../../evil.html", b"<script>alert(1)</script>", "text/html")
    client.post(url(taken_ticket, "note"), {"text": "See the file", "files": file})
    kept = Entry.objects.get(kind="note").attachments.get()
    address = reverse("desk:attachment", args=[kept.public_id])

    response = client.get(address)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.getvalue() == b"<script>alert(1)</script>"

    assert client.get(address, {"small": ""}).status_code == 404  # no picture
    picture = BytesIO()
    Image.new("RGB", (400, 300)).save(picture, "PNG")
    client.post(url(taken_ticket, "note"), {"text": "Look", "files": SimpleUploadedFile("a.png", picture.getvalue())})
    shown = Attachment.objects.get(name="a.png")
    stamp = f"{reverse('desk:attachment', args=[shown.public_id])}?small"
    assert f'src="{stamp}"' in client.get(url(taken_ticket, "ticket")).content.decode()
    answer = client.get(stamp)
    assert answer.headers["Content-Type"] == "image/webp"
    assert len(answer.getvalue()) == int(answer.headers["Content-Length"])

    client.force_login(theo)
    assert client.get(address).status_code == 404
    assert client.get(stamp).status_code == 404


def test_a_forged_cursor_shows_the_newest(alices, taken_ticket):
    assert alices.get(url(taken_ticket, "ticket"), {"after": "forged"}).status_code == 200
    assert Ticket.objects.filter(pk=taken_ticket.pk).exists()
