"""The points are harmless: without the variable nothing happens, and a second visit survives."""

import signal
from unittest.mock import patch

import pytest
from django.core.checks import run_checks

from common import faults


@pytest.fixture
def kills():
    with patch("common.faults.os.kill") as kill:
        yield kill


@pytest.mark.parametrize("fault", ["", "here", "there=/tmp/never-made"])
def test_does_nothing_unless_it_is_named(settings, kills, fault):
    settings.FAULT = fault

    faults.point("here")

    assert not kills.called


def test_kills_once(settings, kills, tmp_path):
    settings.FAULT = f"here={tmp_path / 'marker'}"

    faults.point("here")
    faults.point("here")

    assert [call.args[1] for call in kills.call_args_list] == [signal.SIGKILL]


def test_production_refuses_it(settings):
    settings.FAULT = "here=/tmp/marker"

    assert "helpdesk.E003" in {found.id for found in run_checks(include_deployment_checks=True)}
