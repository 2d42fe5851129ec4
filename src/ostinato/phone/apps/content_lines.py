"""The lines of vCards and iCalendar files (RFC 6350, RFC 5545): `NAME;PARAMETER=VALUE:value`, folded and escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Component", "Line", "parts", "read_components", "unescaped"]

_NAME = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)(?:=((?:"[^"]*"|[^";:,])*(?:,(?:"[^"]*"|[^";:,])*)*))?')
_PART = re.compile(r"(?:^|(?<=;))((?:\\.|[^\\;])*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """One property: its name and parameters in capitals, its value as it stands."""

    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        return unescaped(self.value)


@dataclass
class Component:
    """What stands between BEGIN and END: `VEVENT`, `VCARD`; `parts` are the components in it."""

    kind: str
    lines: list[Line] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def text(self, name: str) -> str:
        """The text of the first property of that name; empty where there is none."""
        line = self.first(name)
        return line.text if line is not None else ""

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def walk(self) -> Iterator[Component]:
        yield self
        for part in self.parts:
            yield from part.walk()


def unescaped(value: str) -> str:
    """A text without its escapes."""
    return _ESCAPED.sub(lambda found: "\n" if found.group(1) in "nN" else found.group(1), value)


def parts(value: str) -> list[str]:
    """The texts of a value that has several, separated by `;`."""
    return [unescaped(part) for part in _PART.findall(value)]


def read_components(text: str) -> list[Component]:
    """The outermost components; a line that is none is passed over, an END that is missing is at the end."""
    outermost: list[Component] = []
    open_: list[Component] = []
    for raw in _unfolded(text):
        line = _line(raw)
        if line is None:
            continue
        if line.name == "BEGIN":
            made = Component(line.value.strip().upper())
            (open_[-1].parts if open_ else outermost).append(made)
            open_.append(made)
        elif line.name == "END":
            kind = line.value.strip().upper()
            if any(c.kind == kind for c in open_):
                while open_.pop().kind != kind:
                    pass
        elif open_:
            open_[-1].lines.append(line)
    return outermost


def _unfolded(text: str) -> list[str]:
    lines: list[str] = []
    for raw in re.split(r"\r\n|\r|\n", text):
        if raw[:1] in (" ", "\t") and lines:
            lines[-1] += raw[1:]
        else:
            lines.append(raw)
    return lines


def _line(raw: str) -> Line | None:
    name = _NAME.match(raw)
    if name is None:
        return None
    at = name.end()
    parameters: dict[str, str] = {}
    while found := _PARAMETER.match(raw, at):
        key, value = found.group(1).upper(), (found.group(2) or "").replace('"', "")
        parameters[key] = f"{parameters[key]},{value}" if key in parameters else value
        at = found.end()
    if raw[at : at + 1] != ":":
        return None
    return Line(name.group(1).upper(), parameters, raw[at + 1 :])
