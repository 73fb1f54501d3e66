"""``sla_report``: exactly the promised JSON, the same numbers in every format, and clear words for bad input."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from reports.export import csv_of, text_of
from reports.measures.definitions import SLA
from reports.sla import as_json
from reports.tests.conftest import HOUR, OCTOBER
from staff.models import Calendar

ARGUMENTS = ("--from", "2026-10-01", "--to", "2026-11-01")


def printed(*arguments):
    out = io.StringIO()
    call_command("sla_report", *ARGUMENTS, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def data(measured, opened, tier1, billing):
    """Old enough that nothing of it changes while the test runs."""
    measured(600, ticket=opened(team=tier1))
    measured(7200, ticket=opened(team=billing))
    measured(90_000, ticket=opened(team=billing), is_late=True)
    measured(0, ticket=opened(team=tier1), is_live=True)
    measured(300, ticket=opened(OCTOBER + 30 * HOUR, team=tier1), metric="next_response")


def test_prints_the_promised_json(data):
    said = json.loads(printed("--by", "team", "--format", "json"))

    assert list(said) == ["from", "to", "rows", "total"]
    assert said["rows"][0] == {
        "group": "Billing",
        "tickets": 2,
        "first_response": {"met": 1, "missed": 1, "running": 0, "median_seconds": 48600, "p90_seconds": 81720},
        "next_response": {"met": 0, "missed": 0, "running": 0, "median_seconds": None, "p90_seconds": None},
        "resolution": {"met": 0, "missed": 0, "running": 0, "median_seconds": None, "p90_seconds": None},
    }
    assert said["total"]["tickets"] == 5
    assert said["total"]["first_response"]["median_seconds"] == 3900


def test_every_format_says_the_same(data, report):
    page = report()
    said = json.loads(printed("--format", "json"))
    rows = list(csv.DictReader(io.StringIO(printed("--format", "csv").lstrip("\ufeff"))))

    assert said == as_json(page)
    assert b"".join(csv_of(page)).decode() == printed("--format", "csv")
    assert text_of(page) == printed().rstrip("\n")
    for row, line in zip([*said["rows"], said["total"]], rows, strict=True):
        assert int(line["Tickets"]) == row["tickets"]
        assert int(line["First response: missed"]) == row["first_response"]["missed"]
        assert float(line["First response: median (in seconds)"]) == row["first_response"]["median_seconds"]


def test_no_data_is_an_empty_cell_and_words(db):
    [head, line] = csv.reader(io.StringIO(printed("--format", "csv").lstrip("\ufeff")))

    assert dict(zip(head, line, strict=True))["First response in time (in percent)"] == ""
    assert "no data" in printed()


def test_days_are_the_organisations_unless_a_zone_is_given(opened):
    opened(datetime(2026, 9, 30, 23, tzinfo=UTC))

    assert json.loads(printed("--format", "json"))["total"]["tickets"] == 0
    assert json.loads(printed("--format", "json", "--timezone", "Europe/Oslo"))["total"]["tickets"] == 1
    Calendar.objects.filter(is_default=True).update(time_zone="Europe/Oslo")
    assert json.loads(printed("--format", "json"))["total"]["tickets"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "yesterday"], "--from: Give a date"),
        (["--to", "2026-13-01"], "--to: Give a date"),
        (["--from", ""], "--from: give a date"),
        (["--to", "2026-10-01"], "--to: The period must end after it begins"),
        (["--from", "0001-01-01"], "--from: Choose years"),
        (["--timezone", "Mars/Olympus"], "--timezone: There is no time zone"),
        (["--timezone", "../../etc/passwd"], "--timezone: There is no time zone"),
        (["--by", "shoe-size"], "--by: Divide by one of: team, channel"),
        (["--format", "xml"], "--format: use one of"),
    ],
)
def test_bad_input_is_one_clear_line(arguments, says, db):
    with pytest.raises(CommandError, match=says) as refused:
        printed(*arguments)

    assert refused.value.returncode == 1
    assert "\n" not in str(refused.value)


def test_a_teams_name_is_no_formula_and_no_escape_code(opened, tier1, shared_data):
    cases = json.loads((shared_data / "data/csv-injection/cases.json").read_text())["cases"]
    tier1.name = cases[1]["cell"][:80] + "\x1b[2J\n"
    tier1.save(update_fields=["name"])
    opened(team=tier1)

    line = list(csv.reader(io.StringIO(printed("--format", "csv").lstrip("\ufeff"))))[1]

    assert line[0].startswith("'@SUM")
    assert "\x1b" not in printed()


def test_every_measure_is_said_in_words():
    assert len({measure.code for measure in SLA}) == len(SLA)
    assert all(str(measure.words).endswith(".") for measure in SLA)
