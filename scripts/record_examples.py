"""Make the example recordings that ship with the package, through the recording page, on the real app.

    python scripts/record_examples.py

A script plays the person, with real mouse and keys; the recordings' metadata say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ostinato.collect.scripted_person import play
from ostinato.phone.web.chromium import find_chromium
from ostinato.trace.archive import export
from ostinato.trace.store import Store

TARGET = Path(__file__).parent.parent / "src" / "ostinato" / "examples" / "ihatemoney_add_expense.zip"
RECORDINGS = (("Taxi to airport", "42.50", "Alice"), ("Groceries", "18.20", "Bob"))


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        for what, amount, payer in RECORDINGS:
            _record(home, what, amount, payer)
        store = Store(Path(home) / "store")
        TARGET.unlink(missing_ok=True)
        export(store, store.ids(), TARGET)
        TARGET.chmod(0o644)


def _record(home: str, what: str, amount: str, payer: str) -> None:
    task = f"Add an expense: {what}, {amount}, paid by {payer}"
    command = [sys.executable, "-m", "ostinato", "record", "--app", "ihatemoney", task, "--played-by", "a script"]
    environment = {**os.environ, "OSTINATO_HOME": home}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        url = next(line for line in process.stderr if "http://" in line).split()[-1]
        play(
            url,
            find_chromium(),
            [
                ("tap", "Add a new bill", ""),
                ("type", "what", what),
                ("select", "payer", payer),
                ("type", "amount", amount),
                ("tap", "Submit", ""),
            ],
        )
        process.wait(timeout=60)
    if process.returncode:
        sys.exit(f"the recording ended with {process.returncode}")


if __name__ == "__main__":
    main()
