"""A double click, a lost connection, a program that tries again: one answer per key."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from common.errors import Malformed, Refused
from events import idempotency
from events.idempotency import Answer, once
from events.models import IdempotentAnswer, Setting


def work(location="/tickets/7/"):
    """Something that must happen once."""
    Setting.objects.create(key="work.done", value=location)
    return Answer(302, location, "body")


@pytest.mark.django_db
def test_the_second_call_gets_the_first_answer():
    first = once("reply:1", "k", work)
    second = once("reply:1", "k", lambda: work("/elsewhere/"))

    assert first == second == Answer(302, "/tickets/7/", "body")
    assert Setting.objects.count() == 1


@pytest.mark.django_db
def test_other_scopes_other_keys_and_no_key_are_other_calls():
    for scope, key in (("a", "k"), ("b", "k"), ("a", "l"), ("a", ""), ("a", "")):
        once(scope, key, work)

    assert Setting.objects.count() == 5


@pytest.mark.django_db
def test_a_refusal_is_no_answer():
    def refused():
        work()
        raise Refused("No.", code="no")

    with pytest.raises(Refused):
        once("a", "k", refused)

    assert not Setting.objects.exists()
    assert once("a", "k", work).status == 302


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 81, "a\x00b"])
def test_a_bad_key_is_malformed(key):
    with pytest.raises(Malformed):
        once("a", key, work)


@pytest.mark.django_db
def test_old_answers_are_forgotten():
    once("a", "k", work)
    assert idempotency.forget() == 0
    assert idempotency.forget(at=timezone.now() + timedelta(days=3)) == 1
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_it_once():
    began, goes_on = threading.Event(), threading.Event()
    answers = []

    def slow():
        began.set()
        assert goes_on.wait(60)
        return work("/slow/")

    def call(job):
        try:
            answers.append(once("a", "k", job))
        finally:
            connection.close()

    first = threading.Thread(target=call, args=(slow,))
    first.start()
    assert began.wait(60)
    second = threading.Thread(target=call, args=(lambda: work("/fast/"),))
    second.start()
    second.join(0.3)
    assert second.is_alive()  # it waits for the first
    goes_on.set()
    first.join(60)
    second.join(60)

    assert answers == [Answer(302, "/slow/", "body")] * 2
    assert Setting.objects.count() == 1
