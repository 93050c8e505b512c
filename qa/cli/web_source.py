"""Addresses that `citewire add` and `citewire watch` are given."""

import threading
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from corpus.scan.changes import Known, Way
from corpus.store.origins import Reading
from qa.cli.sources import Survey, Trouble

if TYPE_CHECKING:
    from corpus.web.client import Fetcher
    from corpus.web.robots import Robots


def is_address(path: str) -> bool:
    """Return whether a path that was given is an address."""
    return "://" in path


class Net:
    """What fetches for a command, made when it is first needed; all addresses share it, so that hosts are spared."""

    def __init__(self, stop: threading.Event, *, allow_private: bool) -> None:
        self._stop = stop
        self._allow_private = allow_private

    @cached_property
    def fetcher(self) -> "Fetcher":
        """What fetches; it waits no longer when the command is asked to stop."""
        from corpus.web.client import Fetcher

        return Fetcher(allow_private=self._allow_private, pause=self._stop.wait, stop=self._stop.is_set)

    @cached_property
    def robots(self) -> "Robots":
        """What sites say of programs."""
        from corpus.web.robots import Robots

        return Robots(self.fetcher)

    def close(self) -> None:
        """Close the connections, if there are any."""
        if "fetcher" in self.__dict__:
            self.fetcher.close()


class Web:
    """The address of a page or a feed."""

    def __init__(self, url: str, way: Way, net: Net, limit: int) -> None:
        self.name = url
        self._way = way
        self._net = net
        self._limit = limit

    def survey(self, known: Known, trouble: Trouble) -> Survey:
        """Return that there is one thing to fetch: what it is shows then."""
        return Survey(to_read=1)

    def readings(self, known: Known, trouble: Trouble) -> Iterator[Reading]:
        """Yield the page, or the pages of the feed that are new or have changed."""
        from corpus.web.pages import AddressReader

        reader = AddressReader(
            self._net.fetcher, self._net.robots, known, self._way, trouble.bad.append, trouble.count_same, self._limit
        )
        yield from reader.readings(self.name)
