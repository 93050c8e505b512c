"""Texts that content systems keep as trees of nodes instead of mark-up, as their JSON has them.

Known by their shape are the nodes of Arc (`content_elements`), Sanity's Portable Text, Contentful, ProseMirror and
Tiptap, Slate and Strapi (`children`), Editor.js and Draft.js (`blocks`), and whatever looks like these.
"""

import re
from collections.abc import Mapping

NODE_LISTS = frozenset("text content body articlebody paragraphs contentelements blocks maintext bodytext".split())
"""Plain names under which a list or tree of nodes is the text of an article."""
_WITHIN = ("content", "children", "blocks", "nodes", "data", "body", "document", "root", "items")
_WORDS = tuple("rendered main basic original value text html bodyHtml bodyTextSummary #text $t content".split())
INNER = frozenset((*_WITHIN, *_WORDS))
"""Names within a node that lead to words."""
KINDS = frozenset("type _type nodeType kind style tag name __typename component".split())
"""Names of which a node has at least one: what it is."""
_NO_WORDS = frozenset(
    "image picture photo figure video audio podcast embed embedded iframe gallery slideshow ad advert advertisement "
    "newsletter related interstitial social tweet instagram youtube map script style divider delimiter reference "
    "button form poll".split()
)
_KIND_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_INLINE = frozenset("text span link hyperlink entry-hyperlink a strong em b i mark inline textnode".split())
_DEEPEST = 40


def rich_text(value: object) -> str:
    """Return the text of a value: itself, a list's paragraphs, or the words of a tree of nodes; empty without any."""
    return _joined(value, _DEEPEST, top=True).strip()


def _joined(value: object, deepest: int, *, top: bool = False) -> str:
    """Return a value's words: a list's parts as paragraphs, but together where they are stretches of one paragraph."""
    if isinstance(value, str):
        return value
    if deepest == 0:
        return ""
    if isinstance(value, Mapping):
        return _of_node(value, deepest)
    if not isinstance(value, list):
        return ""
    parts = [_joined(part, deepest - 1) for part in value if not isinstance(part, list)]
    inline = not top and all(isinstance(part, Mapping) and _kind(part).lower() in _INLINE | {""} for part in value)
    return "".join(parts) if inline else "\n\n".join(part for part in parts if part.strip())


def _of_node(node: Mapping[str, object], deepest: int) -> str:
    """Return the words of a node: of what it holds, else its own."""
    kind = _kind(node)
    if not _NO_WORDS.isdisjoint(part.lower() for part in _KIND_PART.findall(kind)):
        return ""
    for name in _WITHIN:
        if isinstance(node.get(name), list | Mapping) and (words := _joined(node[name], deepest - 1)).strip():
            return words
    return next((own for name in _WORDS if isinstance(own := node.get(name), str) and own.strip()), "")


def _kind(node: Mapping[str, object]) -> str:
    """Return what a node says that it is."""
    for name in ("_type", "nodeType", "type", "kind", "__typename", "component"):
        if isinstance(kind := node.get(name), str):
            return kind
    return ""
