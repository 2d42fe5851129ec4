"""MiniWoB++ 1.1.0: more than a hundred small web tasks, each a page that makes up its words and knows if it is done.

A page is an app of its own, `miniwob/click-button`, and a seed says which of its tasks it shows:
`miniwob/click-button/7`. There is no server, pages are opened as files. Utterance and reward are read from the page by
the harness; nothing on the screen tells them apart from a task that was done wrong.
"""

from __future__ import annotations

import difflib
import json
import shutil
import sys
import time
import zipfile
from pathlib import Path
from typing import Any, Protocol

from ostinato.errors import AppError, PhoneError, SetupError, UsageError
from ostinato.install import Install, Report, run_step
from ostinato.trace.data import AppData, Table

VERSION = "1.1.0"
SHA256 = "297006e84219d56ad037e843527ed773a4a82509dc43b6031ec4a3ad3e3e61d9"
START_SECONDS = 10.0
# A page is 160 px wide. The clock runs for weeks, for a slow model; the time left and the reward are not shown. An
# episode that ended stays ended: its cover does not start another one.
BEGIN = """(() => {
  if (window !== window.top) return;
  document.addEventListener('DOMContentLoaded', () => {
    if (typeof core === 'undefined') return;
    document.head.insertAdjacentHTML('beforeend', '<meta name="viewport" content="width=160">' +
      '<style>#reward-display, #click-canvas { display: none }</style>');
    const begin = core.startEpisode;
    core.EPISODE_MAX_TIME = 2e9;
    core.countdownTimer = () => {};
    core.startEpisode = () => {
      if (core.cover_div !== null) { core.cover_div.style.display = 'block'; return; }
      begin();
      core.cover_div.onclick = null;
      core.cover_div.textContent = 'END';
      Math.seedrandom(@SEED@);
      core.startEpisodeReal();
    };
    Math.seedrandom(@SEED@);
  });
})()"""
READ = """(() => {
  if (document.readyState !== 'complete') return null;
  if (typeof core === 'undefined') return {page: ''};
  if (core.cover_div === null || !WOB_TASK_READY) return null;
  const said = core.getUtterance();
  return {page: location.pathname.split('/').pop(), words: typeof said === 'string' ? said : said.utterance,
    done: WOB_DONE_GLOBAL, reward: WOB_RAW_REWARD_GLOBAL};
})()"""


class Asking(Protocol):
    """A phone that lets the harness ask its page something."""

    def ask(self, expression: str) -> Any: ...


class MiniWoB:
    sign_in: str | None = None
    login: dict[str, Any] | None = None

    def __init__(self, cache: Path, page: str | None = None, seed: int = 0) -> None:
        self._install = Install(cache / f"miniwob-{VERSION}", {"version": VERSION, "sha256": SHA256})
        self._folder = self._install.folder / "html" / "miniwob"
        self._page, self._seed = page, seed
        self._running = False
        self._phone: Asking | None = None
        self._words = ""

    @property
    def name(self) -> str:
        return f"miniwob/{self._page}" if self._page else "miniwob"

    def is_installed(self) -> bool:
        return self._install.complete()

    def install(self, report: Report = print) -> None:
        with self._install.doing() as needed:
            if not needed:
                report(f"miniwob {VERSION} is installed in {self._install.folder}")
                return
            report(f"miniwob: fetching {VERSION} with pip")
            folder = self._install.folder / "wheel"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            pin = folder / "pin.txt"
            pin.write_text(f"miniwob=={VERSION} --hash=sha256:{SHA256}\n")
            pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
            run_step("Fetching miniwob with pip", [*pip, "--require-hashes", "-r", str(pin), "-d", str(folder)])
            _unpack(next(folder.glob("*.whl")), self._install.folder)
            shutil.rmtree(folder)
        report("miniwob: ready")

    def remove(self) -> None:
        self._install.remove()

    def pages(self) -> tuple[str, ...]:
        """The names of all pages. SetupError when they are not installed."""
        if not self.is_installed():
            raise SetupError("miniwob is not installed. Run: ostinato app install miniwob")
        return tuple(sorted(file.stem for file in self._folder.glob("*.html")))

    def choose(self, page: str, seed: int) -> None:
        """The page and the seed of the next episode. UsageError for a page that is not there."""
        if page not in self.pages():
            near = difflib.get_close_matches(page, self.pages(), n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(f"MiniWoB++ has no page {page!r}.{hint}")
        self._page, self._seed, self._words = page, seed, ""

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        """Nothing has to run and nothing is kept: `folder` and `port` are not used."""
        if self._running:
            raise AppError(f"{self.name} is already running; stop it first.")
        self.pages()
        if self._page is not None:
            self.choose(self._page, self._seed)
        self._running = True

    def stop(self) -> None:
        self._running = False
        self._phone = None

    def pids(self) -> list[int]:
        return []

    def reset(self) -> None:
        """The next episode that a phone begins is the chosen one again."""
        self._must_run()
        self._words = ""

    def restore(self, folder: Path) -> None:
        """Nothing: an episode ends with its page."""

    @property
    def url(self) -> str:
        self._must_run()
        if self._page is None:
            raise UsageError(
                f"miniwob has {len(self.pages())} pages; name one, and a seed if you like: miniwob/click-button/7"
            )
        return (self._folder / f"{self._page}.html").as_uri()

    @property
    def origins(self) -> tuple[str, ...]:
        self._must_run()
        return ("file://",)

    @property
    def init_script(self) -> str | None:
        return BEGIN.replace("@SEED@", json.dumps(str(self._seed)))

    def shown_on(self, phone: Asking) -> None:
        """The phone on which the page is from now on."""
        self._phone = phone

    def words(self) -> str:
        """What the page asks for. AppError when the page does not say it."""
        self.data()
        if not self._words:
            raise AppError(f"{self.name} does not say what to do; is its page open on the phone?")
        return self._words

    def data(self) -> AppData:
        """One row, the episode. Its reward is None when the page is gone: the phone went elsewhere."""
        self._must_run()
        found = self._read()
        if found is not None:
            self._words = found["words"]
        done, reward = (found["done"], float(found["reward"])) if found is not None else (False, None)
        row = (self._page or "", self._seed, self._words, done, reward)
        columns = ("page", "seed", "utterance", "done", "raw_reward")
        return AppData(app=self.name, tables={"episode": Table(columns=columns, key=("page", "seed"), rows=(row,))})

    def _read(self) -> dict[str, Any] | None:
        """What the page says of its episode, once that has begun; None when it is not this page, or does not answer."""
        if self._phone is None:
            raise AppError(f"{self.name} is not on a phone yet; its data are in its page.")
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                found: dict[str, Any] | None = self._phone.ask(READ)
            except PhoneError:
                return None
            if found is not None:
                return found if found["page"] == f"{self._page}.html" else None
            if time.monotonic() > give_up:
                return None
            time.sleep(0.01)

    def _must_run(self) -> None:
        if not self._running:
            raise AppError(f"{self.name} is not running; start it first.")


def _unpack(wheel: Path, folder: Path) -> None:
    """The pages of a wheel into `folder/html`."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                if member.filename.startswith("miniwob/html/") and not member.is_dir():
                    target = folder / member.filename.removeprefix("miniwob/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(member))
    except (OSError, zipfile.BadZipFile) as problem:
        raise AppError(f"miniwob was not unpacked: {problem}. Install again.") from None
