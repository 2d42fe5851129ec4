"""The program `hdc`: which HarmonyOS phones it lists, and what it is asked to do."""

from __future__ import annotations

import os
import shutil
import subprocess

from ostinato.errors import SetupError
from ostinato.phone.devices import Devices

NO_HDC = (
    "the program `hdc` is not here: it comes with DevEco Studio's command line tools (sdk/default/openharmony/"
    "toolchains); put its folder into PATH"
)
_LIST_SECONDS = 10.0
_STATES = {
    "Unauthorized": "does not trust this computer yet: allow USB debugging on its screen",
    "Offline": "is offline: unlock it, plug it in again, or run `hdc kill -r`",
    "Ready": "is not connected yet: plug it in again, or run `hdc kill -r`",
}
HARMONY = Devices("HarmonyOS", "Connected", _STATES, look="hdc list targets", connect="hdc tconn HOST:PORT")
BROKEN = (OSError, EOFError, ValueError, subprocess.SubprocessError)


class NotSent(OSError):
    """hdc says that it did not reach the phone: nothing was sent."""


def program() -> list[str]:
    """`hdc`, with its server where HDC_SERVER_HOST and HDC_SERVER_PORT name one."""
    found = shutil.which("hdc")
    if found is None:
        raise SetupError(NO_HDC)
    host, port = os.environ.get("HDC_SERVER_HOST"), os.environ.get("HDC_SERVER_PORT")
    return [found, "-s", f"{host}:{port}"] if host and port else [found]


def devices() -> list[tuple[str, str]]:
    """Serials and states of the phones that hdc lists; `Connected` is ready. SetupError without hdc, or when its server
    does not answer."""
    try:
        said = run([*program(), "list", "targets", "-v"], _LIST_SECONDS)
    except BROKEN as error:
        raise SetupError(f"hdc does not answer ({error}); try `hdc list targets`, or `hdc kill -r`") from error
    found = [line.split() for line in said.splitlines() if line.strip() and "[Empty]" not in line]
    usual = [words for words in found if len(words) < 2 or words[1] != "UART"]
    return [(words[0], words[2] if len(words) > 2 else "Connected") for words in usual]


def ready(serial: str | None) -> str:
    """The serial of the phone to use (see `Devices.choose`), of those that hdc lists now."""
    return HARMONY.choose(devices(), serial or os.environ.get("HDC_SERIAL"))


def listed() -> list[str]:
    """The phones that hdc lists, in words, with what is wrong with those that are not ready. Errors as of `devices`."""
    return HARMONY.told(devices())


def run(command: list[str], seconds: float) -> str:
    """What a command prints. An OSError when hdc could not do it."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    said = done.stdout.decode("utf-8", "replace")
    if said.lstrip().startswith("[Fail]"):
        raise NotSent(said.strip()[:300])
    if done.returncode:
        told = (said + done.stderr.decode("utf-8", "replace")).strip()
        raise OSError(f"hdc ended with {done.returncode}: {told[:300]}")
    return said
