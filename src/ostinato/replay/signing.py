"""Keys that sign bundles (Ed25519): one's own, made with the first signature, and those of others that were seen."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from ostinato.errors import FormatError, SetupError, UsageError
from ostinato.trace.blobs import disk_errors, write_file
from ostinato.trace.claim import claim
from ostinato.trace.screen import Record

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

INSTALL = "signatures need an extra: pip install 'ostinato-agents[share]' (5 MB)"
_MOST_LETTERS = 60


class Known(Record):
    """A key that was seen, and since when; `name` is what a person called it."""

    first_seen: datetime
    name: str | None = None


_KNOWN: TypeAdapter[dict[str, Known]] = TypeAdapter(dict[str, Known])


@dataclass(frozen=True)
class Keys:
    """The keys in a folder, which is its owner's alone."""

    folder: Path

    def public(self) -> bytes:
        """One's own public key, which is made where there is none yet."""
        return self._own().public_key().public_bytes_raw()

    def sign(self, content: Any) -> bytes:
        """The signature of what JSON says, with one's own key."""
        return self._own().sign(canonical(content))

    def own(self) -> str | None:
        """The fingerprint of one's own key; None where none was made yet."""
        return fingerprint(self.public()) if self._file.exists() else None

    def known(self) -> dict[str, Known]:
        """The keys of others that were seen, by fingerprint. Raises FormatError."""
        path = self.folder / "known.json"
        try:
            return _KNOWN.validate_json(path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError as error:
            raise FormatError(path, "file", f"{error.errors()[0]['msg']}; move it away to begin anew") from error
        except OSError as error:
            raise FormatError(path, "file", f"cannot be read ({error.strerror})") from error

    def see(self, found: str) -> None:
        """Keep that a key was seen."""
        with self._changing() as known:
            known.setdefault(found, Known(first_seen=datetime.now(UTC)))

    def name(self, begin: str, name: str) -> str:
        """Call a key that was seen something, by the beginning of its fingerprint, which is given back. Raises
        UsageError."""
        name = " ".join(name.split())
        if not name or len(name) > _MOST_LETTERS or not name.isprintable():
            raise UsageError(f"a key is called by 1 to {_MOST_LETTERS} letters, not by {name!r}")
        with self._changing() as known:
            fitting = [found for found in known if found.startswith(begin.lower().replace(" ", ""))]
            if len(fitting) != 1:
                what = "no key that was seen" if not fitting else "more than one key"
                raise UsageError(f"{what} begins with {begin!r}; see: ostinato experience keys")
            known[fitting[0]] = known[fitting[0]].model_copy(update={"name": name})
        return fitting[0]

    @property
    def _file(self) -> Path:
        return self.folder / "signing.pem"

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Known]]:
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with claim(self.folder, "known"):
            known = self.known()
            yield known
            with disk_errors(self.folder):
                write_file(self.folder / "known.json", _KNOWN.dump_json(known, indent=1))

    def _own(self) -> Ed25519PrivateKey:
        """Raises SetupError without the extra, and for a key file that others can read or that holds no such key."""
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
            from cryptography.hazmat.primitives.serialization import load_pem_private_key
        except ImportError:
            raise SetupError(INSTALL) from None
        with disk_errors(self.folder):
            if not self._file.exists():
                self._make(Ed25519PrivateKey.generate())
            if stat.S_IMODE(self._file.stat().st_mode) & 0o077:
                raise SetupError(f"{self._file}: others can read this key; keep it to yourself: chmod 600 {self._file}")
            text = self._file.read_bytes()
        try:
            key = load_pem_private_key(text, password=None)
        except (ValueError, TypeError) as error:
            raise SetupError(f"{self._file} holds no key: {error}; move it away, and a new one is made") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SetupError(f"{self._file} holds no Ed25519 key; move it away, and a new one is made")
        return key

    def _make(self, key: Ed25519PrivateKey) -> None:
        """Write a key whole, for its owner alone, unless another process was first."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, self._file)
        Path(name).unlink()


def is_signed(content: Any, public: bytes, signature: bytes) -> bool:
    """Whether a signature of what JSON says was made with a key. Raises SetupError without the extra."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise SetupError(INSTALL) from None
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, canonical(content))
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """32 hex digits that name a public key."""
    return hashlib.sha256(public).hexdigest()[:32]


def canonical(content: Any) -> bytes:
    """JSON in its one canonical writing (RFC 8785). Raises ValueError for what has none, SetupError without the
    extra."""
    try:
        import rfc8785
    except ImportError:
        raise SetupError(INSTALL) from None
    return rfc8785.dumps(content)
