"""Settings as rows."""

import pytest

from common.errors import Malformed
from events import values
from tickets.values import CLOSURE_SILENCE_SECONDS, PROMISE_LONGEST_DAYS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("key", "value"), [(CLOSURE_SILENCE_SECONDS, 10**12), (PROMISE_LONGEST_DAYS, 10**9)])
def test_no_span_is_longer_than_the_calendar(key, value):
    with pytest.raises(Malformed) as refusal:
        values.put(key, value, by=None)
    assert refusal.value.code == "out_of_range"
