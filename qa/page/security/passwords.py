"""Passwords as scrypt hashes in a file: one line `name:hash` for each person, made by `citewire password`.

The hash is written as `$scrypt$ln=15,r=8,p=3$salt$hash`, both in base64 without padding (the PHC string format).
Source: RFC 7914; the cost is one that the OWASP Password Storage Cheat Sheet recommends.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import CitewireError, UsageError

SHORTEST = 8
LONGEST = 1_000
_COST, _BLOCK, _LANES = 15, 8, 3
_HASH_BYTES = 32
_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f][^:\x00-\x1f\x7f]{0,63}")
_HASH = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A scrypt hash with what it was made with; `cost` is the exponent of N."""

    cost: int
    block: int
    lanes: int
    salt: bytes
    hash: bytes

    def __post_init__(self) -> None:
        if not (10 <= self.cost <= 20 and 1 <= self.block <= 32 and 1 <= self.lanes <= 16):
            raise ValueError("the cost is out of range")
        if len(self.salt) < 8 or len(self.hash) < 16:
            raise ValueError("the hash is too short")

    def fits(self, password: str) -> bool:
        """Return whether the password is the one hashed, in a time that does not depend on how wrong it is."""
        return hmac.compare_digest(_scrypt(password, self), self.hash)

    def __str__(self) -> str:
        return f"$scrypt$ln={self.cost},r={self.block},p={self.lanes}${_written(self.salt)}${_written(self.hash)}"


def password_line(name: str, password: str) -> str:
    """Return the line of the file for a person. Raises UsageError for a name or password that cannot be used."""
    if not _NAME.fullmatch(name) or name != name.strip():
        raise UsageError(f"{name!r} is no name: use at most 64 characters, no colon, and no # at its beginning")
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST:,} characters: this one has {len(password):,}")
    empty = PasswordHash(_COST, _BLOCK, _LANES, secrets.token_bytes(16), bytes(_HASH_BYTES))
    return f"{name}:{PasswordHash(_COST, _BLOCK, _LANES, empty.salt, _scrypt(password, empty))}"


def read_passwords(file: Path) -> dict[str, PasswordHash]:
    """Return the hashes by name; empty lines and those that begin with # are passed over.

    Raises CitewireError for a file that cannot be read or holds nobody, UsageError for a line that is no entry.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise CitewireError(f"{file} cannot be read ({reason}): name a file of `citewire password` lines") from None
    people: dict[str, PasswordHash] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, written = line.strip().partition(":")
        where = f"{file}, line {number}"
        found = _HASH.fullmatch(written)
        if not found or not _NAME.fullmatch(name):
            raise UsageError(f"{where}: this is no line of the form name:hash; `citewire password NAME` prints one")
        if name in people:
            raise UsageError(f"{where}: {name} has a line already; leave one of the two")
        try:
            cost, block, lanes = (int(part) for part in found.groups()[:3])
            people[name] = PasswordHash(cost, block, lanes, _read(found[4]), _read(found[5]))
        except (ValueError, binascii.Error):
            raise UsageError(f"{where}: the hash is damaged; `citewire password {name}` prints a new one") from None
    if not people:
        raise CitewireError(f"{file} names nobody: add the line that `citewire password NAME` prints")
    return people


def password_fits(people: Mapping[str, PasswordHash], name: str, password: str) -> bool:
    """Return whether this is the person's password; a name that is not there takes as long as one that is."""
    known = people.get(name)
    fits = (known or next(iter(people.values()))).fits(password[:LONGEST])
    return fits and known is not None and len(password) <= LONGEST


def _scrypt(password: str, made_with: PasswordHash) -> bytes:
    m = made_with
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=m.salt,
        n=2**m.cost,
        r=m.block,
        p=m.lanes,
        maxmem=2 * 128 * m.block * (2**m.cost + m.lanes),
        dklen=len(m.hash),
    )


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
