"""Pictures as Vega-Lite specifications: the browser draws them, and so can mail and PDF.

Colours are the page's own tokens, so a picture follows light and dark. Words are made here, in the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.durations import spoken
from reports import words
from reports.pictures import Bar, Point

INK, LINE, ACCENT, BAD = "var(--ink-3)", "var(--line)", "var(--accent)", "var(--bad)"
HEIGHT = 200
CONFIG = {
    "font": "Inter Variable, system-ui, sans-serif",
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "labelFontSize": 11, "labelFontWeight": 500, "gridColor": LINE, "domain": False,
        "ticks": False, "labelPadding": 8, "title": None,
    },
}  # fmt: skip
Table = list[list[str]]


def point_label(point: Point) -> str:
    """``Nov 2026`` for a month, ``23 Nov`` (its first day) for a week."""
    return date_format(point.period.first, "M Y" if point.period.months == 1 else "j M")


def trend_chart(points: Sequence[Point], target_percent: int, link: Callable[[Point], str]) -> dict[str, Any]:
    """The part of first responses in time by week or month, and the target as a line; a point links to its report."""
    alt = _altair()
    rows: list[dict[str, Any]] = [
        {
            "at": point.period.first.isoformat(), "percent": point.times.attainment * 100, "href": link(point),
            "period": str(point.period), "share": words.percent(point.times.attainment),
            "of": words.count(point.times.counted),
        }
        for point in points
        if point.times.attainment is not None
    ]  # fmt: skip
    lowest = min([target_percent, *(row["percent"] for row in rows)])
    low = max(0, int((lowest - 2) // 5 * 5))
    axis = {point.period.first.isoformat(): _axis_label(point, len(points) > 12) for point in points}
    x = alt.X("at:O", scale=alt.Scale(domain=list(axis)), axis=alt.Axis(
        grid=False, labelAngle=0, labelExpr=f"({json.dumps(axis)})[datum.value]", labelOverlap="greedy"))  # fmt: skip
    y = alt.Y("percent:Q", scale=alt.Scale(domain=[low, 100]), axis=alt.Axis(
        tickCount=5, labelExpr="datum.label + ' %'"))  # fmt: skip
    base = alt.Chart().encode(x=x, y=y)
    dots = base.mark_point(size=70, filled=True, color=ACCENT, opacity=1, stroke="var(--paper)", strokeWidth=2).encode(
        href="href:N",
        tooltip=[
            alt.Tooltip("period:N", title=_("Opened")), alt.Tooltip("share:N", title=_("In time")),
            alt.Tooltip("of:N", title=_("First responses")),
        ],
    )  # fmt: skip
    line = base.mark_line(color=ACCENT, strokeWidth=2.5, strokeJoin="round")
    area = base.mark_area(color=ACCENT, opacity=0.08).encode(y2=alt.datum(low))
    goal = alt.Chart(alt.Data(values=[{"percent": target_percent}])).encode(y="percent:Q")
    rule = goal.mark_rule(color=INK, strokeDash=[4, 4])
    name = goal.mark_text(align="right", dy=-7, color=INK, fontSize=11, fontWeight=500).encode(
        x=alt.value("width"), text=alt.value(_("target %(percent)s %%") % {"percent": target_percent})
    )
    return _spec(alt.layer(area, rule, line, dots, name, data=alt.Data(values=rows)))


def distribution_chart(bars: Sequence[Bar]) -> dict[str, Any]:
    """How long written first responses took: bars in time and late, stacked."""
    alt = _altair()
    rows = [
        {"bar": n, "kind": kind, "above": above, "number": number, "took": bar_label(bar), "what": name}
        for n, bar in enumerate(bars)
        for above, kind, name, number in ((0, "in_time", _("In time"), bar.in_time), (1, "late", _("Late"), bar.late))
        if number
    ]
    axis = {str(n): _edge(bar) for n, bar in enumerate(bars)}
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(cornerRadius=2)
        .encode(
            x=alt.X("bar:O", scale=alt.Scale(domain=list(range(len(bars))), paddingInner=0.14), axis=alt.Axis(
                grid=False, labelAngle=0, labelExpr=f"({json.dumps(axis)})[datum.value]", labelOverlap="greedy")),
            y=alt.Y("sum(number):Q", axis=alt.Axis(tickCount=4, format="d", tickMinStep=1)),
            color=alt.Color("kind:N", legend=None, scale=alt.Scale(domain=["in_time", "late"], range=[ACCENT, BAD])),
            order=alt.Order("above:Q"),
            tooltip=[
                alt.Tooltip("took:N", title=_("Took")), alt.Tooltip("what:N", title=_("Answered")),
                alt.Tooltip("number:Q", title=_("Tickets")),
            ],
        )
    )  # fmt: skip
    return _spec(chart)


def bar_label(bar: Bar) -> str:
    """``2 h to 4 h``, ``24 h and more``."""
    low = spoken(bar.low) if bar.low else "0"
    if bar.high is None:
        return _("%(low)s and more") % {"low": low}
    return _("%(low)s to %(high)s") % {"low": low, "high": spoken(bar.high)}


def _edge(bar: Bar) -> str:
    """Where a bar begins; the last one says that it has no end."""
    edge = spoken(bar.low) if bar.low else "0"
    return edge if bar.high is not None else f"≥ {edge}"


def _axis_label(point: Point, has_years: bool) -> str:
    """Short, since the tooltip and the table say it in full; the year where more than one January may be meant."""
    if point.period.months != 1:
        return date_format(point.period.first, "j M")
    return date_format(point.period.first, "M Y" if has_years else "M")


def _spec(chart: Any) -> dict[str, Any]:
    whole = chart.properties(width="container", height=HEIGHT).to_dict(validate=False)
    return {**whole, "config": CONFIG, "autosize": {"type": "fit-x", "contains": "padding"}}


def _altair() -> Any:
    """Loaded at the first picture: it costs every process that never draws one a second and 40 MB."""
    import altair

    return altair
