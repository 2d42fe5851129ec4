"""All tasks on pages of MiniWoB++."""

from __future__ import annotations

from ostinato.suites.miniwob import AMBIGUOUS_TASKS, TASKS
from ostinato.suites.miniwob_dates import DATE_TASKS
from ostinato.suites.miniwob_dragging import DRAGGING_TASKS
from ostinato.suites.miniwob_folding import FOLDING_TASKS
from ostinato.suites.miniwob_forms import FORM_TASKS
from ostinato.suites.miniwob_keys import KEY_TASKS
from ostinato.suites.miniwob_lists import LIST_TASKS
from ostinato.suites.miniwob_mail import MAIL_TASKS
from ostinato.suites.miniwob_reading import READING_TASKS
from ostinato.suites.miniwob_slots import MORE_SLOT_TASKS
from ostinato.suites.miniwob_sums import SUM_TASKS

SOLVED_TASKS = (
    *SUM_TASKS,
    *READING_TASKS,
    *MAIL_TASKS,
    *FOLDING_TASKS,
    *FORM_TASKS,
    *DATE_TASKS,
    *LIST_TASKS,
    *DRAGGING_TASKS,
    *KEY_TASKS,
)
ALL_TASKS = (*TASKS, *AMBIGUOUS_TASKS, *MORE_SLOT_TASKS, *SOLVED_TASKS)
