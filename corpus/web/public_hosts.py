"""Which hosts may be fetched from: those on the public internet, told by the very addresses that are connected to.

A page or feed can name any address, and a name can resolve to a machine of the reader's own network, to another
address at the second look, or to the service that hands out a cloud machine's keys. So names are resolved once, every
address is checked, and the connection is made to an address that was checked.
"""

import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

# IANA's special-purpose registries (RFC 6890 and after), written out because ipaddress knows them only in part and
# differently in each release; and one public address under which a cloud offers its metadata.
_REFUSED_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"
    ).split()
)
_PUBLIC_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    IPv6Network(network) for network in "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split()
)
_TRANSLATED = IPv6Network("64:ff9b::/96")  # an IPv4 address for those who have IPv6 alone

RESOLVE_S = 10.0


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet; IPv6 that stands for IPv4 counts as that."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None)
        if inner is None:
            return ip in _PUBLIC_6 and not any(ip in network for network in _REFUSED_6)
        ip = inner
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _REFUSED_4)


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, the system's preferred one first. Raises OSError, TimeoutError after 10 s."""
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except OSError as error:
            failed.append(error)
        except UnicodeError as error:
            failed.append(OSError(str(error)))

    asking = threading.Thread(target=ask, name="resolve", daemon=True)  # the system's resolver cannot be told to hurry
    asking.start()
    asking.join(RESOLVE_S)
    if asking.is_alive():
        raise TimeoutError(f"no answer from the name server within {RESOLVE_S:g} s")
    if failed:
        raise failed[0]
    return found
