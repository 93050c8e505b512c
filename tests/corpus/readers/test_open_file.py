"""Bytes to text: every usual encoding is read, and what is no text is refused."""

import pytest

from corpus.errors import ReadError
from corpus.readers.open_file import decode

ENGLISH = "The minister said “nothing” about Zürich — and it’s done. " * 20
RUSSIAN = "Министр сказал, что переговоры пройдут в городе в понедельник. " * 20
JAPANESE = "大臣は月曜日に市内で会談を行うと述べた。" * 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "mac_roman"])
def test_english_text_is_read_in_every_usual_encoding(encoding: str) -> None:
    assert decode(ENGLISH.encode(encoding), where="a.txt") == ENGLISH


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), (JAPANESE, "shift_jis")])
def test_other_scripts_are_told_by_their_bytes(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), where="a.txt") == text


def test_the_declared_encoding_is_taken_where_the_bytes_are_not_utf_8() -> None:
    text = "Ministři jednali o řece. " * 20
    assert decode(text.encode("iso8859_2"), where="a.html", declared="iso-8859-2") == text
    assert decode(ENGLISH.encode(), where="a.html", declared="iso-8859-2") == ENGLISH
    assert decode(ENGLISH.encode("cp1252"), where="a.html", declared="no-such-encoding") == ENGLISH


def test_a_broken_byte_does_not_cost_a_text() -> None:
    data = ENGLISH.encode()
    assert decode(data[:-3] + b"\xe2\x80", where="a.txt") == ENGLISH[:-3] + "\ufffd"
    assert decode(b"Words. " * 100 + b"\x00", where="a.txt") == "Words. " * 100 + "\x00"


@pytest.mark.parametrize("mark", [b"", b"\xff\xfe", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("data", [bytes(1000), bytes(range(256)) * 8])
def test_what_is_no_text_is_refused(mark: bytes, data: bytes) -> None:
    with pytest.raises(ReadError, match=r"a\.txt: this is binary data, not text"):
        decode(mark + data, where="a.txt")


def test_an_encoding_that_cannot_be_told_is_said() -> None:
    with pytest.raises(ReadError, match="its encoding cannot be told: save it as UTF-8"):
        decode("The minister said nothing.".encode("cp037") * 10, where="a.txt")
