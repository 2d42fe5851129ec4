"""The room `house`: app, phone, experiences, store and judge in one call."""

from ostinato.house.doubt import Resumed
from ostinato.house.expectation import as_chosen, rules_of
from ostinato.house.finished import Finished
from ostinato.house.guards import approver
from ostinato.house.house import House

__all__ = ["Finished", "House", "Resumed", "approver", "as_chosen", "rules_of"]
