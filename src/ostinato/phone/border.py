"""Where a phone may go: the domains and apps of a list, and nothing else.

A browser asks before the page in front goes to another address: by a link, a form, a script, a redirect, a new tab.
What lies beyond the border is stopped before anything is sent there. What a page loads into itself (pictures, scripts)
is not the phone's going anywhere, and is left alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from ostinato.errors import UsageError
from ostinato.phone.address import PORTS, app_of, read_address

_OWN = frozenset({"about", "data", "blob", "javascript", "chrome-error"})  # of what a page shows: these lead nowhere
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
    found = read_address(bare if "://" in bare else f"http://{bare}")
    host = found.host if found is not None else ""
    if found is None or not (_is_number(host) or all(_LABEL.fullmatch(label) for label in host.split("."))):
        raise UsageError(f"{text!r} is no domain to allow; write it as example.org or localhost:8080")
    return Domain(host, found.port)


@dataclass(frozen=True)
class Border:
    """The domains and the apps (packages) that a phone may show, and the schemes of addresses beside those of the web
    that it may open (`file`, the own scheme of an app). None: any."""

    domains: tuple[Domain, ...] | None = None
    apps: tuple[str, ...] | None = None
    schemes: frozenset[str] = frozenset()

    @classmethod
    def around(cls, places: Iterable[str], apps: Iterable[str] | None = None) -> Border:
        """The border around some addresses or domains, and some apps; without `apps` any app may be used. Raises
        UsageError for what is no domain."""
        web, schemes = [], set()
        for place in places:
            scheme = place.partition(":")[0].lower() if "://" in place else ""
            if scheme and scheme not in PORTS:
                schemes.add(scheme)
            else:
                web.append(domain(place))
        known = tuple(dict.fromkeys(apps)) if apps is not None else None
        return cls(tuple(dict.fromkeys(web)), known, frozenset(schemes))

    def objection(self, url: str) -> str | None:
        """Why an address may not be shown, in words; None when it may."""
        if url.partition(":")[0].strip().lower() in _OWN:
            return None
        return self._objection(url)

    def objection_to_open(self, url: str) -> str | None:
        """Why an app or an address may not be opened, in words; None when it may. An address of another scheme than
        the web's is handed to some app, with all that is in it, so it must be allowed by itself."""
        if app_of(url) is not None:
            return self.objection_to_app(url)
        return None if url.lower() == "about:blank" else self._objection(url)

    def _objection(self, url: str) -> str | None:
        found = read_address(url)
        if found is None:
            return f"{url[:80]!r} is no address"
        if found.scheme in self.schemes:
            return None
        if not found.is_web:
            return f"{url[:80]} is no web address, and leads out of the phone"
        if self.domains is None or any(known.holds(found.host, found.gone_to) for known in self.domains):
            return None
        return (
            f"{found.scheme}://{found.place} is not among the domains that may be visited "
            f"({', '.join(map(str, self.domains)) or 'none'}); allow it with --allow-domain {found.place}"
        )

    def objection_to_app(self, package: str) -> str | None:
        """Why an app, or one of its screens, may not be used, in words; None when it may."""
        package = app_of(package) or package
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
    """The border of one run that begins at `places`: addresses and apps. A list that somebody gave, of domains or apps,
    holds for every run. Where one is not given, a model stays on the sites where it begins and those that the task's
    own words name, and, where it begins in an app, in that app; what people recorded may go where it went. A run that
    begins nowhere, and has no list, has no border."""
    begun = [place for place in places if place != "about:blank"]
    sites = [place for place in begun if ":" in place]
    if domains is None and apps is None and not (by_model and begun):
        return None
    known = None
    if apps is not None or by_model:
        own = [app_of(place) or place for place in begun if ":" not in place]
        known = [*own, *(apps or ())] or None
    border = Border.around([*sites, *(named_in(task) if domains is None else domains)], known)
    return border if by_model or domains is not None else replace(border, domains=None)


def named_in(task: str) -> list[str]:
    """The hosts that a task's own words name."""
    return [found[1] for found in _IN_WORDS.finditer(task)]


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
