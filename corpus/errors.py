"""Every error Citewire raises on purpose.

CitewireError            one sentence: what, where, what to do; exit code 1
├── UsageError           the call itself is wrong; exit code 2
├── ReadError            one article file could not be read; the batch goes on
├── LibraryError         the library cannot be opened or written
│   ├── LibraryMissing   a library that was named is not there
│   ├── LibraryBusy      another process is writing
│   ├── LibraryDamaged   the store is damaged, as its hashes show
│   └── ModelMismatch    the library was made with another embedding model
└── ModelError           a model is missing, damaged or not the one expected
"""

WHAT_HELPS = 'restore the library from a backup, or run "citewire repair"'
"""What to do about a damaged library."""


class CitewireError(Exception):
    """One clear sentence: what went wrong, where, and what to do."""

    exit_code = 1


class UsageError(CitewireError):
    """The call is wrong: a missing question, an invalid date, an option out of range."""

    exit_code = 2


class ReadError(CitewireError):
    """One article file could not be read: `where` names the file (and line), `why` the reason."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class LibraryError(CitewireError):
    """The library cannot be opened, read or written."""


class LibraryMissing(LibraryError):  # noqa: N818 - reads better at the raise
    """The library does not exist."""


class LibraryBusy(LibraryError):  # noqa: N818
    """Another process is writing to the library."""


class LibraryDamaged(LibraryError):  # noqa: N818
    """A hash in the library does not match its content: `what` is wrong, and advice what to do about it."""

    def __init__(self, what: str, advice: str = WHAT_HELPS) -> None:
        super().__init__(f"{what}: {advice}")
        self.what = what


class ModelMismatch(LibraryError):  # noqa: N818
    """The library's vectors were made by another embedding model."""


class ModelError(CitewireError):
    """A model is missing, damaged, or not the one that was asked for."""
