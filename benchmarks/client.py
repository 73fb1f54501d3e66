"""Signed-in clients on kept connections, and how long the desk makes them wait."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlencode

TOKEN = "a" * 32  # what a form and its cookie must agree on
PATIENCE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; with ``form`` it is posted as the page would post it."""

    path: str
    form: dict[str, str] | None = None


Asks = Callable[[], Ask]


class Client:
    """A browser that is signed in."""

    def __init__(self, host: str, port: int, cookie: str, session: str) -> None:
        self.line = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        self.headers = {"Cookie": f"{cookie}={session}; csrftoken={TOKEN}", "Accept-Language": "en"}

    def ask(self, what: Ask) -> float:
        """Send it and read the whole answer; the seconds it took. Anything but a page or a redirect is an error."""
        body, headers, method = None, self.headers, "GET"
        if what.form is not None:
            method = "POST"
            body = urlencode({**what.form, "csrfmiddlewaretoken": TOKEN, "idempotency_key": str(uuid.uuid4())}).encode()
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        start = time.perf_counter()
        self.line.request(method, what.path, body, headers)
        answer = self.line.getresponse()
        said = answer.read()
        took = time.perf_counter() - start
        wanted = (200,) if what.form is None else (302, 303)
        if answer.status not in wanted:
            raise RuntimeError(f"{method} {what.path} answered {answer.status}: {said[:300]!r}")
        if answer.status != 200 and "login" in (answer.getheader("Location") or ""):
            raise RuntimeError(f"{method} {what.path}: not signed in.")
        return took


def operations(targets: dict[str, Any]) -> dict[str, Asks]:
    """What is measured, by name, the floor first; each call gives the next request."""
    replies, people = cycle(targets["replies"]), cycle(targets["people"])
    lock = threading.Lock()

    def given(make: Callable[[], Ask]) -> Asks:
        def locked() -> Ask:
            with lock:
                return make()

        return locked

    def reply() -> Ask:
        path, seen = next(replies)
        text = "Thank you. We looked into it and the heating should be warm again by tonight; please tell us if not."
        return Ask(path, {"text": text, "seen": str(seen)})

    def create() -> Ask:
        text = "The radiator in the hall stays cold since the update. They tried a restart."
        form = {"way": "phone", "direction": "in", "text": text, "subject": "Radiator stays cold", "belongs_to": "new"}
        return Ask(targets["create"], {**form, "person": str(next(people)), "seconds": "90", "type": "incident"})

    found: dict[str, Asks] = {
        "floor": lambda: Ask("/benchmarks/floor/"),
        "list": lambda: Ask(targets["list"]),
        "ticket page": lambda: Ask(targets["ticket"]),
    }
    for name, words in targets["words"].items():
        found[f"search: {name}"] = given(_searches(targets["search"], words))
    return found | {"create": given(create), "reply": given(reply)}


def _searches(path: str, words: Sequence[str]) -> Callable[[], Ask]:
    turns: Iterator[str] = cycle(words)
    return lambda: Ask(f"{path}?q={quote(next(turns))}")


def measure(clients: Sequence[Client], asks: Asks, times: int) -> list[float]:
    """Let every client ask ``times`` times, all at once; the seconds of each request. The first error is raised."""
    took: list[float] = []
    problems: list[BaseException] = []

    def work(client: Client) -> None:
        try:
            took.extend([client.ask(asks()) for _time in range(times)])
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return took
