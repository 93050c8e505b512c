"""The rows of a SQLite file read page by page, where its own trees can no longer be followed.

What is read here may be wrong, since nothing leads to it but its place: whoever uses it checks every row by its hash.
Layout: https://www.sqlite.org/fileformat2.html and https://www.sqlite.org/walformat.html
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Value = int | float | str | bytes | None

_TABLE_LEAF, _INDEX_LEAF = 13, 10
_USUAL_PAGE = 4096
_FILE_HEADER = 100
_LOG_HEADER, _FRAME_HEADER = 32, 24
_LOG_MAGIC = (0x377F0682, 0x377F0683)  # the second one's checksums are of big-endian numbers
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FLOAT, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12
_CHAIN_START = 4  # bytes of an overflow page that name the next one


@dataclass(frozen=True, slots=True)
class Row:
    """One row of some table: `number` is its rowid, None in a table without; an alias of the rowid reads as None."""

    number: int | None
    values: tuple[Value, ...]


def read_rows(database: Path) -> Iterator[Row]:
    """Yield every row on every leaf page of the file and of the committed part of its write-ahead log.

    Rows that cannot be read are passed over, and so is text that is not UTF-8, whose wrong bytes are replaced.
    """
    data = database.read_bytes()
    log = database.with_name(database.name + "-wal")
    size = _page_size(data)
    newer = _logged(log.read_bytes(), size) if log.exists() else {}
    pages = {number + 1: data[number * size : (number + 1) * size] for number in range(-(-len(data) // size))}
    pages |= newer
    for number, page in pages.items():
        if len(page) == size:
            yield from _rows_of(page, number, pages)


def _page_size(data: bytes) -> int:
    size = int.from_bytes(data[16:18], "big")
    return 65536 if size == 1 else size if size >= 512 and size & (size - 1) == 0 else _USUAL_PAGE


def _logged(log: bytes, size: int) -> dict[int, bytes]:
    """Return the newest committed content of each page in a write-ahead log, up to the first broken frame."""
    if len(log) < _LOG_HEADER:
        return {}
    magic, _, page_size, _, *salt = struct.unpack(">6I", log[:24])
    if magic not in _LOG_MAGIC or page_size != size:
        return {}
    order = ">" if magic & 1 else "<"
    sums = _checksum(log[:24], (0, 0), order)
    if sums != struct.unpack(">2I", log[24:32]):
        return {}
    committed: dict[int, bytes] = {}
    open_frames: dict[int, bytes] = {}
    for at in range(_LOG_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        number, pages_after, *frame_salt, one, two = struct.unpack(">6I", log[at : at + _FRAME_HEADER])
        page = log[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        sums = _checksum(log[at : at + 8] + page, sums, order)
        if frame_salt != salt or sums != (one, two):
            break
        open_frames[number] = page
        if pages_after:  # a commit
            committed |= open_frames
            open_frames.clear()
    return committed


def _checksum(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    one, two = sums
    numbers = struct.unpack(f"{order}{len(content) // 4}I", content)
    for first, second in zip(numbers[::2], numbers[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two


def _rows_of(page: bytes, number: int, pages: dict[int, bytes]) -> Iterator[Row]:
    start = _FILE_HEADER if number == 1 else 0
    kind = page[start]
    if kind not in (_TABLE_LEAF, _INDEX_LEAF):
        return
    for cell in range(int.from_bytes(page[start + 3 : start + 5], "big")):
        at = start + 8 + 2 * cell
        try:
            row = _row(page, int.from_bytes(page[at : at + 2], "big"), kind, pages)
        except (IndexError, ValueError, KeyError, struct.error):
            continue
        yield row


def _row(page: bytes, at: int, kind: int, pages: dict[int, bytes]) -> Row:
    size, at = _varint(page, at)
    number: int | None = None
    usable = len(page)
    most = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    if kind == _TABLE_LEAF:
        number, at = _varint(page, at)
    if size > len(pages) * usable:
        raise ValueError("longer than the file")
    if size <= most:
        payload = page[at : at + size]
    else:
        least = (usable - 12) * 32 // 255 - 23
        here = least + (size - least) % (usable - 4)
        here = here if here <= most else least
        payload = _chained(page[at : at + here], int.from_bytes(page[at + here : at + here + 4], "big"), size, pages)
    if len(payload) != size:
        raise ValueError("cut short")
    return Row(number, _values(payload))


def _chained(start: bytes, following: int, size: int, pages: dict[int, bytes]) -> bytes:
    """Return a payload that goes on over a chain of pages."""
    parts, missing = [start], size - len(start)
    while missing > 0:
        page = pages[following]
        part = page[_CHAIN_START : _CHAIN_START + missing]
        parts.append(part)
        missing -= len(part)
        following = int.from_bytes(page[:_CHAIN_START], "big")
    return b"".join(parts)


def _values(payload: bytes) -> tuple[Value, ...]:
    header, at = _varint(payload, 0)
    kinds, values = [], list[Value]()
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (_ZERO, _ONE):
        return kind - _ZERO, at
    fixed = 8 if kind == _FLOAT else _INTEGER_BYTES.get(kind, 0)
    length = (kind - _FIRST_BLOB) // 2 if kind >= _FIRST_BLOB else fixed
    content = payload[at : at + length]
    if len(content) != length:
        raise ValueError("cut short")
    value: Value = content
    if kind >= _FIRST_BLOB and kind % 2:
        value = content.decode("utf-8", "replace")
    elif kind == _FLOAT:
        value = float(struct.unpack(">d", content)[0])
    elif kind < _FLOAT:
        value = int.from_bytes(content, "big", signed=True)
    return value, at + length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(9):
        byte = content[at]
        at += 1
        if count == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            break
    return value, at
