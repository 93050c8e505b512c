"""What a web server answers: its body up to a limit and without its compression, or what its refusal means."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from corpus.errors import ReadError

_LATER = frozenset((HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
_PIECE = 1 << 16  # bytes unpacked at once


class FetchError(ReadError):
    """An address could not be fetched. `lasting`: whether trying again soon makes no sense; `after`: seconds asked."""

    def __init__(self, where: str, why: str, *, lasting: bool = True, after: float | None = None) -> None:
        super().__init__(where, why)
        self.lasting = lasting
        self.after = after


def limited(parts: Iterator[bytes], limit: int, too_large: FetchError) -> Iterator[bytes]:
    """Yield what comes over the line, up to the limit also where it unpacks to nothing."""
    length = 0
    for part in parts:
        length += len(part)
        if length > limit:
            raise too_large
        yield part


def unpacked(parts: Iterator[bytes], headers: Mapping[str, str], url: str) -> Iterator[bytes]:
    """Yield the bytes without their compression, in small pieces: a few bytes may stand for gigabytes."""
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing in ("identity", ""):
        yield from parts
        return
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(url, f"it comes packed as {packing!r}, which was not asked for: save it and add the file")
    unpack = zlib.decompressobj(wbits=47)  # tells gzip and zlib apart by itself
    first = True
    for part in parts:
        while part:
            try:
                piece = unpack.decompress(part, _PIECE)
            except zlib.error:
                if not first or packing != "deflate":
                    raise
                unpack = zlib.decompressobj(wbits=-15)  # what some servers take deflate for
                piece = unpack.decompress(part, _PIECE)
            first = False
            yield piece
            part = unpack.unconsumed_tail
            if unpack.eof:
                part, unpack = unpack.unused_data, zlib.decompressobj(wbits=47)
                if not part.startswith(b"\x1f\x8b"):
                    return
    yield unpack.flush()


def refusal(url: str, status: int, retry_after: str | None) -> FetchError:
    """Return the error for an answer that is none, with the seconds after which to come again where it says so."""
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    after = _seconds(retry_after) if status in _LATER else None
    if after is not None:
        why = f"the server asks to come back in {after:.0f} s ({phrase}): try again then"
        return FetchError(url, why, lasting=False, after=after)
    return FetchError(url, f"the server answers {phrase}: check the address", lasting=status not in _PASSING)


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, in figures or as a date."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
