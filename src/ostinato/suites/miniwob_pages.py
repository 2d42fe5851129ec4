"""All tasks on pages of MiniWoB++, one a page: those of fixed scripts and those that are solved by looking.

Left out are 30 of its 130 pages:
* what is asked for is only in the picture, shapes and colours that the tree does not tell: bisect-angle, circle-center,
  click-color, click-shades, count-shape, count-sides, drag-cube, drag-shapes, drag-shapes-2, draw-circle, draw-line,
  find-midpoint, hot-cold, identify-shape, number-checkboxes, right-angle, simon-says, use-colorwheel,
  use-colorwheel-2, visual-addition;
* a finger cannot hover: chase-circle, click-menu, hover-shape;
* the page moves on while one looks, and a busy machine is too slow for it: button-delay, moving-items, stock-market;
* click-checkboxes-soft needs a thesaurus, tic-tac-toe cannot always be won, in daily-calendar one draws over hours that
  are partly out of sight, and text-editor now and then forgets what was marked when a style is tapped.
"""

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
