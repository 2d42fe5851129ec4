"""Giving experiences to others and taking them: Playwright scripts, bundles, and the keys that sign them."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from ostinato.cli.versions import print_differences
from ostinato.cli.work import house, out, plain
from ostinato.errors import SetupError, UsageError
from ostinato.house import House
from ostinato.replay.admission import effects, operation
from ostinato.replay.bundle import Opened, read_bundle, write_bundle
from ostinato.replay.difference import differences
from ostinato.replay.experience import Experience
from ostinato.replay.signing import Keys
from ostinato.replay.standing import Played

Id = Annotated[str, typer.Argument(help="An experience by the beginning of its id; ID.v2 is its second version.")]
_FORMS = {".py": "script", ".json": "bundle"}


def export(
    experience: Id,
    file: Annotated[Path, typer.Argument(help="The file to write: .json, a bundle; .py, a Playwright script.")],
    form: Annotated[
        Literal["bundle", "script"] | None, typer.Option("--form", help="What to write, whatever the file is called.")
    ] = None,
    no_sign: Annotated[bool, typer.Option("--no-sign", help="A bundle without a signature.")] = False,
    url: Annotated[
        str | None, typer.Option("--url", help="Where the script starts. Usually: the site it was learnt on.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write an experience as a bundle for others, or as a Playwright script.

    A bundle holds the experience and examples of its values, no recordings,
    no screens; it is signed with your key, which is made the first time.
    A script runs with Playwright alone;
    it reads START_URL, CHROMIUM and STORAGE_STATE from the environment."""
    chosen = form or _FORMS.get(file.suffix)
    if chosen is None:
        raise UsageError(f"{file} ends neither with .json (a bundle) nor with .py (a script); or say --form")
    if chosen == "bundle" and url is not None:
        raise UsageError("--url goes with a script, not with a bundle")
    if chosen == "script" and no_sign:
        raise UsageError("--no-sign goes with a bundle, not with a script")
    if file.exists() and not force:
        raise UsageError(f"{file} is there already; --force writes over it")
    rooms = house()
    found = rooms.repository.get(experience)
    if chosen == "script":
        _script(rooms, found, file, url)
        return
    standing = rooms.repository.standing
    played = standing.played().get((found.id, found.version), Played()) if standing is not None else Played()
    by = write_bundle(found, played, file, None if no_sign else _keys(rooms))
    signed = f"signed with your key {by}" if by is not None else "not signed: nobody can tell who made or changed it"
    _say(f"wrote {file}, {signed}")
    examples = sum(len(slot.examples) for slot in found.slots)
    if examples:
        _say(
            f"it holds {examples} values that your recordings showed; look at them: ostinato experience show {found.id}"
        )


def import_(
    file: Annotated[Path, typer.Argument(help="A bundle that `ostinato experience export` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take an experience from a bundle, as a candidate: no task is matched with it before it was verified.

    Nothing of it is run. What it would do, and who signed it, is shown first."""
    rooms = house()
    opened = read_bundle(file)
    found = opened.experience
    keys = _keys(rooms)
    signer = _signer(keys, opened)
    older = rooms.repository.versions(found.id)
    _preview(rooms, opened, signer, older)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("a bundle is taken only when you say so; --yes says it beforehand")
        typer.confirm("Take it, as a candidate?", abort=True)
    saved = rooms.repository.save(found)
    if opened.signed_by is not None and opened.signed_by != keys.own():
        keys.see(opened.signed_by)
    name = f"{saved.id}.v{saved.version}"
    if saved.version in {one.version for one in older}:
        _say(f"the same is here already as {name} ({saved.status})")
        return
    if rooms.repository.standing is not None:
        source = f"imported from {file.name}, {signer}; version {opened.provenance.version} there"
        rooms.repository.standing.put(saved.id, saved.version, "candidate", plain(source))
    _say(f"taken as {name}, a candidate; see whether it is right: ostinato experience verify {name}")


def keys_() -> None:
    """The fingerprint of your key, and the keys of others that were seen."""
    keys = _keys(house())
    own = keys.own()
    _say(f"{own}  yours" if own is not None else "no key of your own yet; the first export makes it")
    for found, known in sorted(keys.known().items(), key=lambda pair: pair[1].first_seen):
        _say(f"{found}  {known.name or 'not named'}, first seen {known.first_seen:%Y-%m-%d}")


def trust(
    fingerprint: Annotated[str, typer.Argument(help="A key that was seen, by the beginning of its fingerprint.")],
    name: Annotated[str, typer.Argument(help="Whose it is. Ask its owner for the fingerprint before you say so.")],
) -> None:
    """Say whose a key is: the name is shown with what it signed. What comes in is a candidate all the same."""
    _say(f"{_keys(house()).name(fingerprint, name)} is {name}")


def _script(rooms: House, found: Experience, file: Path, url: str | None) -> None:
    from ostinato.phone.web.chromium import find_chromium
    from ostinato.replay.playwright_script import to_playwright

    start = url or (found.app if found.app and "://" in found.app else "http://127.0.0.1:5000/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(to_playwright(found, None, start), encoding="utf-8")
    with contextlib.suppress(SetupError):
        program = find_chromium(rooms.settings.chromium)
        _say(f"wrote {file}; run it: CHROMIUM={program} python {file}")
        return
    _say(f"wrote {file}")


def _preview(rooms: House, opened: Opened, signer: str, older: list[Experience]) -> None:
    found, told = opened.experience, opened.provenance
    _say(f"experience {found.id} for {plain(found.app or '')}: {plain(found.templates[0])}")
    for template in found.templates[1:]:
        _say(f"  or       {plain(template)}")
    for slot in found.slots:
        _say(f"  slot     {{{slot.name}}} {slot.kind}, seen: {plain(', '.join(slot.examples))}")
    for node in found.nodes:
        does = operation(node)
        called = f" (called: {node.primitive})" if node.primitive and node.primitive != does else ""
        _say(f"  step {node.index + 1:<4}{plain(does + called)}")
    for effect in effects(found):
        out.print(f"  [yellow]careful[/]  {escape(plain(effect))}", highlight=False)
    record = Played(told.right, told.wrong, told.handed_over).words()
    made = f"{plain(told.program)}, {told.recordings} recordings, {told.exported:%Y-%m-%d}"
    _say(f"  from     {made}; {plain(told.status)} there, {record} (its sender says so)")
    out.print(f"  {'' if opened.signed_by else '[yellow]'}signed   {escape(signer)}{'' if opened.signed_by else '[/]'}",
              highlight=False)  # fmt: skip
    for other in rooms.repository.latest(found.app):
        if other.id != found.id and set(other.templates) & set(found.templates):
            out.print(f"  [yellow]careful[/]  it reads the same tasks as experience {other.id}", highlight=False)
    if older:
        used = next((one for one in reversed(older) if one.usable), older[-1])
        _say(f"  here is  version {used.version} ({used.status}), which it does not replace; what differs from it:")
        print_differences(differences(used, found))


def _signer(keys: Keys, opened: Opened) -> str:
    """Who signed a bundle, in words."""
    by = opened.signed_by
    if by is None:
        return "not signed: anybody may have made or changed it"
    if by == keys.own():
        return f"signed with your own key {by}"
    known = keys.known().get(by)
    if known is None:
        return f"signed with the key {by}, seen for the first time"
    return f"signed with the key {by}, " + (
        f"which is {known.name}" if known.name else f"seen since {known.first_seen:%Y-%m-%d}, not named"
    )


def _keys(rooms: House) -> Keys:
    return Keys(rooms.settings.home / "keys")


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)
