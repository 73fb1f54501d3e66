"""The processes as they run, in a browser and over a plain socket."""

import socket
import time

import pytest
from playwright.sync_api import Page

from helpdesk.testing import LiveDesk


@pytest.mark.browser
def test_a_stranger_is_asked_to_sign_in_without_a_breach_of_the_policy(live_desk: LiveDesk, page: Page) -> None:
    breaches: list[str] = []
    page.on("console", lambda message: breaches.append(message.text) if message.type == "error" else None)

    answer = page.goto(f"{live_desk.url}/")

    assert answer is not None
    assert answer.status == 200
    assert "/accounts/login/" in page.url
    assert page.locator("input[name=login]").is_visible()
    assert [text for text in breaches if "Content Security Policy" in text] == []


@pytest.mark.takes(12)
def test_ready_once_worker_and_beat_have_shown_themselves(live_desk: LiveDesk) -> None:
    assert "503 " in _ask(live_desk, "GET /readyz HTTP/1.1\r\nHost: localhost")

    live_desk.start("worker")
    live_desk.start("beat")

    deadline = time.monotonic() + 240
    while "200 OK" not in (answer := _ask(live_desk, "GET /readyz HTTP/1.1\r\nHost: localhost")):
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)


def test_a_body_without_length_or_over_the_limit_is_refused(live_desk: LiveDesk) -> None:
    head = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"

    assert "411 " in _ask(live_desk, f"{head}Transfer-Encoding: chunked", "0\r\n\r\n")
    assert "413 " in _ask(live_desk, f"{head}Content-Length: 99999999999")
    assert "400 " in _ask(live_desk, f"{head}Content-Length: many")


def test_a_client_that_goes_away_in_an_upload_runs_no_half_request(live_desk: LiveDesk) -> None:
    with socket.create_connection(("127.0.0.1", live_desk.port)) as line:
        head = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        line.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=a".encode())

    assert "200 OK" in _ask(live_desk, "GET /healthz HTTP/1.1\r\nHost: localhost")


def _ask(desk: LiveDesk, head: str, body: str = "") -> str:
    with socket.create_connection(("127.0.0.1", desk.port), timeout=90) as line:
        line.sendall(f"{head}\r\nConnection: close\r\n\r\n{body}".encode())
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return answer.decode(errors="replace").split("\r\n", 1)[0]
