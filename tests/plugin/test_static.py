from __future__ import annotations

import gzip
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from werkzeug.test import Client

from tb_layerview.plugin import static


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    file = tmp_path / "index.js"
    file.write_text("export function render() {}\n")
    return file


@pytest.fixture
def client(page: Path) -> Client:
    assert page.is_file()
    return Client(static.applications()["/index.js"])


def test_the_page_is_a_module_that_is_asked_for_again_each_time(client: Client, page: Path) -> None:
    answer = client.get()
    assert answer.status_code == 200
    assert answer.data == page.read_bytes()
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"].startswith("no-cache")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unchanged_page_is_not_sent_again(client: Client, page: Path) -> None:
    tag = client.get().headers["ETag"]
    answer = client.get(headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    page.write_text("export function render() { document.title = ''; }\n")
    changed = client.get(headers={"If-None-Match": tag})
    assert (changed.status_code, changed.data) == (200, page.read_bytes())


def test_the_compressed_page_has_a_tag_of_its_own(client: Client, page: Path) -> None:
    compressed = client.get(headers={"Accept-Encoding": "gzip"})
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert compressed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(compressed.data) == page.read_bytes()
    assert compressed.headers["ETag"] != client.get().headers["ETag"]


def test_a_missing_page_says_so_where_the_user_looks(client: Client, page: Path) -> None:
    page.unlink()
    answer = client.get()
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert "export function render()" in answer.text
    assert static.NOT_BUILT in answer.text


@pytest.mark.parametrize("later", ["9.0", None])
def test_a_server_that_outlives_an_update_serves_the_page_that_it_answers(
    client: Client, page: Path, monkeypatch: pytest.MonkeyPatch, later: str | None
) -> None:
    started_with = page.read_bytes()

    def installed(_name: str) -> str:
        if later is None:
            raise PackageNotFoundError
        return later

    monkeypatch.setattr(static, "version", installed)
    page.write_text("export function render() { fetch('./a-new-route'); }\n")
    assert client.get().data == started_with
    page.unlink()
    assert client.get().data == started_with
    # A server that is started now serves what is there now.
    page.write_text("export function render() { return 9; }\n")
    assert Client(static.applications()["/index.js"]).get().data == page.read_bytes()


def test_only_the_listed_files_have_routes() -> None:
    assert set(static.applications()) == {"/index.js"}
