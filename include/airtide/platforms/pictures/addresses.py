"""Which network addresses are public: a name on the allow-list may be made to lead anywhere."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_NOT_PUBLIC_V4: Final = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, of which Python calls some global
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
)
_ASSIGNED_V6: Final = IPv6Network("2000::/3")
"""All that is handed out to hosts of the internet; NAT64, mapped, compatible and local addresses lie outside."""
_NOT_PUBLIC_V6: Final = (
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, benchmarks, ORCHID
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4: holds any address of IPv4
    IPv6Network("3fff::/20"),  # documentation
)


def is_public(text: str) -> bool:
    """Tell whether an address is one of a host on the internet, and of no network within or beside it.

    False for what is no address at all. An address of IPv4 that is written as one of IPv6 is judged as what it is.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _ASSIGNED_V6 and not any(address in network for network in _NOT_PUBLIC_V6)
