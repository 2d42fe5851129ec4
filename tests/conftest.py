"""What all tests share: no user's home is touched, nothing leaves the machine, the same examples every time."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from ostinato.model.embed import MiniLM

settings.register_profile(
    "ostinato",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("ostinato")

# A run in the background of a shell has Ctrl-C ignored, and so would have every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

NAMED_BY_THE_CALLER = ("OSTINATO_CHROMIUM", "OSTINATO_CACHE")


@pytest.fixture(autouse=True)
def ostinato_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test; other settings of the caller do not count (installed apps are kept)."""
    for name in list(os.environ):
        if name.startswith("OSTINATO_") and name not in NAMED_BY_THE_CALLER:
            monkeypatch.delenv(name)
    home = tmp_path / "ostinato-home"
    monkeypatch.setenv("OSTINATO_HOME", str(home))
    monkeypatch.setenv("OSTINATO_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg-config"))
    return home


def _is_here(address: Any) -> bool:
    host = address[0] if isinstance(address, tuple) else None  # a path is a Unix socket
    return host is None or host in ("localhost", "::1", "") or str(host).startswith("127.")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that reaches for another machine fails at once."""

    def refusing(connect: Callable[..., Any]) -> Callable[..., Any]:
        def checked(self: socket.socket, address: Any) -> Any:
            if not _is_here(address):
                raise OSError(f"a test tried to reach {address}: tests use no network")
            return connect(self, address)

        return checked

    monkeypatch.setattr(socket.socket, "connect", refusing(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", refusing(socket.socket.connect_ex))
    yield


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium on this machine; a test that needs one is skipped where there is none."""
    from ostinato.errors import SetupError
    from ostinato.phone import find_chromium

    try:
        return Path(find_chromium())
    except SetupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    """The embedder, which is installed where it is not: what needs it is tested everywhere."""
    pytest.importorskip("onnxruntime", reason="needs the extra `ocr`: make test installs it")
    from ostinato.model.catalogue import install
    from ostinato.model.embed import MiniLM

    install("minilm", report=lambda text: None)
    return MiniLM()


@pytest.fixture(scope="session")
def drawn(chromium: Path) -> dict[str, bytes]:
    """Small pages as Chromium draws them, and the icon `star`."""
    from drawn import draw_all

    return draw_all(chromium)
