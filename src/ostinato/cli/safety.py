"""Options of the commands that do tasks, which say what may be done and where."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer


def _domains(given: list[str] | None) -> list[str]:
    from ostinato.phone.border import domain

    return [str(domain(one)) for one in given or []]


AllowDomain = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-domain",
        metavar="DOMAIN",
        help="Beside where the task begins only this domain may be visited (may be given again).",
        callback=_domains,
    ),
]
AllowApp = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-app",
        metavar="PACKAGE",
        help="Beside the first app only this one may be used on a real phone (may be given again).",
    ),
]
Permission = Annotated[
    Literal["ask", "refuse", "allow"] | None,
    typer.Option("--permissions", help="When an app or a page wants the camera, the place, …: ask, refuse or allow."),
]
BeyondTask = Annotated[
    bool,
    typer.Option("--beyond-task", help="Let a model also send what does not come from the task (see docs/safety.md)."),
]


Privacy = Annotated[
    Literal["full", "redacted", "structure"] | None,
    typer.Option(
        "--privacy",
        help="What is kept of it, and shown to a model: all, no values, or no pictures either (see docs/safety.md).",
    ),
]


def changes(
    domains: list[str] | None,
    apps: list[str] | None,
    permissions: str | None,
    beyond_task: bool,
    privacy: str | None = None,
) -> dict[str, Any]:
    """The settings that these options stand for; what was not given stays as it is set."""
    given = {
        "allow_domains": tuple(domains) if domains else None,
        "allow_apps": tuple(apps) if apps else None,
        "permissions": permissions,
        "beyond_task": beyond_task or None,
        "privacy": privacy,
    }
    return {name: value for name, value in given.items() if value is not None}
