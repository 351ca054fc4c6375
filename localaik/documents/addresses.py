"""Which addresses documents may be fetched from."""

import ipaddress
from collections.abc import Sequence

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# RFC 6052 and RFC 8215: an IPv4 address inside an IPv6 one, behind a translator.
_TRANSLATED = (
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
)


def is_public(address: str) -> bool:
    """Say whether an address is on the public internet, in whatever form it is wrapped.

    Loopback, private, link-local (where clouds keep their metadata), shared, multicast and
    reserved addresses are not; what is no address is not either.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (parsed, *_inner(parsed)))


def _inner(address: _Address) -> Sequence[_Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _TRANSLATED):
        found.append(low)
    # ::a.b.c.d, the form before ::ffff:a.b.c.d (RFC 4291, section 2.5.5.1)
    if int(address) >> 32 == 0:
        found.append(low)
    return [one for one in found if one is not None]
