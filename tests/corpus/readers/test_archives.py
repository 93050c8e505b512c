"""Files within files: compressed ones, tar, WARC and WACZ, read as what lies in them, and not without end."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import sample_files as s
from reading import read_paths
from sample_files import BODY, SECOND, tar_of
from sample_files import warc_record as record

from corpus.article import Article
from corpus.errors import ReadError

LINES = "\n".join(json.dumps({"id": n, "title": f"Report {n}", "text": f"{BODY} {n}"}) for n in (1, 2))
PAGE = (
    "<!doctype html><html lang=en><head><title>Second gate opened</title>"
    '<meta property="article:published_time" content="2021-05-03T10:00:00Z"></head>'
    f"<body><article><h1>Second gate opened</h1><p>{BODY}</p><p>{SECOND}</p></article></body></html>"
)


WARC = b"".join([
    record("warcinfo", "", "software: x", "application/warc-fields"),
    record("response", "https://quay.example/", PAGE),
    record("response", "https://quay.example/gate", PAGE),
    record("response", "https://quay.example/gone", PAGE, status="404 Not Found"),
    record("response", "https://quay.example/picture.png", "x", "image/png"),
    record("response", "https://quay.example/empty", "<html><body></body></html>"),
    record("conversion", "https://quay.example/plain", f"{BODY}\n\n{SECOND}", "text/plain"),
])  # fmt: skip


def read(tmp_path: Path, name: str, data: bytes) -> tuple[list[Article], list[str]]:
    path = tmp_path / name
    path.write_bytes(data)
    errors: list[ReadError] = []
    articles = list(read_paths([path], on_bad=errors.append))
    return articles, [str(error).removeprefix(f"{tmp_path}/") for error in errors]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl.gz", gzip.compress(LINES.encode())), ("a.jsonl.bz2", bz2.compress(LINES.encode())),
        ("a.txt", gzip.compress(LINES.encode())), ("a.tar", tar_of({"in/a.jsonl": LINES, "in/x.png": "p"})),
        ("a.tgz", tar_of({"a.jsonl": LINES, ".hidden.md": SECOND}, "w:gz")),
        ("b.txt", tar_of({"a.jsonl": LINES}, "w:gz")),
        ("a.tar.bz2", tar_of({"../a.jsonl": LINES}, "w:bz2")),
        ("a.jsonl.xz", lzma.compress(LINES.encode())),
        ("a.txz", tar_of({"a.jsonl": LINES}, "w:xz")),
        ("a.zip", s.zip_of({"b.tar.gz": tar_of({"a.jsonl": LINES}, "w:gz")})),
    ],
)  # fmt: skip
def test_what_is_compressed_is_read_as_what_it_is(tmp_path: Path, name: str, data: bytes) -> None:
    articles, errors = read(tmp_path, name, data)
    assert errors == []
    assert [(a.title, a.text) for a in articles] == [("Report 1", f"{BODY} 1"), ("Report 2", f"{BODY} 2")]
    assert all((a.path or "").startswith(str(tmp_path / name)) for a in articles)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("crawl.warc", WARC), ("crawl.warc.gz", gzip.compress(WARC)), ("crawl.txt", WARC),
        ("site.wacz", s.zip_of({
            "archive/data.warc.gz": gzip.compress(WARC), "datapackage.json": "{}", "pages/pages.jsonl": '{"url": "x"}',
        })),
    ],
)  # fmt: skip
def test_a_web_archive_gives_the_pages_that_were_fetched_whole(tmp_path: Path, name: str, data: bytes) -> None:
    (page, plain), errors = read(tmp_path, name, data)
    assert (page.title, page.url, page.published) == (
        "Second gate opened", "https://quay.example/gate", "2021-05-03T10:00:00+00:00",
    )  # fmt: skip
    assert page.text == plain.text == f"{BODY}\n\n{SECOND}"
    assert (plain.url, plain.published) == ("https://quay.example/plain", None)
    assert page.source == plain.source == "quay.example"
    assert len(errors) == 1
    assert "1 of its 3 pages hold no article, the first https://quay.example/empty" in errors[0]


@pytest.mark.parametrize("name", ["a.txt.gz", "a.tar.gz", "a.warc.gz", "a.tar.xz"])
def test_what_expands_without_end_is_given_up(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.readers.open_file.FREE_EXPANDED", 1_000_000)
    endless = b"a" * 30_000_000
    content = tar_of({"a.txt": endless}) if "tar" in name else endless
    content = (
        record("resource", "https://quay.example/a", endless.decode(), "text/plain") if "warc" in name else content
    )
    packs: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "xz": lzma.compress}
    articles, errors = read(tmp_path, name, packs[name.rpartition(".")[2]](content))
    assert articles == []
    assert any("far more than an archive of its size can hold" in error for error in errors)


def test_archives_within_archives_end_somewhere(tmp_path: Path) -> None:
    data = LINES.encode()
    for _ in range(6):
        data = gzip.compress(data)
    articles, errors = read(tmp_path, "a.gz", data)
    assert articles == []
    assert "more than 3 deep" in errors[0]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl.gz", gzip.compress(LINES.encode())[:-40]), ("a.jsonl.xz", lzma.compress(LINES.encode())[:-40]),
        ("a.tar", tar_of({"a.jsonl": LINES})[:600]),
        ("a.warc", WARC[:900]), ("b.tar", tar_of({"a.png": "p"})),
    ],
)  # fmt: skip
def test_what_is_cut_short_or_holds_no_article_says_so(tmp_path: Path, name: str, data: bytes) -> None:
    _, errors = read(tmp_path, name, data)
    assert errors
    assert all(word in " ".join(errors) for word in (name,))
