"""Pages are compressed, small answers and files are not."""

from __future__ import annotations

import pytest
from django.http import FileResponse, HttpResponse
from django.test import RequestFactory

from helpdesk.compress import CompressedPages

pytestmark = pytest.mark.django_db  # a closed response says that its request is over, which looks at the connections


def answered(response):
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    return CompressedPages(lambda _request: response)(request)


def test_a_page_is_compressed_and_a_file_is_not(tmp_path):
    (tmp_path / "a.txt").write_text("a" * 9000)

    page = answered(HttpResponse("<p>hello</p>" * 500))
    short = answered(HttpResponse("<p>hello</p>"))
    file = answered(FileResponse((tmp_path / "a.txt").open("rb")))

    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < 1000
    assert "Content-Encoding" not in short
    assert "Content-Encoding" not in file
    file.close()
