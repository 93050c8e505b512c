"""Who may come in: passwords are checked here, and whoever was let in is known by a session."""

import base64
import binascii
import hashlib
import hmac
import logging
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from corpus.errors import CitewireError, UsageError
from qa.page.model.desk import Limit

SHORTEST = 8
LONGEST = 1_000
_COST, _BLOCK, _LANES = 15, 8, 3
_HASH_BYTES = 32
_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f][^:\x00-\x1f\x7f]{0,63}")
_HASH = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")
_log = logging.getLogger(__name__)

SESSION_SECONDS = 12 * 3600
"""A session ends so long after it was last used."""
BASIC_SECONDS = 600
"""So long a program's credentials are not hashed again."""
MAX_SESSIONS = 10_000
WRONG_PASSWORDS = 10
WRONG_SECONDS = 600


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


class NotLetIn(CitewireError):  # noqa: N818 - reads better at the raise
    """Name and password do not belong together."""


class Door:
    """Lets people in by name and password; may be used from several threads at once.

    Passwords are checked one at a time: a hash takes time and memory on purpose, and many at once would stop the page.
    """

    def __init__(
        self, people: Mapping[str, PasswordHash], *, clock: Callable[[], float] = time.monotonic, cookie_path: str = "/"
    ) -> None:
        self.cookie_path = cookie_path
        self._people = dict(people)
        self._clock = clock
        self._checking = Lock()
        self._lock = Lock()
        self._sessions: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._programs: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._salt = secrets.token_bytes(16)
        self._wrong = Limit(WRONG_PASSWORDS, WRONG_SECONDS, "too many wrong passwords from here", clock=clock)

    def enter(self, name: str, password: str, client: str) -> str:
        """Return the token of a new session. Raises NotLetIn, or TooOften after ten wrong passwords of a client."""
        self._check(name, password, client)
        token = secrets.token_urlsafe(32)
        self._keep(self._sessions, token, name, SESSION_SECONDS)
        return token

    def session(self, token: str) -> str | None:
        """Return whose session this is, which from now on lasts its full time again, or None."""
        name = self._kept(self._sessions, token)
        if name is not None:
            self._keep(self._sessions, token, name, SESSION_SECONDS)
        return name

    def leave(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(token, None)

    def program(self, credentials: str, client: str) -> str:
        """Return the name in a program's Basic credentials (RFC 7617). Raises NotLetIn or TooOften."""
        known = hashlib.blake2b(credentials.encode("utf-8", "surrogatepass"), key=self._salt).hexdigest()
        name = self._kept(self._programs, known)
        if name is not None:
            return name
        try:
            name, colon, password = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            raise NotLetIn("the credentials are no Basic credentials: send name:password in base64") from None
        self._check(name, password if colon else "", client)
        self._keep(self._programs, known, name, BASIC_SECONDS)
        return name

    def _check(self, name: str, password: str, client: str) -> None:
        with self._checking:
            self._wrong.require(client)
            if password_fits(self._people, name, password):
                return
            self._wrong.take(client)
        _log.warning("a wrong name or password from %s, for %.80r", client, name)
        raise NotLetIn("name and password do not belong together")

    def _keep(self, kept: OrderedDict[str, tuple[str, float]], key: str, name: str, seconds: float) -> None:
        with self._lock:
            kept[key] = (name, self._clock() + seconds)
            kept.move_to_end(key)
            while len(kept) > MAX_SESSIONS:
                kept.popitem(last=False)

    def _kept(self, kept: OrderedDict[str, tuple[str, float]], key: str) -> str | None:
        with self._lock:
            name, until = kept.get(key, (None, 0.0))
            if self._clock() < until:
                return name
            kept.pop(key, None)
            return None
