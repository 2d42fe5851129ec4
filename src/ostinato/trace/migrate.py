"""Old journals always open: a chain of functions, each from one schema to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ostinato.errors import FormatError
from ostinato.trace.record import SCHEMA

Body = dict[str, Any]
Migration = Callable[[str, Body], Body]


def _from_0(kind: str, body: Body) -> Body:
    """Schema 0 had neither slots nor notes; who recorded stood in `recorder`."""
    if kind != "begin":
        return body
    recorder = body.get("recorder")
    kept = {key: value for key, value in body.items() if key != "recorder"}
    return {**kept, "slots": {}, "meta": {"recorder": str(recorder)} if recorder else {}}


CHAIN: dict[int, Migration] = {0: _from_0}


def migrate(file: object, schema: object, kind: str, body: Body) -> Body:
    """One journal line in today's schema; FormatError when it comes from a newer Ostinato."""
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 0:
        raise FormatError(file, "schema", f"expected a whole number, found {schema!r}")
    if schema > SCHEMA:
        raise FormatError(
            file,
            "schema",
            f"written by a newer Ostinato (schema {schema}, this one reads up to {SCHEMA}): upgrade",
        )
    for step in range(schema, SCHEMA):
        body = CHAIN[step](kind, body)
    return body
