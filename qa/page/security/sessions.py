"""Who may come in: passwords are checked here, and whoever was let in is known by a session."""

import base64
import binascii
import hashlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock

from corpus.errors import CitewireError
from qa.page.model.limits import Limit
from qa.page.security.passwords import PasswordHash, password_fits

_log = logging.getLogger(__name__)

SESSION_SECONDS = 12 * 3600
"""A session ends so long after it was last used."""
BASIC_SECONDS = 600
"""So long a program's credentials are not hashed again."""
MAX_SESSIONS = 10_000
WRONG_PASSWORDS = 10
WRONG_SECONDS = 600


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
