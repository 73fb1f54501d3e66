"""The drawings that pages share as one file."""

from __future__ import annotations

from common.icons import drawn, sprite


def test_holds_what_templates_and_modules_name():
    drawings = sprite()

    assert '<symbol id="phone" viewBox="0 0 24 24"><path' in drawings
    assert '<symbol id="triangle-alert"' in drawings
    assert 'id="zodiac-aries"' not in drawings
    assert "stroke=" not in drawings


def test_a_drawing_is_inline_or_points_at_the_kept_file():
    assert drawn("phone", 15, False).startswith('<svg class="icon small"')
    assert "mirror" in drawn("send", 18, False)
