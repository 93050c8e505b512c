"""Addresses of libraries in Milvus and Milvus Lite."""

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
    """Address of a library in Milvus. server: a server's address; file: a file of Milvus Lite; name: the library's."""

    written: str
    name: str
    server: str | None
    file: Path | None


def is_milvus(address: str) -> bool:
    """Tell whether an address is of a library in Milvus, and not a folder."""
    return address.startswith((LITE, *REMOTE))


def milvus_address(address: str) -> MilvusAddress:
    """Parse `milvus-lite:FILE` or `milvus+http://host:port/NAME`. Raises UsageError."""
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
