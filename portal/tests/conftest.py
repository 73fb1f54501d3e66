"""A customer at the door."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User


@pytest.fixture
def signed_in(client):
    """``signed_in(carol)``: a browser in which she is signed in."""

    def sign_in(person):
        if person.user_id is None:
            person.user = User.objects.create_user(f"p{person.pk}@portal.example", "a long pass phrase")
            person.save(update_fields=["user"])
        client.force_login(person.user)
        return client

    return sign_in


@pytest.fixture
def queries_of():
    """``queries_of(browser, url)``: how many queries the page takes."""

    def count(browser, url):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        return len(queries)

    return count
