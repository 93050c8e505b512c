"""The password file: a line a person, with a scrypt hash of the password."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from corpus.errors import CitewireError, UsageError

SHORTEST = 8
LONGEST = 1_000
_COST, _BLOCK, _LANES = 15, 8, 3  # of scrypt; N is 2 to the power of the cost
_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f][^:\x00-\x1f\x7f]{0,63}")
_SALT_AND_HASH = re.compile(r"([A-Za-z0-9+/]{22})\$[A-Za-z0-9+/]{43}")  # 16 and 32 bytes in base64


def _made_with() -> str:
    return f"$scrypt$ln={_COST},r={_BLOCK},p={_LANES}$"


def hashed(password: str, salt: bytes) -> str:
    """Return what the file holds of a password: how it was made, the salt, and the scrypt hash."""
    made = hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=2**_COST,
        r=_BLOCK,
        p=_LANES,
        maxmem=2 * 128 * _BLOCK * (2**_COST + _LANES),
        dklen=32,
    )
    return _made_with() + "$".join(base64.b64encode(each).decode().rstrip("=") for each in (salt, made))


def password_line(name: str, password: str) -> str:
    """Return the line of the file for a person. Raises UsageError for a name or password that cannot be used."""
    if not _NAME.fullmatch(name) or name != name.strip():
        raise UsageError(f"{name!r} is no name: use at most 64 characters, no colon, and no # at its beginning")
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST:,} characters: this one has {len(password):,}")
    return f"{name}:{hashed(password, secrets.token_bytes(16))}"


def read_passwords(file: Path) -> dict[str, str]:
    """Return the hashes by name; empty lines and those that begin with # are passed over.

    Raises CitewireError for a file that cannot be read or holds nobody, UsageError for a line that is no entry.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise CitewireError(f"{file} cannot be read ({reason}): name a file of `citewire password` lines") from None
    people: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, written = line.strip().partition(":")
        salt_and_hash = written.removeprefix(_made_with())
        if salt_and_hash == written or not _SALT_AND_HASH.fullmatch(salt_and_hash) or not _NAME.fullmatch(name):
            why = "this is no line of the form name:hash; `citewire password NAME` prints one"
            raise UsageError(f"{file}, line {number}: {why}")
        if name in people:
            raise UsageError(f"{file}, line {number}: {name} has a line already; leave one of the two")
        people[name] = written
    if not people:
        raise CitewireError(f"{file} names nobody: add the line that `citewire password NAME` prints")
    return people


def password_fits(people: Mapping[str, str], name: str, password: str) -> bool:
    """Return whether this is the person's password; a name that is not there takes as long as one that is."""
    known = people.get(name) or next(iter(people.values()))
    salt = base64.b64decode(known.split("$")[3] + "==")
    fits = hmac.compare_digest(hashed(password[:LONGEST], salt), known)
    return fits and name in people and len(password) <= LONGEST
