"""Who is logged in, by sessions that end when they are not used; and the file of scrypt hashes, a line a person."""

import base64
import binascii
import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from corpus.errors import CitewireError, UsageError
from qa.page.limits import RateLimit

SHORTEST = 8
LONGEST = 1_000
_COST, _BLOCK, _LANES = 15, 8, 3  # of scrypt; N is 2 to the power of the cost
_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f][^:\x00-\x1f\x7f]{0,63}")
_SALT_AND_HASH = re.compile(r"([A-Za-z0-9+/]{22})\$[A-Za-z0-9+/]{43}")  # 16 and 32 bytes in base64

_log = logging.getLogger(__name__)

SESSION_SECONDS = 12 * 3600
"""A session ends so long after it was last used."""
BASIC_SECONDS = 600
"""So long a program's credentials are not hashed again."""
WRONG_PASSWORDS = 10
WRONG_SECONDS = 600


class LoginFailed(CitewireError):  # noqa: N818 - reads better at the raise
    """Name and password do not belong together."""


class Sessions:
    """Logs people in by name and password, and knows them by their session. May be used from several threads at once.

    Passwords are checked one at a time: a hash takes time and memory on purpose, and many at once would stop the page.
    """

    def __init__(
        self, people: Mapping[str, str], *, clock: Callable[[], float] = time.monotonic, cookie_path: str = "/"
    ) -> None:
        self.cookie_path = cookie_path
        self._people = dict(people)
        self._clock = clock
        self._checking = Lock()
        self._lock = Lock()
        self._logins: dict[str, tuple[str, float]] = {}
        self._salt = secrets.token_bytes(16)
        self._wrong_passwords = RateLimit(
            WRONG_PASSWORDS, WRONG_SECONDS, "too many wrong passwords from here", clock=clock
        )

    def log_in(self, name: str, password: str, client: str) -> str:
        """Return the token of a new session. Raises LoginFailed, or TooOften after ten wrong passwords of a client."""
        self._check(name, password, client)
        token = secrets.token_urlsafe(32)
        self._keep(token, name, SESSION_SECONDS)
        return token

    def person(self, token: str) -> str | None:
        """Return whose session this is, which from now on lasts its full time again, or None."""
        name = self._name(token)
        if name is not None:
            self._keep(token, name, SESSION_SECONDS)
        return name

    def log_out(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._logins.pop(token, None)

    def check_credentials(self, credentials: str, client: str) -> str:
        """Return the name in a program's Basic credentials (RFC 7617). Raises LoginFailed or TooOften."""
        key = hashlib.blake2b(credentials.encode("utf-8", "surrogatepass"), key=self._salt).hexdigest()
        if name := self._name(key):
            return name
        try:
            name, colon, password = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            raise LoginFailed("the credentials are no Basic credentials: send name:password in base64") from None
        self._check(name, password if colon else "", client)
        self._keep(key, name, BASIC_SECONDS)
        return name

    def _check(self, name: str, password: str, client: str) -> None:
        with self._checking:
            self._wrong_passwords.check(client)
            if password_fits(self._people, name, password):
                return
            self._wrong_passwords.take(client)
        _log.warning("a wrong name or password from %s, for %.80r", client, name)
        raise LoginFailed("name and password do not belong together")

    def _keep(self, key: str, name: str, seconds: float) -> None:
        now = self._clock()
        with self._lock:
            self._logins = {key: login for key, login in self._logins.items() if now < login[1]}
            self._logins[key] = (name, now + seconds)

    def _name(self, key: str) -> str | None:
        """Return whose session or credentials have this key, None where they have run out."""
        name, until = self._logins.get(key, (None, 0.0))
        return name if self._clock() < until else None


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
    """Return the hashes by name; empty lines and those that begin with # are passed over. Raises CitewireError."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CitewireError(f"{file} cannot be read ({error}): name a file of `citewire password` lines") from None
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
