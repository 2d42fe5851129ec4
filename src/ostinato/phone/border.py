"""Where a phone may go: the domains and apps of a list, and nothing else.

A browser asks before the page in front goes to another address: by a link, a form, a script, a redirect, a new tab.
What lies beyond the border is stopped before anything is sent there. What a page loads into itself (pictures, scripts)
is not the phone's going anywhere, and is left alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from ostinato.errors import UsageError

_PORTS = {"http": 80, "https": 443}
_OWN = ("about", "data", "blob", "javascript", "chrome-error")  # these lead nowhere
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_IN_WORDS = re.compile(
    r"(?<![\w@.-])(?:https?://)?((?:[\w-]+\.)+[a-z]{2,}|localhost)(?::\d+)?(?![\w@-])", re.IGNORECASE
)


@dataclass(frozen=True)
class Domain:
    """A host and all below it (`example.org` is `www.example.org`, too), or one port of it."""

    host: str
    port: int | None = None

    def holds(self, host: str, port: int | None) -> bool:
        same = host == self.host or (not _is_number(self.host) and host.endswith("." + self.host))
        return same and self.port in (None, port)

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"


def domain(text: str) -> Domain:
    """A domain as people write it: `example.org`, `*.example.org`, `http://example.org:8080/path`. Raises UsageError
    for anything else."""
    bare = text.strip().removeprefix("*.")
    try:
        parts = urlsplit(bare if "://" in bare else f"http://{bare}")
        host, port = _plain(parts.hostname or ""), parts.port
    except ValueError:
        host, port = "", None
    if not host or not (_is_number(host) or all(_LABEL.fullmatch(label) for label in host.split("."))):
        raise UsageError(f"{text!r} is no domain to allow; write it as example.org or localhost:8080")
    return Domain(host, port)


@dataclass(frozen=True)
class Border:
    """The domains and the apps (packages) that a phone may show; `files` says that it may show files of this machine.
    None: any."""

    domains: tuple[Domain, ...] | None = None
    apps: tuple[str, ...] | None = None
    files: bool = False

    @classmethod
    def around(cls, places: Iterable[str], apps: Iterable[str] | None = None) -> Border:
        """The border around some addresses or domains, and some apps; without `apps` any app may be used. Raises
        UsageError for what is no domain."""
        places = list(places)
        web = [domain(place) for place in places if urlsplit(place).scheme != "file"]
        files = len(web) < len(places)
        return cls(tuple(dict.fromkeys(web)), tuple(dict.fromkeys(apps)) if apps is not None else None, files)

    def objection(self, url: str) -> str | None:
        """Why an address may not be gone to, in words; None when it may."""
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme.lower(), _plain(parts.hostname or ""), parts.port
        except ValueError:
            return f"{url[:80]!r} is no address"
        if scheme in _OWN or self.domains is None or (scheme == "file" and self.files):
            return None
        if scheme in _PORTS:
            if any(known.holds(host, port or _PORTS[scheme]) for known in self.domains):
                return None
            name = host if parts.port is None else f"{host}:{parts.port}"
            return (
                f"{scheme}://{name} is not among the domains that may be visited "
                f"({', '.join(map(str, self.domains)) or 'none'}); allow it with --allow-domain {name}"
            )
        return f"{url[:80]} is no web address, and leads out of the phone"

    def objection_to_app(self, package: str) -> str | None:
        """Why an app may not be opened, in words; None when it may."""
        if self.apps is None or package in self.apps:
            return None
        return (
            f"{package} is not among the apps that may be used ({', '.join(self.apps)}); "
            f"allow it with --allow-app {package}"
        )


@runtime_checkable
class Bounded(Protocol):
    """A phone that can be kept within a border."""

    def keep_within(self, border: Border | None) -> None: ...


def border_of(
    task: str, places: Iterable[str], domains: Sequence[str] | None, apps: Sequence[str] | None, by_model: bool
) -> Border | None:
    """The border of one run that begins at `places`. A list that somebody gave, of domains or apps, holds for every
    run. Without one a model stays on the sites where it begins and those that the task's own words name; what people
    recorded may go where it went."""
    places = list(places)
    sites = [place for place in places if "://" in place]
    if apps is not None:
        apps = [*(place for place in places if "://" not in place), *apps]
    if domains is not None:
        return Border.around([*sites, *domains], apps)
    if apps is not None:
        return Border(None, tuple(dict.fromkeys(apps)))
    return Border.around([*sites, *named_in(task)]) if by_model and sites else None


def named_in(task: str) -> list[str]:
    """The hosts that a task's own words name."""
    return [found[1] for found in _IN_WORDS.finditer(task)]


def _plain(host: str) -> str:
    """A host in the letters that go over the wire."""
    bare = host.rstrip(".").lower()
    try:
        return bare.encode("idna").decode("ascii") if not bare.isascii() else bare
    except UnicodeError:
        return bare


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
