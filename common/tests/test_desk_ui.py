"""Words and marks of the desk's templates."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from common.durations import spoken
from common.templatetags import desk_ui

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 1 min"),
        (59, "under 1 min"),
        (60, "1 min"),
        (10200, "2 h 50 min"),
        (7200, "2 h"),
        (187200, "2 d 4 h"),
        (-1500, "25 min"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(seconds, words):
    assert spoken(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (45, "45 s"), (250, "4 min 10 s"), (3700, "1 h 1 min")])
def test_a_call_is_said_to_the_second(seconds, words):
    assert desk_ui.duration(seconds, "exact") == words


def test_no_duration_says_nothing():
    assert desk_ui.duration(None) == ""


@pytest.mark.parametrize(
    ("minutes", "tone", "words"),
    [
        (45, "good", "45 min left"),
        (30, None, "30 min left"),
        (14, "warn", "14 min left"),
        (-25, "bad", "Overdue 25 min"),
    ],
)
def test_time_left_speaks_by_tone_and_words(minutes, tone, words):
    due = NOW + timedelta(minutes=minutes)
    html = desk_ui.due_chip(due, started_at=due - timedelta(hours=1), now=NOW)

    assert words in html
    assert (f'data-tone="{tone}"' in html) if tone else ("data-tone" not in html)
    assert f'datetime="{due.isoformat()}"' in html
    assert "<svg" in html


def test_a_paused_clock_is_calm_and_does_not_tick():
    html = desk_ui.due_chip(NOW, paused="Customer's turn", now=NOW)

    assert 'data-tone="calm"' in html
    assert "Customer&#x27;s turn" in html
    assert "data-countdown" not in html


def test_no_clock_shows_nothing():
    assert desk_ui.due_chip(None) == ""


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=2), "2 d ago"),
        (timedelta(minutes=-10), "in 10 min"),
        (timedelta(days=20), "31 Oct"),
    ],
)
def test_a_moment_is_relative_first(ago, words):
    html = desk_ui.time_ago(NOW - ago, now=NOW)

    assert f">{words}</time>" in html
    assert 'title="' in html


@pytest.mark.parametrize(
    ("name", "letters"), [("Ingrid Nes", "IN"), ("Cher", "CH"), ("Ana María de la Cruz", "AC"), ("יעל כהן", "יכ")]
)
def test_an_avatar_has_two_letters(name, letters):
    assert f">{letters}</span>" in desk_ui.avatar(name)


def test_nobody_is_a_dashed_circle():
    assert "data-nobody" in desk_ui.avatar(None)


def test_markup_in_a_name_stays_text():
    html = (
        str(desk_ui.avatar('<script>"x'))
        + str(desk_ui.chip("<b>", title='"><i>'))
        + str(desk_ui.icon("phone", label='"><i>'))
    )

    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


@pytest.mark.parametrize(("level", "lit"), [("low", 1), ("normal", 2), ("high", 3)])
def test_priority_is_bars_with_a_name(level, lit):
    html = desk_ui.priority(level)

    assert html.count("data-on") == lit
    assert re.search(r'aria-label="Priority: \w+"', html)


def test_urgent_has_a_sign_of_its_own():
    assert "<svg" in desk_ui.priority("urgent")


class HoldForm(forms.Form):
    reason = forms.ChoiceField(choices=[("a", "We look something up"), ("b", "Supplier")], widget=forms.RadioSelect)
    words = forms.CharField(help_text="What was agreed.")
    later = forms.BooleanField(required=False)


def test_a_field_ties_its_label_hint_and_error_together():
    html = render_to_string("components/form.html", {"form": HoldForm({}), "numbers": True})

    assert '<label for="id_words">' in html
    described = re.search(r'name="words"[^>]*aria-describedby="([^"]+)"', html)[1].split()
    assert all(f'id="{target}"' in html for target in described)
    assert "id_words_error" in described
    assert 'aria-invalid="true"' in html


def test_radios_become_pills_with_number_keys():
    html = render_to_string("components/field.html", {"field": HoldForm()["reason"], "numbers": True})

    assert "<fieldset" in html
    assert "data-choices" in html
    assert html.count("<kbd") == 2


def test_the_words_of_scripts_are_one_block_that_cannot_break_out():
    html = Template("{% load desk_ui %}{% js_words %}").render(Context())
    body = re.fullmatch(r'<script type="application/json" id="words">(.*)</script>', html, re.S)[1]

    assert json.loads(body)["left"] == "%(span)s left"
    assert "<" not in body


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("at", [datetime(2026, 3, 7, 3, 47, tzinfo=UTC), datetime(2025, 12, 31, 15, 5, tzinfo=UTC)])
def test_a_moment_in_full_is_what_django_writes(language, at):
    with translation.override(language):
        assert desk_ui.absolute(at) == desk_ui.absolute(at) == date_format(timezone.localtime(at), "DATETIME_FORMAT")


class Choices(forms.Form):
    one = forms.ChoiceField(
        choices=[("<a>", "A"), (7, "B")], initial=7, widget=forms.RadioSelect(attrs={"data-x": "&"})
    )
    some = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple, disabled=True
    )


@pytest.mark.parametrize("data", [None, {"one": "<a>", "some": ["a", "b"]}])
def test_a_choice_is_drawn_as_django_draws_it(data):
    for field in Choices(data):
        for choice in field:
            assert desk_ui.choice_input(choice) == str(choice.tag()).strip()


def test_a_select_is_djangos_own_but_for_its_dash():
    class Form(forms.Form):
        team = forms.ChoiceField(
            choices=[("", "---------"), (1000, "A & <b>"), ("North", [("x", "Bergen"), ("y'", "Oslo")])], initial="x"
        )

    ours, djangos = (
        re.sub(r">\s+<", "><", Form(renderer=renderer)["team"].as_widget(attrs={"data-key": "t"})).strip()
        for renderer in (TemplatesSetting(), DjangoTemplates())
    )

    assert 'value="x" selected' in ours
    assert ours == djangos.replace("---------", "–")
