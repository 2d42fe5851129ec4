"""Bundles: an experience as one JSON file, for others, with where it comes from and a signature.

What is read from a bundle is what its file says, to the letter: no key twice, no number that another program would read
otherwise, no field that is unknown or was corrected. Nothing of it is run; it begins as a candidate."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ostinato.errors import FormatError, UsageError
from ostinato.replay.admission import objections
from ostinato.replay.experience import Experience, migrated
from ostinato.replay.goals import goals_of
from ostinato.replay.signing import Keys, fingerprint, is_signed
from ostinato.replay.standing import Played
from ostinato.trace.blobs import disk_errors, write_file
from ostinato.trace.screen import Record

FORMAT = "ostinato experience"
MOST_BYTES = 5_000_000
_MOST_VALUES = 100_000
_DEEPEST = 40
_MOST_LETTERS = 20_000
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LARGEST = 2**53 - 1  # of whole numbers that every reader of JSON takes for the same


class Provenance(Record):
    """Where an experience comes from, as its sender says: the program, its version there, from how many recordings,
    what became of it there."""

    program: str
    exported: datetime
    version: int
    status: str
    recordings: int
    right: int
    wrong: int
    handed_over: int


class Signature(Record):
    """Over everything in the bundle but `value`; both values in Base64."""

    algorithm: Literal["Ed25519"]
    key: str
    value: str


class Bundle(Record):
    """What stands in the file. `signature` is null in one that nobody signed."""

    format: Literal["ostinato experience"]
    format_version: Literal[1]
    experience: Experience
    provenance: Provenance
    signature: Signature | None


@dataclass(frozen=True)
class Opened:
    """A bundle that was read: the experience, a candidate now; the fingerprint of the key that signed it, None where
    nobody did."""

    experience: Experience
    provenance: Provenance
    signed_by: str | None


def write_bundle(experience: Experience, played: Played, path: Path, keys: Keys | None) -> str | None:
    """Write a bundle, signed with one's own key unless `keys` is None; the fingerprint of that key.

    Which recordings it was learnt from stays here, and sub-goals are told in the words of their steps.

    Raises UsageError where it may not be shared, SetupError where it cannot be signed."""
    goals = goals_of(experience.nodes) if experience.goals else ()
    kept = experience.model_copy(update={"recordings": (), "held_out": (), "status": "candidate", "goals": goals})
    if said := objections(kept):
        raise UsageError(f"experience {experience.id} cannot be shared: {'; '.join(said[:5])}")
    provenance = Provenance(
        program=f"ostinato {version('ostinato-agents')}",
        exported=datetime.now(UTC).replace(microsecond=0),
        version=experience.version,
        status=experience.status,
        recordings=len(experience.recordings),
        right=played.right,
        wrong=played.wrong,
        handed_over=played.handed_over,
    )
    body: dict[str, Any] = {
        "format": FORMAT,
        "format_version": 1,
        "experience": kept.model_dump(mode="json"),
        "provenance": provenance.model_dump(mode="json"),
        "signature": None,
    }
    by = None
    if keys is not None:
        by, body["signature"] = _signed(body, keys)
    text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    _opened(path, text.encode())  # what we could not read again we do not give away
    with disk_errors(path.parent):
        write_file(path, text.encode())
    return by


def read_bundle(path: Path) -> Opened:
    """A bundle of which nothing was used yet. Raises FormatError that says what is wrong with it, SetupError where its
    signature cannot be looked at."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FormatError(path, "file", f"cannot be read ({error.strerror})") from error
    if len(data) > MOST_BYTES:
        raise FormatError(path, "file", f"is larger than {MOST_BYTES // 1_000_000} MB")
    return _opened(path, data)


