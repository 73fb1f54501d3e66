"""What the report's address says: which period, compared with which, divided by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.clock import parse_day
from common.errors import Malformed
from reports.grouping import Grouping, grouping
from reports.periods import Period, organisation_zone, parse, this_month

COMPARE: dict[str, str | Lazy] = {
    "before": gettext_lazy("The period before"),
    "year": gettext_lazy("The year before"),
    "none": gettext_lazy("Nothing"),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """One view of the report; every link on the page is one of these."""

    period: Period
    by: Grouping
    compare: str = "before"

    @property
    def before(self) -> Period | None:
        return {"before": self.period.before, "year": self.period.year_before, "none": lambda: None}[self.compare]()

    @property
    def query(self) -> str:
        """As an address says it; ``to`` is the day after the last."""
        said = {"from": self.period.first, "to": self.period.to, "by": self.by.code, "compare": self.compare}
        return "?" + urlencode({name: str(value) for name, value in said.items()})

    def with_period(self, period: Period) -> Choices:
        return replace(self, period=period)

    def with_by(self, by: Grouping) -> Choices:
        return replace(self, by=by)

    def with_compare(self, compare: str) -> Choices:
        return replace(self, compare=compare)


def usual(at: datetime) -> Choices:
    """This month by team, against the month before."""
    return Choices(this_month(at, organisation_zone()), grouping("team"))


def read(given: Mapping[str, str], at: datetime) -> Choices:
    """The choices in a query; what is left out is as usual. ``through`` (the last day) may stand for ``to``.

    Raises ``Malformed``.
    """
    chosen = usual(at)
    first, to = given.get("from", ""), given.get("to", "")
    if given.get("through"):
        last = parse_day(given["through"], field="to")
        to = str(last + timedelta(days=1)) if last < date.max else str(last)
    if first or to:
        chosen = chosen.with_period(parse(first, to, chosen.period.zone_name))
    if given.get("by"):
        chosen = chosen.with_by(grouping(given["by"]))
    compare = given.get("compare") or chosen.compare
    if compare not in COMPARE:
        raise Malformed(_("Compare with the period before, the year before, or nothing."), code="bad_comparison")
    return chosen.with_compare(compare)
