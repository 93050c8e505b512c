"""Whatever a file holds, it ends in articles or in one clear sentence, within the limits, and costs no other file."""

import io
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from bad_inputs import SOUND, bad_inputs, faults
from reading import read_paths
from sample_files import BODY, WORD, mail_of, pdf_of

from corpus.errors import ReadError
from corpus.readers import sandbox
from corpus.readers.documents.office_files import DOCX
from corpus.readers.documents.pdf_files import PDF
from corpus.readers.emails import MAIL
from corpus.readers.open_file import OpenFile
from corpus.readers.sandbox import TIME_LIMIT_S, Parser
from corpus.scan.read import read_bytes

QUICK, ALL = 6, 80
_QUICK_BYTES = 260_000
_SLOWEST_S = 2 * TIME_LIMIT_S


def check(inputs: Iterable[tuple[str, bytes]]) -> int:
    """Read bad inputs and return how many there were."""
    done = 0
    for name, content in inputs:
        errors: list[ReadError] = []
        began = time.monotonic()
        articles = list(read_bytes(content, name=name, on_bad=errors.append))
        sentences = [str(error) for error in errors]
        assert articles or sentences, name
        assert time.monotonic() - began < _SLOWEST_S, name
        for sentence in sentences:
            assert "\n" not in sentence, name
            assert "could not be read (" not in sentence, (name, sentence, content[:200])  # no parser's own error
        assert all("root:" not in article.text for article in articles), name
        done += 1
    return done


@pytest.mark.long
def test_a_hundred_bad_files_end_in_articles_or_sentences() -> None:
    assert check(each for each in bad_inputs(QUICK, seed=1) if len(each[1]) <= _QUICK_BYTES) >= 100


@pytest.mark.long
def test_a_thousand_bad_files_end_in_articles_or_sentences() -> None:
    assert check(bad_inputs(ALL, seed=2)) >= 1000


def test_no_good_file_of_a_batch_is_lost(tmp_path: Path) -> None:
    kept = 0
    for number, (name, content) in enumerate(faults(2, seed=3)):
        (tmp_path / f"{number:04}{name}").write_bytes(content)
        (tmp_path / f"{number:04}good.txt").write_text(f"{BODY} {number}", encoding="utf-8")
        kept += 1
    articles = list(read_paths([tmp_path], on_bad=lambda error: None))
    assert sum(article.path is not None and article.path.endswith("good.txt") for article in articles) == kept
    assert not Path("/tmp/climbed.txt").exists()


def test_what_is_sound_is_read_whole_after_all_that_was_bad() -> None:
    for name, content in SOUND.items():
        errors: list[ReadError] = []
        articles = list(read_bytes(content, name=name, on_bad=errors.append))
        assert errors == [], name
        assert articles, name


def _read(parser: Parser, kind: str, content: bytes) -> tuple[int, str]:
    errors: list[ReadError] = []
    file = OpenFile(stream=io.BytesIO(content), name="x", where="x", on_bad=errors.append)
    try:
        found = list(parser.read(kind, file))
    except ReadError as error:
        return 0, error.why
    return len(found), "".join(error.why for error in errors)


def test_a_parser_that_hangs_is_ended_and_the_next_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hostile.py").write_text(
        "import os, re\nfrom corpus.readers import registry\nfrom corpus.readers.open_file import Format\n"
        "def hang(file):\n    yield re.match('(a+)+b', 'a' * 60)  # holds the lock of the interpreter\n"
        "def fill(file):\n    yield [0] * 10**10\n"
        "def die(file):\n    yield os._exit(3)\n"
        "registry.FORMATS += tuple(Format(f.__name__, frozenset(), f) for f in (hang, fill, die))\n",
        encoding="utf-8",
    )
    known = "import hostile; "
    monkeypatch.setattr(sandbox, "_PROGRAM", sandbox._PROGRAM.replace("; from", "; " + known + "from", 1))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    parser = Parser(time_limit_s=6)
    try:
        assert _read(parser, DOCX.name, WORD) == (1, "")
        began = time.monotonic()
        assert _read(parser, "hang", b"x") == (
            0,
            "it takes more than 6 s to be read, or is damaged in a way that breaks its parser: "
            "save its text as .txt and add that",
        )
        assert time.monotonic() - began < 60
        assert "more than 3 GB of memory" in _read(parser, "fill", b"x")[1]
        assert "breaks its parser" in _read(parser, "die", b"x")[1]
        assert _read(parser, DOCX.name, WORD) == (1, "")
    finally:
        parser.close()


def test_one_process_reads_many_files_and_another_takes_its_place() -> None:
    parser = Parser()
    try:
        mail = mail_of(plain=BODY, From="Jane Doe <j@x.example>", MIME_Version="1.0")
        numbers = set()
        for _ in range(4):
            assert _read(parser, MAIL.name, mail) == (1, "")
            assert parser._process is not None
            numbers.add(parser._process.pid)
        assert len(numbers) == 1
        parser.files = 10_000
        assert _read(parser, PDF.name, pdf_of([[BODY]])) == (1, "")
        assert parser._process is not None
        assert parser._process.pid not in numbers
    finally:
        parser.close()
