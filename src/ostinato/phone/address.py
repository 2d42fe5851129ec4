"""An address as a browser reads it (the URL standard of WHATWG, where no page is open), and what names an app instead.

Programs read the same address differently: `https:evil.example`, `https://evil.example\\@app.example/` and a host with
a line break in it lead a browser to evil.example, and a plain reader elsewhere. So it is read in one place, and
`Address.text` writes what was read in the one way that all of them read alike.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

import idna

__all__ = ["APP", "PORTS", "Address", "app_of", "plain_host", "read_address", "written"]

APP = re.compile(r"([A-Za-z]\w*(?:\.[A-Za-z]\w*)+)(/[\w.$]+)?", re.ASCII)  # a package, or one with a screen of it
PORTS = {"http": 80, "https": 443}
_WITH_HOST = frozenset({*PORTS, "ws", "wss", "ftp"})  # of these a browser reads a host, however many slashes there are
_ENDS = "".join(map(chr, range(0x21)))  # dropped at both ends
_DROPPED = str.maketrans("", "", "\t\n\r")  # and these anywhere
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL | re.ASCII)
_NO_HOST = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")
_NUMBER = re.compile(r"(?:\d+|0[xX][0-9A-Fa-f]*)", re.ASCII)
_PORT = re.compile(r"0*\d{0,5}", re.ASCII)
_KEPT = "!$%&'()*+,/:;=?@#[]~"  # of the rest of an address: what stands there is not written anew


@dataclass(frozen=True)
class Address:
    """What was read: `host` is in the letters that go over the wire, empty where the scheme has none; `port` is None
    where none is written. `rest` is what comes after them, of another scheme all after the colon."""

    scheme: str
    host: str = ""
    port: int | None = None
    rest: str = ""
    user: str = ""

    @property
    def is_web(self) -> bool:
        return self.scheme in PORTS

    @property
    def gone_to(self) -> int | None:
        """The port that is gone to, named or not."""
        return PORTS.get(self.scheme) if self.port is None else self.port

    @property
    def place(self) -> str:
        """The host, with its port where that is not the usual one."""
        return self.host if self.port in (None, PORTS.get(self.scheme)) else f"{self.host}:{self.port}"

    @property
    def text(self) -> str:
        """The address in one writing, which every program reads alike."""
        if not self.host:
            return f"{self.scheme}:{self.rest}"
        user = quote(self.user, safe="%:") + "@" if self.user else ""
        return f"{self.scheme}://{user}{self.place}{self.rest}"


def read_address(text: str) -> Address | None:
    """The address that a browser reads in a text; None where it reads none, or one with a host that cannot be."""
    found = _SCHEME.fullmatch(text.strip(_ENDS).translate(_DROPPED))
    if found is None:
        return None
    scheme, rest = found[1].lower(), found[2]
    if scheme not in _WITH_HOST:
        return Address(scheme, rest=rest)
    bare = rest.lstrip("/\\")
    end = min((at for mark in "/\\?#" if (at := bare.find(mark)) >= 0), default=len(bare))
    user, _, place = bare[:end].rpartition("@")
    at = place.rfind(":")
    name, digits = (place[:at], place[at + 1 :]) if at > place.rfind("]") else (place, "")
    host = plain_host(name)
    if host is None or not _PORT.fullmatch(digits):
        return None
    port = int(digits) if digits else None
    return None if (port or 0) > 65535 else Address(scheme, host, port, _rest(bare[end:]), user)


def _rest(text: str) -> str:
    """Path, question and fragment: a backslash in the path is a slash, and what nobody writes in an address is
    escaped."""
    path = re.match(r"[^?#]*", text)
    assert path is not None
    plain = path[0].replace("\\", "/") + text[path.end() :]
    return ("" if plain[:1] == "/" else "/") + quote(plain, safe=_KEPT, errors="replace")


def plain_host(text: str) -> str | None:
    """A host in the letters that go over the wire, without the dot at its end; None when it can be none."""
    if text.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]" if text.endswith("]") else None
        except ValueError:
            return None
    try:
        host = unquote_to_bytes(text).decode("utf-8").lower()
        if not host.isascii():
            labels = idna.uts46_remap(host, std3_rules=False, transitional=False).split(".")
            wired = [
                label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in labels
            ]
            host = ".".join(wired)
    except UnicodeError:
        return None
    if not host.strip(".") or _NO_HOST.search(host):
        return None
    host = host.removesuffix(".")
    return _address_of_numbers(host) if _NUMBER.fullmatch(host.rpartition(".")[2]) else host


def _address_of_numbers(host: str) -> str | None:
    """`127.0.0.1` of `127.1`, `0x7f.1` and `2130706433`: a host that ends in a number is one."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [_value(part) for part in parts]
    except ValueError:
        return None
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    whole = numbers[-1] + sum(number << 8 * (3 - k) for k, number in enumerate(numbers[:-1]))
    return str(ipaddress.IPv4Address(whole))


def _value(part: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if len(part) > 1 and part[0] == "0" else 10)


def app_of(text: str) -> str | None:
    """The package that a text names, alone or with one of its screens; None for anything else."""
    found = APP.fullmatch(text)
    return found[1] if found is not None else None


def written(text: str) -> str:
    """An address in the one writing that every program reads alike; anything else as it is."""
    found = None if app_of(text) is not None else read_address(text)
    return text if found is None else found.text
