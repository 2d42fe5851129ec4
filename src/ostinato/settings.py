"""Settings: defaults, then a configuration file, then the environment; the later one wins."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ostinato.errors import SetupError, UsageError

PREFIX = "OSTINATO_"
SECRET = PREFIX + "SECRET_"
CONFIG = PREFIX + "CONFIG"
NO_SETTINGS = {CONFIG, PREFIX + "FAULT"}  # the latter is the fault harness's


class Settings(BaseModel):
    """What may be set, in `ostinato.toml` or as `OSTINATO_NAME`.

    `home` holds traces and experiences, `cache` installed apps. `phone` is the phone that is used (see docs/phone.md);
    of Chromium `width` and `height` are CSS pixels, `scale` screenshot pixels per CSS pixel. `step_timeout` and
    `max_seconds` are seconds. `commits` says what happens before what cannot be taken back; None: ask at a terminal,
    refuse without one; with `beyond_task` a model may also do what does not come from the task's words
    (`ostinato.agent.guards.mandate`). `allow_domains` and `allow_apps` are all that may be visited and used beside
    where a task begins (None: see docs/safety.md); `permissions` says what becomes of an app's or a page's wish for the
    camera, the place, …. `privacy` says what is kept of a run and shown to a model: all (`full`), no values
    (`redacted`), or no pictures either (`structure`); see docs/safety.md. `store_url` names a PostgreSQL database for
    the index of traces; `keep_days` is how long `ostinato trace gc` keeps traces (None: for ever).
    `model` is a language model: the name that an endpoint at `model_url` knows, else a GGUF file or a name of the
    catalogue; `model_key` names the secret that holds its key, `model_sees` says that it takes images.
    `agent_format` is how an agent talks to it (`ostinato.agent.formats`), `agent_scale` the size of the pictures it is
    shown as a share of the screenshot. `model_max_…` bound what one task may cost: calls, tokens, seconds of the
    model's answers, money; `model_price` and `model_price_output` are money per million tokens. `grounder_…` name
    another model, one that sees, which finds what words name; `planner_…` another that plans tasks over several apps,
    asked in the form `planner_format`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("ostinato"))
    cache: Path = Field(default_factory=lambda: platformdirs.user_cache_path("ostinato"))
    chromium: Path | None = None
    phone: str = Field("chromium", pattern=r"^(chromium|(android|harmony)(:.+)?|linux:.+)$")
    commits: Literal["ask", "refuse", "allow"] | None = None
    beyond_task: bool = False
    allow_domains: tuple[str, ...] | None = None
    allow_apps: tuple[str, ...] | None = None
    permissions: Literal["ask", "refuse", "allow"] = "refuse"
    privacy: Literal["full", "redacted", "structure"] = "full"
    width: int = Field(390, ge=100, le=10_000)
    height: int = Field(844, ge=100, le=10_000)
    scale: float = Field(1.0, gt=0, le=8)
    step_timeout: float = Field(10.0, gt=0)
    max_steps: int = Field(40, ge=1)
    max_seconds: float = Field(300, gt=0)
    store_url: str | None = None
    keep_days: int | None = Field(None, ge=0)
    model: str | None = None
    model_url: str | None = None
    model_key: str | None = None
    model_sees: bool = False
    model_max_calls: int | None = Field(None, ge=1)
    model_max_tokens: int | None = Field(None, ge=1)
    model_max_seconds: float | None = Field(None, gt=0)
    model_max_money: float | None = Field(None, gt=0)
    model_price: float = Field(0.0, ge=0)
    model_price_output: float = Field(0.0, ge=0)
    agent_format: str = "element_index"
    agent_scale: float | None = Field(None, gt=0, le=1)
    grounder_url: str | None = None
    grounder_model: str | None = None
    grounder_key: str | None = None
    planner_url: str | None = None
    planner_model: str | None = None
    planner_key: str | None = None
    planner_format: str = "plan"

    @field_validator("allow_domains", "allow_apps", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        """A list of an environment variable has commas."""
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("home", "cache", "chromium")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        try:
            return path.expanduser().absolute() if path is not None else None
        except RuntimeError:  # ~NAME of nobody, or no home at all
            raise ValueError("unknown user") from None

    def in_folder(self, home: Path) -> Settings:
        """The same settings with a home of its own, which may go again: its index is in it, and not in a database that
        others use."""
        return self.model_copy(update={"home": home, "store_url": None})


_USER = "“~NAME” needs a user of that name on this machine"
_FOLDER = f"a folder; {_USER}"
_EXPECTED = {
    "home": _FOLDER,
    "cache": _FOLDER,
    "chromium": f"the path of a program; {_USER}",
    "phone": "chromium, android, android:SERIAL, harmony, harmony:SERIAL or linux:APP",
    "commits": "ask, refuse or allow",
    "beyond_task": "true or false",
    "allow_domains": "a list of domains: example.org, localhost:8080",
    "allow_apps": "a list of app packages: com.example.notes",
    "permissions": "refuse, ask or allow",
    "privacy": "full, redacted or structure",
    "width": "a whole number of pixels from 100 to 10000",
    "height": "a whole number of pixels from 100 to 10000",
    "scale": "a number above 0, at most 8",
    "step_timeout": "a number of seconds above 0",
    "max_steps": "a whole number, at least 1",
    "max_seconds": "a number of seconds above 0",
    "store_url": "a database address: postgresql+psycopg://USER@HOST/NAME",
    "keep_days": "a whole number of days",
    "model": "the name of a model, or a .gguf file",
    "model_url": "an address: http://HOST:PORT/v1",
    "model_key": "the name of a secret",
    "model_sees": "true or false",
    "model_max_calls": "a whole number, at least 1",
    "model_max_tokens": "a whole number, at least 1",
    "model_max_seconds": "a number of seconds above 0",
    "model_max_money": "a number above 0",
    "model_price": "a number, money per million tokens",
    "model_price_output": "a number, money per million tokens",
    "agent_format": "the name of a format: element_index, mobimind_decider, …",
    "agent_scale": "a number above 0, at most 1",
    "grounder_url": "an address: http://HOST:PORT/v1",
    "grounder_model": "the name of a model",
    "grounder_key": "the name of a secret",
    "planner_url": "an address: http://HOST:PORT/v1",
    "planner_model": "the name of a model, or a .gguf file",
    "planner_key": "the name of a secret",
    "planner_format": "the name of a form: plan, mobimind_planner",
}


def load_settings(path: Path | None = None) -> Settings:
    """The settings. `path`, or $OSTINATO_CONFIG, names a configuration file that must exist; otherwise
    `ostinato.toml` in the working folder or `config.toml` in the user's configuration folder is read if it is there.

    Raises UsageError naming the file (or variable), the key and what is expected."""
    file = _config_file(path)
    in_file = _read(file) if file is not None else {}
    for key in in_file:
        if key not in Settings.model_fields:
            raise UsageError(f"{file}: unknown key {key!r}.{_near(key)}")
    in_environment = _environment()
    values = {**in_file, **in_environment}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        where = PREFIX + key.upper() if key in in_environment else f"{file}: {key}"
        raise UsageError(f"{where}: {values[key]!r} is not {_EXPECTED[key]}") from None


def secret_variable(name: str) -> str:
    """The environment variable that holds a password or key of this name."""
    return SECRET + re.sub(r"\W", "_", name).upper()


def secret(name: str) -> str:
    """A password or key by name, from the environment; it is never stored. Raises SetupError saying how to set it."""
    variable = secret_variable(name)
    value = os.environ.get(variable)
    if not value:
        raise SetupError(f"the secret {name!r} is not set; set it for this run: export {variable}=…")
    return value


def secrets_set() -> tuple[str, ...]:
    """The values of all secrets that are set."""
    return tuple(value for name, value in os.environ.items() if name.startswith(SECRET) and value)


def _config_file(path: Path | None) -> Path | None:
    named = path or (Path(os.environ[CONFIG]) if os.environ.get(CONFIG) else None)
    if named is not None:
        return named
    usual = (Path("ostinato.toml"), platformdirs.user_config_path("ostinato") / "config.toml")
    return next((file for file in usual if file.is_file()), None)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{file}: the configuration cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: is not TOML: {error}") from error


def _environment() -> Mapping[str, str]:
    """The settings among the environment variables. An empty one counts as not set."""
    found: dict[str, str] = {}
    for name, value in os.environ.items():
        if not name.startswith(PREFIX) or name.startswith(SECRET) or name in NO_SETTINGS or not value:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in Settings.model_fields:
            raise UsageError(f"{name}: unknown setting.{_near(key, as_variable=True)}")
        found[key] = value
    return found


def _near(key: str, *, as_variable: bool = False) -> str:
    show = (lambda name: PREFIX + name.upper()) if as_variable else str
    near = difflib.get_close_matches(key.lower().replace("-", "_"), Settings.model_fields, n=1)
    hint = f" Did you mean {show(near[0])}?" if near else ""
    return f"{hint} Known: {', '.join(show(name) for name in Settings.model_fields)}"
