"""Fields in which people write a span or a size in words, where the setting is a number of seconds or bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.measures import read_size, read_span, written_size, written_span

LONGEST = 60  # characters


class MeasureField(forms.Field):
    """A number with its unit. ``minimum`` and ``maximum`` are said in the same words."""

    read: Callable[[str], int]
    write: Callable[[int], str]

    def __init__(self, *, minimum: int = 0, maximum: int, **more: Any) -> None:
        super().__init__(**more)
        self.minimum, self.maximum = minimum, maximum

    def to_python(self, value: Any) -> int | None:
        """The number that is stored."""
        if value in self.empty_values:
            return None
        try:
            if len(str(value)) > LONGEST:
                raise ValueError("nobody writes a span as long as that")
            return self.read(str(value))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def validate(self, value: int | None) -> None:
        """Within what the setting allows."""
        super().validate(value)
        if value is not None and value < self.minimum:
            raise forms.ValidationError(_("Enter %(least)s or more.") % {"least": self.write(self.minimum)})
        if value is not None and value > self.maximum:
            raise forms.ValidationError(_("Enter %(most)s or less.") % {"most": self.write(self.maximum)})

    def prepare_value(self, value: Any) -> Any:
        """As it is written; what was typed stays as it was typed."""
        return self.write(value) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """The same span in other words is no change."""
        try:
            return self.to_python(data) != initial
        except forms.ValidationError:
            return True


class SpanField(MeasureField):
    """A span of time, in seconds."""

    read, write = staticmethod(read_span), staticmethod(written_span)
    default_error_messages = {"invalid": _("Write a number with its unit, such as 30 min, 2 h or 3 d.")}


class SizeField(MeasureField):
    """A size of a file, in bytes."""

    read, write = staticmethod(read_size), staticmethod(written_size)
    default_error_messages = {"invalid": _("Write a number with its unit, such as 500 kB or 25 MB.")}