def _opened(path: Path, data: bytes) -> Opened:
    body = _body(path, data)
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise FormatError(path, "format", "is no bundle of an experience (ostinato experience export ID FILE.json)")
    if body.get("format_version") != 1:
        raise FormatError(path, "format_version", f"{body.get('format_version')!r} is not known here: upgrade Ostinato")
    if "signature" not in body:  # one that was taken away must not look as if there had been none
        raise FormatError(path, "signature", "is missing")
    if isinstance(body.get("experience"), dict):
        try:
            today = {**body, "experience": migrated(body["experience"])}
        except ValueError as error:
            raise FormatError(path, "experience", str(error)) from error
    else:
        today = body
    try:
        bundle = Bundle.model_validate_json(json.dumps(today))
    except ValidationError as error:
        first = error.errors()[0]
        raise FormatError(path, ".".join(map(str, first["loc"])) or "file", first["msg"]) from error
    if (place := _differs(today, bundle.model_dump(mode="json"))) is not None:
        raise FormatError(path, place, "does not say what would be read from it")
    by = _signer(path, body, bundle.signature) if bundle.signature is not None else None
    found = bundle.experience.model_copy(update={"status": "candidate"})
    if bundle.experience.recordings:
        raise FormatError(path, "experience.recordings", "names recordings, which stay where they were made")
    if said := objections(found):
        raise FormatError(path, "experience", "; ".join(said[:5]))
    return Opened(found, bundle.provenance, by)


def _signed(body: dict[str, Any], keys: Keys) -> tuple[str, dict[str, str]]:
    """The fingerprint and the signature of a bundle, over the key, too."""
    public = keys.public()
    about = {"algorithm": "Ed25519", "key": base64.b64encode(public).decode()}
    value = keys.sign({**body, "signature": about})
    return fingerprint(public), {**about, "value": base64.b64encode(value).decode()}


def _signer(path: Path, body: dict[str, Any], signature: Signature) -> str:
    try:
        public, value = (base64.b64decode(text, validate=True) for text in (signature.key, signature.value))
    except (binascii.Error, ValueError) as error:
        raise FormatError(path, "signature", f"is no Base64: {error}") from error
    about = {"algorithm": signature.algorithm, "key": signature.key}
    if not is_signed({**body, "signature": about}, public, value):
        raise FormatError(
            path, "signature", "does not fit: the bundle was changed after it was signed, or damaged; ask for it anew"
        )
    return fingerprint(public)


def _body(path: Path, data: bytes) -> Any:
    """The JSON of a bundle, in which everything is what it looks like."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise ValueError(f"a key stands twice: {key[:40]!r}")
            found[key] = value
        return found

    def whole(text: str) -> int:
        if len(text) > 17 or abs(int(text)) > _LARGEST:
            raise ValueError(f"a number is too large: {text[:20]}")
        return int(text)

    def broken(text: str) -> float:
        value = float(text) if len(text) <= 40 else math.inf
        if not math.isfinite(value):
            raise ValueError(f"a number is too large or too long: {text[:20]}")
        return value

    def never(text: str) -> float:
        raise ValueError(f"{text} is no JSON")

    try:
        body = json.loads(
            data.decode("utf-8"), object_pairs_hook=once, parse_int=whole, parse_float=broken, parse_constant=never
        )
    except RecursionError:
        raise FormatError(path, "file", "is nested too deep") from None
    except ValueError as error:  # also what is no UTF-8
        raise FormatError(path, "file", f"is not read: {error}") from error
    if (said := _too_much(body)) is not None:
        raise FormatError(path, "file", said)
    return body


def _too_much(body: Any) -> str | None:
    """What of a parsed body is over a bound, or could deceive a terminal."""
    layer, values = [body], 0
    for _ in range(_DEEPEST):
        values += len(layer)
        if values > _MOST_VALUES:
            return f"holds more than {_MOST_VALUES} values"
        for text in (one for one in layer if isinstance(one, str)):
            if len(text) > _MOST_LETTERS:
                return f"holds a text of {len(text)} letters; at most {_MOST_LETTERS} are taken"
            if _UNSEEN.search(text):
                return f"holds a text with a control character: {text[:40]!r}"
        inside: list[Any] = []
        for one in layer:
            if isinstance(one, dict):
                inside += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                inside += one
        if not inside:
            return None
        layer = inside
    return f"is nested deeper than {_DEEPEST} levels"


def _differs(said: Any, read: Any, place: Sequence[str] = ()) -> str | None:
    """Where a file says something else than was read from it; what it leaves out was read as usual."""
    if isinstance(said, dict) and isinstance(read, dict):
        pairs = [(key, said[key], read.get(key, ...)) for key in said]
    elif isinstance(said, list) and isinstance(read, list) and len(said) == len(read):
        pairs = [(str(n), one, other) for n, (one, other) in enumerate(zip(said, read, strict=True))]
    else:
        same = isinstance(said, bool) == isinstance(read, bool) and said == read
        return None if same else ".".join(place) or "file"
    found = (_differs(one, other, (*place, key)) for key, one, other in pairs)
    return next((where for where in found if where is not None), None)
