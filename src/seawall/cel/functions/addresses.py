"""Kubernetes' IP and CIDR library: strict text forms, as Go's netip parses them, without zones and IPv4-mapped IPv6."""

from typing import TYPE_CHECKING, Any

from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.functions.formatting import go_quote
from seawall.cel.functions.netip import AddressError, parse_address, parse_prefix
from seawall.cel.operators import no_overload
from seawall.cel.values import Opaque

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


class Ip(Opaque):
    """An address (`net.IP`)."""

    cel_type = "net.IP"
    __slots__ = ("address",)

    def __init__(self, address: "IPv4Address | IPv6Address") -> None:
        self.address = address

    def same(self, other: Any) -> bool:
        return bool(self.address == other.address)

    def __str__(self) -> str:
        return str(self.address)


class Cidr(Opaque):
    """An address with a prefix length (`net.CIDR`); host bits may be set."""

    cel_type = "net.CIDR"
    __slots__ = ("address", "length")

    def __init__(self, address: "IPv4Address | IPv6Address", length: int) -> None:
        self.address = address
        self.length = length

    def same(self, other: Any) -> bool:
        return (self.address, self.length) == (other.address, other.length)

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"

    @property
    def network(self) -> Any:
        """The network, host bits cleared."""
        from ipaddress import ip_network

        return ip_network(f"{self.address}/{self.length}", strict=False)


def _read_ip(text: Any) -> tuple[int, int]:
    try:
        version, number, zone = parse_address(text_of(text))
    except AddressError as error:
        raise CelError(f"IP Address {go_quote(text)} parse error during conversion from string: {error}") from None
    if zone:
        raise CelError(f"IP address {go_quote(text)} with zone value is not allowed")
    if _is_mapped(version, number):
        raise CelError(f"IPv4-mapped IPv6 address {go_quote(text)} is not allowed")
    return version, number


def _parse_ip(text: Any) -> "IPv4Address | IPv6Address":
    return _address_of(*_read_ip(text))


def _is_mapped(version: int, number: int) -> bool:
    return version == 6 and number >> 32 == 0xFFFF


def _address_of(version: int, number: int) -> "IPv4Address | IPv6Address":
    from ipaddress import IPv4Address, IPv6Address  # not for who only asks whether a text is an address

    return IPv4Address(number) if version == 4 else IPv6Address(number)


def _parse_cidr(text: Any) -> Cidr:
    what = "network address parse error during conversion from string: "
    try:
        version, number, length = parse_prefix(text_of(text))
    except AddressError as error:
        raise CelError(f"{what}{what}{error}") from None  # said twice by the API server, too
    if _is_mapped(version, number):
        raise CelError(f"{what}IPv4-mapped IPv6 address {go_quote(text)} is not allowed")
    return Cidr(_address_of(version, number), length)


def to_ip(value: Any) -> Ip:
    """`ip(text)`, and `cidr.ip()`."""
    return Ip(value.address) if isinstance(value, Cidr) else Ip(_parse_ip(value))


def is_ip(text: Any) -> bool:
    """`isIP(text)`."""
    try:
        _read_ip(text)
    except CelError:
        if not isinstance(text, str):
            raise
        return False
    return True


def is_canonical(text: Any) -> bool:
    """`ip.isCanonical(text)`: whether the text is the address's one canonical form."""
    return bool(str(_parse_ip(text)) == text)


def _address(value: Any) -> "IPv4Address | IPv6Address":
    if not isinstance(value, Ip):
        raise no_overload(value)
    return value.address


def family(value: Any) -> int:
    """`family()`: 4 or 6."""
    return _address(value).version


def is_unspecified(value: Any) -> bool:
    """`isUnspecified()`."""
    return _address(value).is_unspecified


def is_loopback(value: Any) -> bool:
    """`isLoopback()`."""
    return _address(value).is_loopback


def is_link_local_multicast(value: Any) -> bool:
    """`isLinkLocalMulticast()`: 224.0.0.0/24 or ff02::/16 (with any flags), as Go's netip has it."""
    address = _address(value)
    if address.version == 4:
        return int(address) >> 8 == 0xE00000
    return int(address) >> 120 == 0xFF and (int(address) >> 112) & 0xF == 2


def is_link_local_unicast(value: Any) -> bool:
    """`isLinkLocalUnicast()`."""
    return _address(value).is_link_local


def is_global_unicast(value: Any) -> bool:
    """`isGlobalUnicast()`: neither unspecified, loopback, multicast, link-local nor broadcast, as Go's netip has it."""
    address = _address(value)
    broadcast = address.version == 4 and int(address) == 0xFFFFFFFF
    special = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not (broadcast or special)


def to_cidr(text: Any) -> Cidr:
    """`cidr(text)`."""
    return _parse_cidr(text)


def is_cidr(text: Any) -> bool:
    """`isCIDR(text)`."""
    try:
        _parse_cidr(text)
    except CelError:
        if not isinstance(text, str):
            raise
        return False
    return True


def _cidr(value: Any) -> Cidr:
    if not isinstance(value, Cidr):
        raise no_overload(value)
    return value


def contains_ip(value: Any, other: Any) -> bool:
    """`containsIP(address)`; the address may be text."""
    network = _cidr(value).network
    text = text_of(other) if not isinstance(other, Ip) else ""
    try:
        address = other.address if isinstance(other, Ip) else _parse_ip(text)
    except CelError:
        raise CelError("no such overload") from None  # the API server drops the reason here
    return bool(address in network)


def contains_cidr(value: Any, other: Any) -> bool:
    """`containsCIDR(network)`; the network may be text."""
    outer = _cidr(value)
    inner = other if isinstance(other, Cidr) else _parse_cidr(other)
    if inner.address.version != outer.address.version:
        return False
    return inner.length >= outer.length and bool(inner.address in outer.network)


def prefix_length(value: Any) -> int:
    """`prefixLength()`."""
    return _cidr(value).length


def masked(value: Any) -> Cidr:
    """`masked()`: the same network with the host bits cleared."""
    cidr = _cidr(value)
    start: IPv4Address | IPv6Address = cidr.network.network_address
    return Cidr(start, cidr.length)
