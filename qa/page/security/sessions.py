"""Who is logged in: a session begins with the right name and password, and ends when it is not used."""

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
from qa.page.rate_limit import RateLimit
from qa.page.security.passwords import password_fits

_log = logging.getLogger(__name__)

SESSION_SECONDS = 12 * 3600
"""A session ends so long after it was last used."""
BASIC_SECONDS = 600
"""So long a program's credentials are not hashed again."""
MAX_SESSIONS = 10_000
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
        self._logins: OrderedDict[str, tuple[str, float]] = OrderedDict()
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
        with self._lock:
            self._logins[key] = (name, self._clock() + seconds)
            self._logins.move_to_end(key)
            if len(self._logins) > MAX_SESSIONS:
                self._logins.popitem(last=False)

    def _name(self, key: str) -> str | None:
        """Return whose session or credentials have this key, None where they have run out."""
        with self._lock:
            name, until = self._logins.get(key, (None, 0.0))
            return name if self._clock() < until else None
