from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from helpdesk import env


@pytest.mark.parametrize(
    ("url", "host", "port", "name", "user", "password", "options"),
    [
        ("postgresql://desk:p%40ss@db.example.org:5433/desk", "db.example.org", "5433", "desk", "desk", "p@ss", {}),
        ("postgres://desk@%2Frun%2FPostgres/desk", "/run/Postgres", "", "desk", "desk", "", {}),
        ("postgresql:///desk?host=/run/pg&sslmode=require", "/run/pg", "", "desk", "", "", {"sslmode": "require"}),
        ("postgresql://desk@[::1]:5432/desk", "::1", "5432", "desk", "desk", "", {}),
    ],
)
def test_a_database_url_is_taken_apart(monkeypatch, url, host, port, name, user, password, options) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    found = env.database("DATABASE_URL", "")

    assert (found["HOST"], found["PORT"], found["NAME"]) == (host, port, name)
    assert (found["USER"], found["PASSWORD"], found["OPTIONS"]) == (user, password, options)


@pytest.mark.parametrize("url", ["mysql://db/desk", "postgresql://db", "postgresql://db:many/desk", "desk"])
def test_a_database_url_that_cannot_be_right_stops_the_start(monkeypatch, url) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database("DATABASE_URL", "")


def test_a_secret_is_made_once_and_for_its_owner_alone(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    file = tmp_path / "var" / "secret_key"

    first = env.secret("SECRET_KEY", keep_at=file)

    assert len(first) >= 50
    assert file.stat().st_mode & 0o777 == 0o600
    assert env.secret("SECRET_KEY", keep_at=file) == first
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_a_secret_may_stand_in_a_file(monkeypatch, tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    mounted.write_text("from a file\n", encoding="utf-8")
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(mounted))

    assert env.text("SMTP_PASSWORD", "") == "from a file"


@pytest.mark.parametrize(("word", "meant"), [("yes", True), ("ON", True), ("0", False), ("", False)])
def test_a_flag_is_yes_or_no(monkeypatch, word, meant) -> None:
    monkeypatch.setenv("DEBUG", word)

    assert env.flag("DEBUG", default=not meant) is meant


def test_a_flag_that_is_neither_stops_the_start(monkeypatch) -> None:
    monkeypatch.setenv("DEBUG", "perhaps")

    with pytest.raises(ImproperlyConfigured, match="DEBUG must be yes or no"):
        env.flag("DEBUG", default=False)
