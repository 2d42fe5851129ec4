"""The trace: what an agent, a person or a script did on a phone, as one kind of record."""

from ostinato.trace.action import Action, action_adapter, describe, target_of
from ostinato.trace.archive import export, import_
from ostinato.trace.blobs import Blobs
from ostinato.trace.data import AppData, Table
from ostinato.trace.mobiagent import export_mobiagent, import_mobiagent
from ostinato.trace.record import (
    SCHEMA,
    CheckResult,
    Cost,
    Data,
    Decision,
    ExperienceRef,
    Outcome,
    Result,
    Step,
    Tokens,
    Trace,
    Verdict,
)
from ostinato.trace.screen import Box, Element, Point, Record, Screen
from ostinato.trace.store import Store, TraceSummary
from ostinato.trace.sweep import GcReport
from ostinato.trace.writer import TraceWriter

__all__ = [
    "SCHEMA",
    "Action",
    "AppData",
    "Blobs",
    "Box",
    "CheckResult",
    "Cost",
    "Data",
    "Decision",
    "Element",
    "ExperienceRef",
    "GcReport",
    "Outcome",
    "Point",
    "Record",
    "Result",
    "Screen",
    "Step",
    "Store",
    "Table",
    "Tokens",
    "Trace",
    "TraceSummary",
    "TraceWriter",
    "Verdict",
    "action_adapter",
    "describe",
    "export",
    "export_mobiagent",
    "import_",
    "import_mobiagent",
    "target_of",
]
