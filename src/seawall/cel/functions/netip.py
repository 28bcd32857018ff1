"""Addresses and prefixes as text, read as Go's `net/netip` reads them, with its error texts.

Python's own `ipaddress` accepts other texts and says other things when it refuses; both are visible to a policy.
"""

from typing import Final

from seawall.cel.functions.formatting import go_quote

_GROUP: Final = frozenset("0123456789abcdefABCDEF")


class AddressError(ValueError):
    """A text that is no address or prefix; the message is Go's."""


def _refuse(text: str, why: str, at: str = "") -> AddressError:
    place = f" (at {go_quote(at)})" if at else ""
    return AddressError(f"ParseAddr({go_quote(text)}): {why}{place}")


def parse_address(text: str) -> tuple[int, int, str]:
    """The version (4 or 6), the number and the zone of the address in `text`. Raises `AddressError`."""
    for character in text:
        if character == ".":
            return 4, int.from_bytes(_dotted(text, text)), ""
        if character == ":":
            return 6, *_version6(text)
        if character == "%":
            raise _refuse(text, "missing IPv6 address")
    raise _refuse(text, "unable to parse IP")


def _dotted(whole: str, part: str) -> bytes:
    """The four bytes of `part`, which is all of `whole` or the end of an IPv6 address."""
    fields = bytearray()
    value = digits = 0
    for place, character in enumerate(part):
        if "0" <= character <= "9":
            if digits == 1 and value == 0:
                raise _refuse(whole, "IPv4 field has octet with leading zero")
            value, digits = value * 10 + int(character), digits + 1
            if value > 255:
                raise _refuse(whole, "IPv4 field has value >255")
        elif character == ".":
            if place in (0, len(part) - 1) or part[place - 1] == ".":
                raise _refuse(whole, "IPv4 field must have at least one digit", part[place:])
            if len(fields) == 3:
                raise _refuse(whole, "IPv4 address too long")
            fields.append(value)
            value = digits = 0
        else:
            raise _refuse(whole, "unexpected character", part[place:])
    if len(fields) < 3:
        raise _refuse(whole, "IPv4 address too short")
    return bytes([*fields, value])


def _version6(text: str) -> tuple[int, str]:
    rest, percent, zone = text.partition("%")
    if percent and not zone:
        raise _refuse(text, "zone must be a non-empty string")
    octets = bytearray()
    gap = -1  # where `::` stands in `octets`
    if rest.startswith("::"):
        gap, rest = 0, rest[2:]
        if not rest:
            return 0, zone
    while len(octets) < 16:
        size = _group(text, rest)
        if rest[size : size + 1] == ".":
            if gap < 0 and len(octets) != 12:
                raise _refuse(text, "embedded IPv4 address must replace the final 2 fields of the address", rest)
            if len(octets) > 12:
                raise _refuse(text, "too many hex fields to fit an embedded IPv4 at the end of the address", rest)
            octets += _dotted(text, rest)
            rest = ""
            break
        octets += int(rest[:size], 16).to_bytes(2)
        rest = rest[size:]
        if not rest:
            break
        if rest[0] != ":":
            raise _refuse(text, "unexpected character, want colon", rest)
        if len(rest) == 1:
            raise _refuse(text, "colon must be followed by more characters", rest)
        rest = rest[1:]
        if rest[0] == ":":
            if gap >= 0:
                raise _refuse(text, "multiple :: in address", rest)
            gap, rest = len(octets), rest[1:]
            if not rest:
                break
    if rest:
        raise _refuse(text, "trailing garbage after address", rest)
    if len(octets) < 16:
        if gap < 0:
            raise _refuse(text, "address string too short")
        octets[gap:gap] = bytes(16 - len(octets))
    elif gap >= 0:
        raise _refuse(text, "the :: must expand to at least one field of zeros")
    return int.from_bytes(octets), zone


def _group(text: str, rest: str) -> int:
    """How many hexadecimal digits stand at the start of `rest`: one to four."""
    size = 0
    while size < len(rest) and rest[size] in _GROUP:
        size += 1
        if size > 4:
            raise _refuse(text, "each group must have 4 or less digits", rest)
    if not size:
        raise _refuse(text, "each colon-separated field must have at least one digit", rest)
    return size


def parse_prefix(text: str) -> tuple[int, int, int]:
    """The version, the number and the length of the prefix in `text`; host bits may be set. Raises `AddressError`."""
    address, slash, bits = text.rpartition("/")
    what = f"netip.ParsePrefix({go_quote(text)}): "
    if not slash:
        raise AddressError(what + "no '/'")
    try:
        version, number, zone = parse_address(address)
    except AddressError as error:
        raise AddressError(f"{what}{error}") from None
    if zone:
        raise AddressError(what + "IPv6 zones cannot be present in a prefix")
    digits = bits.isascii() and bits.isdigit() and (len(bits) == 1 or bits[0] != "0")
    if not digits or len(bits) > 19 or int(bits) >= 2**63:
        raise AddressError(f"{what}bad bits after slash: {go_quote(bits)}")
    if int(bits) > (32 if version == 4 else 128):
        raise AddressError(what + "prefix length out of range")
    return version, number, int(bits)
