"""Applications of our own on a Linux phone, as desktop files in its home."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def put_programs(home: Path, commands: Mapping[str, str]) -> None:
    """`commands` are what to run, by the applications' ids."""
    folder = home / ".local" / "share" / "applications"
    folder.mkdir(parents=True, exist_ok=True)
    for app, command in commands.items():
        name = app.rpartition(".")[2]
        (folder / f"{app}.desktop").write_text(f"[Desktop Entry]\nType=Application\nName={name}\nExec={command}\n")
