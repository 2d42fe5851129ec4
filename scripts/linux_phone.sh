#!/bin/sh
# Install what the tests of a Linux phone need (about 60 MB of Debian packages), where that can be done: as root, with
# apt-get. Elsewhere those tests are skipped, and why is said here. Ends with 1 when the install failed. `--check` only
# says that they will be skipped, and why. The applications themselves: ostinato app install gnome.
set -u
cd "$(dirname "$0")/.."
LOG=.setup/log
mkdir -p .setup

is_there() {
    .venv/bin/python - <<'PYTHON'
import subprocess
import sys
from ostinato.phone.linux.session import missing_programs

gtk = "import gi; gi.require_version('Gtk', '4.0'); from gi.repository import Gtk"
try:
    there = subprocess.run(["/usr/bin/python3", "-c", gtk], capture_output=True).returncode == 0
except OSError:
    there = False
sys.exit(bool(missing_programs()) or not there)
PYTHON
}
is_there && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null 2>&1; then
    why="they are installed by root, with apt-get"
    [ "$(id -u)" = 0 ] && why="they are installed with apt-get, which is not here"
    echo "NOT TESTED: the Linux phone. Its packages are not here ($why)."
    exit 0
fi
if [ "${1:-}" = --check ]; then
    echo "NOT TESTED: the Linux phone. Its packages could not be installed; the next make test tries again ($LOG)."
    exit 0
fi
echo "setup: installing what a Linux phone needs, for its tests (apt, about 60 MB)"
packages=$(.venv/bin/python -c "from ostinato.phone.apps.gnome import PHONE_PACKAGES as p; print(*p)")
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
{
    apt-get -o Acquire::Retries=3 update &&
        apt-get -o Acquire::Retries=3 install -y --no-install-recommends $packages python3-gi gir1.2-gtk-4.0
} >> "$LOG" 2>&1 < /dev/null && is_there && exit 0
echo "setup: that failed; see $LOG" >&2
exit 1
