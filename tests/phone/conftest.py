"""What the tests of phones share: is there what a Linux phone needs?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ostinato.phone.linux.session import missing_programs

_GTK = "import gi; gi.require_version('Gtk', '4.0'); from gi.repository import Gtk"


@pytest.fixture(scope="session")
def linux_hardware() -> None:
    """Skips where the programs of a Linux phone are not installed."""
    missing = missing_programs()
    if missing:
        pytest.skip(f"a Linux phone needs {', '.join(missing)}; run as root: ostinato app install gnome")


@pytest.fixture(scope="session")
def gtk_python(linux_hardware: None) -> str:
    """The system's Python with GTK 4, for applications of the tests' own."""
    python = Path("/usr/bin/python3")
    found = python.exists() and not subprocess.run([python, "-c", _GTK], capture_output=True, check=False).returncode
    if not found:
        pytest.skip("needs the system's Python with GTK 4 (Debian: python3-gi gir1.2-gtk-4.0)")
    return str(python)
