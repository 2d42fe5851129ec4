"""Every error that Ostinato raises on purpose.

OstinatoError
├── UsageError            the caller asked for something that cannot be (bad option, unknown name)
├── SetupError            something that must be installed or reachable is missing
├── StoreError            the store cannot be read or written (disk full, read-only, locked)
│   └── FormatError       a file is corrupt or foreign: names file and field
├── PhoneError            the phone did not do what was asked
│   ├── PageHung          the page does not answer
│   ├── PageGone          the page or the browser crashed or was closed
│   ├── OffLimits         it would have gone where it may not; that was stopped before anything was sent
│   └── ActionFailed      the action could not be performed (vanished, not editable); nothing was touched
│       └── Covered       something lies over the target; it may go away
├── AppError              an app does not install, start, reset or answer
├── ModelError            a language model is not reachable, refused or too slow
│   └── ModelAnswerError  its answer has not the shape that was asked for, also when asked again
├── LearnError            the recordings do not make an experience
├── MatchError            no experience fits the task
│   └── AmbiguousTask     the task can be read in more than one way
└── RunStopped            a run ended before its task was done
    ├── CheckFailed       a check said no (or unknown, where unknown may not pass)
    ├── CommitRefused     an irreversible action was not allowed, or may already have happened
    └── BudgetSpent       too many steps or seconds
"""

from __future__ import annotations


class OstinatoError(Exception):
    """Base of all; its text is for people: what happened, what was expected, what to do."""


class UsageError(OstinatoError):
    """The caller asked for something that cannot be."""


class SetupError(OstinatoError):
    """Something that must be installed or reachable is missing."""


class StoreError(OstinatoError):
    """The store cannot be read or written."""


class FormatError(StoreError):
    """A file is corrupt or foreign. `file` and `field` say where."""

    def __init__(self, file: object, field: str, problem: str) -> None:
        self.file = str(file)
        self.field = field
        self.problem = problem
        super().__init__(f"{file}: {field}: {problem}")


class PhoneError(OstinatoError):
    """The phone did not do what was asked."""


class PageHung(PhoneError):
    """The page does not answer."""


class PageGone(PhoneError):
    """The page or the browser crashed or was closed."""


class OffLimits(PhoneError):
    """The phone would have gone where it may not: it was stopped before anything was sent there."""


class ActionFailed(PhoneError):
    """The action could not be performed; nothing was touched."""


class Covered(ActionFailed):
    """Something lies over the target, such as an animation or a spinner; a moment later it may be gone."""


class AppError(OstinatoError):
    """An app does not install, start, reset or answer."""


class ModelError(OstinatoError):
    """A language model is not reachable, refused or too slow."""


class ModelAnswerError(ModelError):
    """A model's answer has not the shape that was asked for, also when asked again."""


class LearnError(OstinatoError):
    """The recordings do not make an experience."""


class MatchError(OstinatoError):
    """No experience fits the task."""


class AmbiguousTask(MatchError):
    """The task can be read in more than one way."""


class RunStopped(OstinatoError):
    """A run ended before its task was done."""


class CheckFailed(RunStopped):
    """A check said no, or unknown where unknown may not pass."""


class CommitRefused(RunStopped):
    """An irreversible action was not allowed, or may already have happened."""


class BudgetSpent(RunStopped):
    """Too many steps or seconds."""
