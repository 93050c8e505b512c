"""From the bytes of a file to its text."""

import codecs
import io
import re
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from corpus.errors import ReadError

_SAMPLE_BYTES = 200_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a text never holds: control characters other than tab, line feed, form feed, carriage return and escape.
_CONTROLS = bytes(c for c in (*range(32), 127) if c not in (9, 10, 12, 13, 27))
_MOST_CONTROLS = 0.01  # share of a file's bytes above which it is binary, not a text with a few stray bytes
_MOST_BROKEN = 0.01  # share of broken characters above which a byte order mark is a coincidence
_CP1252_SHARE = 0.1  # share of bytes over 127 up to which a text that is not UTF-8 is taken for western European
_OTHER_ENCODINGS = (
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 koi8_r shift_jis euc_jp gb18030 big5 euc_kr".split()
)
MOST_RECODED = 200_000_000  # bytes of a file in another encoding: to tell it, the whole is read
_PIECE = 1 << 20


def decode(data: bytes, *, where: str, declared: str | None = None) -> str:
    """Return the text of a file: by its byte order mark, as UTF-8, as `declared`, else by its bytes' statistics.

    A few broken bytes in a text that is clearly UTF-8 become U+FFFD. Raises ReadError for binary data and for an
    encoding that cannot be told.
    """
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    text = data.decode(marked or "utf-8", errors="replace")
    plain = text.encode(errors="replace") if marked else data
    controls = len(plain) - len(plain.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(plain) or (marked and text.count("\ufffd") > 1 + _MOST_BROKEN * len(text)):
        raise ReadError(where, "this is binary data, not text: save the article as .txt, .md or .html and add that")
    return text if marked or "\ufffd" not in text else _guessed(data, text, declared, where)


def _guessed(data: bytes, mended: str, declared: str | None, where: str) -> str:
    """Decode what is not quite UTF-8: slightly damaged, with the signs of damage, as declared, or by a guess."""
    if not _is_damaged(mended) and re.search(r"[^\x00-\x7f\ufffd]", mended):
        return mended
    beyond_ascii = len(data) - len(data.translate(None, bytes(range(128, 256))))
    guesses = ["utf-8", declared, "cp1252" if beyond_ascii <= _CP1252_SHARE * len(data) else None]
    for encoding in filter(None, guesses):
        with suppress(ValueError, LookupError):  # bytes without a character in it, or an unknown name
            return data.decode(encoding)
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_OTHER_ENCODINGS).best()
    text = data.decode(best.encoding, errors="replace") if best is not None else ""
    if best is None or _is_damaged(text):
        raise ReadError(where, "its encoding cannot be told: save it as UTF-8")
    return text


def _is_damaged(text: str) -> bool:
    """Tell whether broken characters are more than a slip among those outside ASCII."""
    broken = text.count("\ufffd")
    return broken > 1 + 0.1 * (len(re.findall(r"[^\x00-\x7f]", text)) - broken)


def as_utf8(file: BinaryIO, *, where: str, charset: str | None = None) -> BinaryIO:
    """Return the file, at its start, as UTF-8 without a byte order mark; one in another encoding is read as a whole.

    charset: as a server declared it. Raises ReadError for binary data and an encoding that cannot be told.
    """
    file.seek(0)
    start = file.read(len(codecs.BOM_UTF8))
    if not start:
        raise ReadError(where, "the file is empty: check that it is the right one")
    if _is_utf8(file):
        file.seek(len(start) if start == codecs.BOM_UTF8 else 0)
        return file
    file.seek(0)
    data = file.read(MOST_RECODED + 1)
    if len(data) > MOST_RECODED:
        raise ReadError(where, f"it is not UTF-8 and larger than {MOST_RECODED // 1_000_000} MB: save it as UTF-8")
    return io.BytesIO(decode(data, where=where, declared=charset).encode(errors="replace"))


def _is_utf8(file: BinaryIO) -> bool:
    """Tell whether the whole file is UTF-8 without zero bytes."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8")
    try:
        return all("\0" not in piece for piece in iter(partial(text.read, _PIECE), ""))
    except UnicodeDecodeError:
        return False
    finally:
        text.detach()  # it would close the file
