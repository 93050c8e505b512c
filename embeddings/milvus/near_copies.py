"""Near copies in a library in Milvus: the copy group of a new passage."""

from collections.abc import Iterable, Mapping

from corpus.near_copies import bands, is_copy
from embeddings.milvus.tables import MilvusTables

BAND_CANDIDATES = 64
"""Passages stored per band. A library in a folder compares as many."""


def copy_groups(tables: MilvusTables, texts: Mapping[int, str]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return the copy group of each new passage, by id, and the new members of their bands.

    A passage joins the group with the smallest id that has a near copy of it. Unlike in a folder, groups are never
    merged: that would rewrite passages.
    """
    own = {passage: bands(text) for passage, text in texts.items()}
    members = {
        row["band"]: list(row["members"])
        for row in tables.get("bands", (band for found in own.values() for band in found))
    }
    known = {passage for held in members.values() for passage in held}
    candidates = {
        row["id"]: (row["copy_group"], row["text"])
        for row in tables.get("passages", sorted(known), ("id", "copy_group", "text"))
    }
    groups: dict[int, int] = {}
    changed: dict[int, list[int]] = {}
    for passage, text in texts.items():
        near = dict.fromkeys(i for band in own[passage] for i in members.get(band, ())[:BAND_CANDIDATES])
        joined: set[int] = set()
        for other in sorted(near):
            found = candidates.get(other)
            if found is not None and found[0] not in joined and is_copy(text, found[1]):
                joined.add(found[0])
        groups[passage] = min(joined, default=passage)
        candidates[passage] = (groups[passage], text)
        for band in own[passage]:
            held = members.setdefault(band, [])
            if len(held) < BAND_CANDIDATES:
                held.append(passage)
                changed[band] = held
    return groups, changed


def drop_from_bands(tables: MilvusTables, passages: Iterable[int]) -> None:
    """Remove passages from their bands. Their texts must still be stored."""
    gone = set(passages)
    texts = [row["text"] for row in tables.get("passages", sorted(gone), ("id", "text"))]
    rows = tables.get("bands", (band for text in texts for band in bands(text)))
    kept = [{"band": row["band"], "members": [i for i in row["members"] if i not in gone]} for row in rows]
    tables.put("bands", [row for row in kept if row["members"]])
    tables.delete("bands", [row["band"] for row in kept if not row["members"]])
