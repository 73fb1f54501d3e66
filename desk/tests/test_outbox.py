"""The outbox: what the desk wrote, for admins, who read it there where no mail server is set."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from notifications.models import OutgoingMail

pytestmark = pytest.mark.django_db

LINK = "https://desk.example/confirm/abc"


@pytest.fixture
def desk(client, adam):
    client.force_login(adam)
    return client


@pytest.fixture
def make_mail(printer_ticket, carol):
    def make(subject: str = "Is it solved?", **fields) -> OutgoingMail:
        fields = {"status": "kept", "text": f"Please press here:\n{LINK}\n<b>Thank you</b>", **fields}
        return OutgoingMail.objects.create(
            template="resolved", recipient="carol@acme.example", person=carol, ticket=printer_ticket,
            sender="Desk <desk@desk.example>", subject=subject, message_id=f"<{subject}@desk.example>", **fields,
        )  # fmt: skip

    return make


@pytest.mark.parametrize("name", ["alice", "sara", "mia", "theo"])
def test_is_for_admins_alone(client, name, make_mail, request):
    mail = make_mail()
    client.force_login(request.getfixturevalue(name))

    assert client.get("/outbox/").status_code == 404
    assert client.get(reverse("desk:outbox_mail", args=[mail.public_id])).status_code == 404
    assert client.post(reverse("desk:outbox_again", args=[mail.public_id])).status_code == 404

    mail.refresh_from_db()
    assert mail.status == "kept"


def test_lists_the_newest_first_and_narrows_to_a_state(desk, make_mail, now):
    make_mail("Older", created_at=now - timedelta(hours=2))
    make_mail("Newer", created_at=now - timedelta(hours=1))
    make_mail("Failed one", created_at=now - timedelta(hours=3), status="failed")

    def shown(query: str) -> list[str]:
        return [mail.subject for mail in desk.get(f"/outbox/{query}").context["page"].items]

    assert shown("") == ["Newer", "Older", "Failed one"]
    assert shown("?status=failed") == ["Failed one"]
    assert shown("?status=nonsense") == ["Newer", "Older", "Failed one"]


def test_an_empty_outbox_says_so(desk):
    assert "No mail here" in desk.get("/outbox/").content.decode()


def test_a_kept_mail_shows_its_text_and_its_links_work(desk, make_mail):
    html = desk.get(reverse("desk:outbox_mail", args=[make_mail().public_id])).content.decode()

    assert "Please press here:" in html
    assert f'href="{LINK}"' in html
    assert "&lt;b&gt;Thank you" in html  # as text, never as markup
    assert "Send again" in html


def test_a_mail_whose_text_was_removed_says_why(desk, make_mail):
    html = desk.get(reverse("desk:outbox_mail", args=[make_mail(text="", status="sent").public_id])).content.decode()

    assert "Its text was removed" in html
    assert "Send again" not in html


@pytest.mark.parametrize("status", ["kept", "failed"])
def test_sends_a_kept_or_failed_mail_again(desk, make_mail, status, now):
    mail = make_mail(status=status, attempts=9, next_attempt_at=now - timedelta(days=3))

    desk.post(reverse("desk:outbox_again", args=[mail.public_id]))

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("queued", 0)
    assert mail.next_attempt_at >= now


@pytest.mark.parametrize("status", ["sent", "queued", "sending", "cancelled"])
def test_never_sends_twice_what_left_or_is_on_its_way(desk, make_mail, status):
    mail = make_mail(status=status)

    response = desk.post(reverse("desk:outbox_again", args=[mail.public_id]), follow=True)

    mail.refresh_from_db()
    assert mail.status == status
    assert "Only a mail that failed or was kept" in response.content.decode()


def test_looking_at_the_address_sends_nothing(desk, make_mail):
    mail = make_mail()

    assert desk.get(reverse("desk:outbox_again", args=[mail.public_id])).status_code == 405

    mail.refresh_from_db()
    assert mail.status == "kept"


def test_the_html_of_a_mail_stands_in_a_frame_where_nothing_can_run(desk, make_mail):
    mail = make_mail(html='<html><head></head><body><script>alert(1)</script><p style="margin:0">Hi</p></body></html>')
    frame = reverse("desk:outbox_html", args=[mail.public_id])

    page = desk.get(reverse("desk:outbox_mail", args=[mail.public_id]))
    response = desk.get(frame)

    assert f'src="{frame}"' in page.content.decode()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_mail_without_html_has_no_frame(desk, make_mail):
    mail = make_mail()

    assert "<iframe" not in desk.get(reverse("desk:outbox_mail", args=[mail.public_id])).content.decode()
    assert desk.get(reverse("desk:outbox_html", args=[mail.public_id])).status_code == 404
