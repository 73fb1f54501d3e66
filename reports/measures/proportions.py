"""How sure a share is, and a difference between two: intervals of 95 %."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

Z = 1.959963984540054  # 95 %
FEW = 30
"""Below so many cases a share is marked as resting on few."""


class Interval(NamedTuple):
    low: float
    high: float

    @property
    def margin(self) -> float:
        """Half its width."""
        return (self.high - self.low) / 2


class Difference(NamedTuple):
    """``value`` and its interval, as parts of one."""

    value: float
    low: float
    high: float

    @property
    def is_chance(self) -> bool:
        """Whether no difference at all is as believable."""
        return self.low <= 0 <= self.high


def share(part: int, rest: int) -> float | None:
    """``part`` of ``part + rest``; None, never 0 or 1, for no data."""
    return part / (part + rest) if part + rest else None


def wilson(part: int, whole: int) -> Interval | None:
    """The Wilson score interval of ``part`` in ``whole``; None for no data."""
    if not whole:
        return None
    p, z2 = part / whole, Z * Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def difference(part: int, whole: int, part_before: int, whole_before: int) -> Difference | None:
    """How much larger the first share is, with Newcombe's interval; None when one of them has no data."""
    now, before = wilson(part, whole), wilson(part_before, whole_before)
    if now is None or before is None:
        return None
    p, q = part / whole, part_before / whole_before
    down = sqrt((p - now.low) ** 2 + (before.high - q) ** 2)
    up = sqrt((now.high - p) ** 2 + (q - before.low) ** 2)
    return Difference(p - q, p - q - down, p - q + up)
