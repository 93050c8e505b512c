"""XML without its dangers: no entity is expanded, nothing is fetched, a broken file is read as far as it can be."""

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from corpus.errors import ReadError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ENTITY = re.compile(rb"&[A-Za-z][A-Za-z0-9]{1,31};")
_LONGEST_ENTITY = 40
_SAFELY = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "recover": True,
    "remove_comments": True,
}  # fmt: skip


class _WithoutNames:
    """A file in which the entities that HTML names, as `&eacute;`, are written as numbers, which XML knows."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._kept = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next piece; longer than asked by what the numbers take more."""
        piece = self._file.read(size)
        data = self._kept + piece
        at = data.rfind(b"&", max(len(data) - _LONGEST_ENTITY, 0)) if piece else -1
        self._kept = b""
        if at > 0 and b";" not in data[at:]:
            data, self._kept = data[:at], data[at:]
        return _ENTITY.sub(_number, data)


def _number(match: re.Match[bytes]) -> bytes:
    """Return the characters that HTML means by a name, as numbers; another name stays."""
    meant = html.unescape(match[0].decode("ascii"))
    return match[0] if meant.startswith("&") else "".join(f"&#{ord(c)};" for c in meant).encode("ascii")


def elements(file: BinaryIO, *, where: str) -> Iterator[tuple[str, "Element"]]:
    """Yield ("start" or "end", element). The caller clears those it has used. Raises ReadError if it is not XML."""
    from lxml import etree

    found = False
    with suppress(etree.XMLSyntaxError):  # what stands before the fault is good
        stream = etree.iterparse(_WithoutNames(file), events=("start", "end"), remove_pis=True, **_SAFELY)
        for event, element in stream:
            found = True
            yield event, element
    if not found:
        raise ReadError(where, "not XML: check that it is the right file")


def parse_xml(data: bytes, *, where: str) -> "Element":
    """Return the root of a small XML file. Raises ReadError if it is not XML."""
    from lxml import etree

    root = None
    with suppress(etree.XMLSyntaxError, ValueError):
        root = etree.fromstring(data, etree.XMLParser(**_SAFELY))
    if root is None:
        raise ReadError(where, "its XML is broken: save it again")
    return root


def local_name(element: "Element") -> str:
    """Return an element's name in small letters without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def elements_named(root: "Element", *names: str) -> Iterator["Element"]:
    """Yield an element and those within it, as far as they have one of these local names."""
    return (element for element in root.iter() if local_name(element) in names)


def words_of(element: "Element") -> str:
    """Return the words of an element and all within it, on one line."""
    return " ".join("".join(element.itertext()).split())


def attribute(element: "Element", name: str) -> str:
    """Return an attribute by its name without namespace, empty where there is none."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
