"""What a page says in one language alone is drawn once, and never for somebody else."""

from datetime import datetime

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.utils.safestring import SafeString
from django.utils.translation import override

TEMPLATE = """{% load i18n steady %}{% steady kind %}{% translate "Search" %} {{ kind }} {{ secret }}{% endsteady %}"""


@pytest.fixture
def drawn():
    engine = Engine(libraries={"i18n": "django.templatetags.i18n", "steady": "common.templatetags.steady"})
    template = engine.from_string(TEMPLATE)

    def draw(language="en", **known):
        with override(language):
            return template.render(Context(known)).strip()

    return draw


def test_is_drawn_for_each_language_and_value(drawn):
    assert [drawn("en", kind="note"), drawn("de", kind="note"), drawn("en", kind="reply")] == [
        "Search note", "Suchen note", "Search reply",
    ]  # fmt: skip
    assert drawn("en", kind="note") == "Search note"


def test_knows_nothing_that_was_not_named(drawn):
    assert drawn(kind="note", secret="of Alice") == drawn(kind="note", secret="of Bob") == "Search note"


def test_what_is_safe_and_what_is_not_are_two_things(drawn):
    assert drawn(kind=SafeString("<b>")) == "Search <b>"
    assert drawn(kind="<b>") == "Search &lt;b&gt;"
    assert (drawn(kind=True), drawn(kind=1)) == ("Search True", "Search 1")


def test_takes_no_moment_and_no_row(drawn):
    with pytest.raises(TypeError, match="kind"):
        drawn(kind=datetime(2026, 1, 1))  # noqa: DTZ001 - refused whatever it is


def test_takes_names_alone():
    engine = Engine(libraries={"steady": "common.templatetags.steady"})
    with pytest.raises(TemplateSyntaxError):
        engine.from_string("{% load steady %}{% steady page.kind %}{% endsteady %}")
