"""How a library in Milvus is named, and the one way to open any library by its name."""

import re
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UsageError

LITE = "milvus-lite:"
REMOTE = ("milvus+http://", "milvus+https://")
TOKEN_VARIABLE = "CITEWIRE_MILVUS_TOKEN"
LITE_NAME = "citewire"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """Where a library in Milvus is: the server's address, or the file of Milvus Lite, and the library's name there."""

    written: str
    name: str
    server: str | None
    file: Path | None


def is_milvus(address: str) -> bool:
    """Tell whether this names a library in Milvus, and not a folder."""
    return address.startswith((LITE, *REMOTE))


def milvus_address(address: str) -> MilvusAddress:
    """Return what `milvus-lite:FILE` or `milvus+http://host:port/NAME` stands for. Raises UsageError."""
    if address.startswith(LITE):
        file = address.removeprefix(LITE)
        if not file:
            raise UsageError(f"{address} names no file: write {LITE}FILE")
        return MilvusAddress(address, LITE_NAME, None, Path(file))
    server, _, name = address.removeprefix("milvus+").rpartition("/")
    if not server.partition("://")[2] or not _NAME.fullmatch(name):
        raise UsageError(
            f"{address} names no library: write milvus+http://host:19530/NAME, NAME of letters, digits and underscores"
        )
    if "@" in server:
        raise UsageError(f"a token is not written into the address: put it into the variable {TOKEN_VARIABLE}")
    return MilvusAddress(address, name, server, None)
