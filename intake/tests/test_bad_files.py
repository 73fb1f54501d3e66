"""Files that nobody should send: one clear line each, and nothing imported."""

from __future__ import annotations

import csv
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from intake.importing import running
from intake.models import ImportRun, StagedRow
from tickets.models import Ticket

HEADER = "external_id,subject,text,created,requester_name"
GOOD = "1,Printer,It smokes,2026-01-05 10:00,Carol"
ROOT = Path(__file__).resolve().parents[2]


def lines(*rows: str, end: str = "\n") -> str:
    return end.join([HEADER, *rows]) + end


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param("\ufeff", "line 1: there are no column names", id="mark alone"),
        pytest.param("\n\n", "line 1: there are no column names", id="blank lines"),
        pytest.param(lines(), "has no rows", id="header alone"),
        pytest.param(lines(GOOD, '2,"Scr"een,x,2026-01-05 10:00,Carol'), "line 3: the quoting is broken", id="quote"),
        pytest.param(lines(GOOD, '2,"Screen,x,2026-01-05 10:00,Carol', GOOD), "line 3: the quoting", id="no end"),
        pytest.param(
            lines(GOOD, "2,Bück,x,2026-01-05 10:00,Carol").encode("latin-1"), "line 3: this is not UTF-8", id="latin"
        ),
        pytest.param(lines(GOOD).encode("utf-16-le"), "line 1: this looks like UTF-16", id="utf-16, no mark"),
        pytest.param(b"\xff\xfe" + lines(GOOD).encode("utf-16-le") + b"\x00\xd8", "this is not UTF-16", id="cut"),
        pytest.param("subject,text\na,b\n", "no column “external_id”, “created”", id="missing columns"),
        pytest.param("external_id,subject,subject,created\n1,a,b,c\n", "“subject” stands twice", id="twice"),
        pytest.param("external_id,subject,created\n1," + "x" * 33_600_000, "line 2", id="no end of line"),
    ],
)
def test_an_unusable_file_is_refused_in_one_line(importing, tmp_path, content, message):
    with pytest.raises(CommandError) as refused:
        importing(content)

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not Ticket.objects.exists()
    assert not StagedRow.objects.exists()
    assert not list(tmp_path.glob("*rejected*"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[", "line 1: this is no JSON", id="no end"),
        pytest.param('[{"external_id": 1}\n', "the list has no end", id="list without end"),
        pytest.param('[{"external_id": 1} {"external_id": 2}]', "a comma is missing", id="no comma"),
        pytest.param('[{"external_id": 1}] x', "something follows", id="more"),
        pytest.param('{"external_id": 1}\n{"external_id": 2', "line 2: this is no JSON", id="cut line"),
        pytest.param("[" * 200_000, "line 1: this is no JSON", id="deep"),
        pytest.param('[{"external_id": ' + "9" * 5000 + "}]", "line 1: this is no JSON", id="endless number"),
        pytest.param("  \n ", "is empty", id="blank"),
        pytest.param("[]", "has no rows", id="no tickets"),
    ],
)
def test_unusable_json_is_refused_in_one_line(importing, content, message):
    with pytest.raises(CommandError, match=message):
        importing(content, name="tickets.json")

    assert not Ticket.objects.exists()


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_a_file_that_is_not_there_is_refused(importing, tmp_path, name):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_tickets", str(tmp_path / name))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lines(GOOD, end="\r\n"), id="Windows"),
        pytest.param(lines(GOOD, end="\r"), id="old Mac"),
        pytest.param("\ufeff" + lines(GOOD), id="UTF-8 with mark"),
        pytest.param(lines(GOOD).encode("utf-16"), id="UTF-16"),
        pytest.param(lines(GOOD).replace(",", ";"), id="semicolons"),
        pytest.param(lines(GOOD, "", "\n"), id="blank lines"),
        pytest.param(lines('1,Printer,"It\r\nsmokes, ""badly""",2026-01-05 10:00,Carol'), id="quoted"),
        pytest.param("a,a,external_id,subject,created,requester_name\n,,1,Printer,2026-01-05 10:00,C", id="twice"),
    ],
)  # fmt: skip
def test_every_usual_file_is_read(importing, counts, content):
    assert importing(content).counts == counts(created=1)
    assert Ticket.objects.get().subject == "Printer"


def test_twenty_megabytes_in_a_field_reject_their_ticket_alone(importing, counts):
    told = importing(lines(GOOD, f"2,Screen,{'x' * 20_971_520},2026-01-05 10:00,Carol"))

    assert told.counts == counts(created=1, rejected=1)
    ((line, reason, *_cells),) = told.rejected
    assert line == "3"
    assert "longer than 200000 characters" in reason


def test_nul_and_emoji(importing, counts):
    told = importing(lines("1,😀 \u202eevil <script>,ok,2026-01-05 10:00,Carol", "2,a\0b,x,2026-01-05 10:00,Carol"))

    assert told.counts == counts(created=1, rejected=1)
    assert Ticket.objects.get().subject == "😀 evil <script>"
    assert "NUL" in told.rejected[0][1]


def test_a_rejected_cell_cannot_become_a_formula(importing):
    told = importing(lines("1,=1+cmd|' /C calc'!A0,x,never,Carol"))

    assert told.rejected[0][3] == "'=1+cmd|' /C calc'!A0"


def test_the_rejected_rows_go_where_they_are_asked_to(importing, tmp_path):
    importing(lines("1,a,b,never,Carol"), "--rejected", str(tmp_path / "elsewhere.csv"))

    with (tmp_path / "elsewhere.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == ["line", "reason", *HEADER.split(",")]
    with pytest.raises(CommandError, match="names the file"):
        importing(lines(GOOD), "--rejected", str(tmp_path / "log.csv"))
    with pytest.raises(CommandError, match="cannot be written"):
        importing(lines(GOOD), "--rejected", str(tmp_path / "no" / "folder.csv"))
    assert not Ticket.objects.exists()


def test_a_good_run_leaves_no_old_reasons(importing):
    importing(lines("1,a,b,never,Carol"))

    assert importing(lines(GOOD)).rejected == []


def test_a_second_import_from_the_same_source_is_refused_while_one_runs(importing):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [running.LOCK, zlib.crc32(b"log") & 0x7FFFFFFF])
        with pytest.raises(CommandError, match="Another import from “log” is running"):
            importing(lines(GOOD))
    finally:
        other.close()
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_the_command_ends_with_a_code_and_one_line(tmp_path):
    (tmp_path / "bad.csv").write_text("external_id\n")

    done = subprocess.run(
        [sys.executable, "manage.py", "import_tickets", str(tmp_path / "bad.csv"), "--map", "nowhere.json"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().startswith("CommandError: Mapping, nowhere.json")
    assert len(done.stderr.strip().splitlines()) == 1
