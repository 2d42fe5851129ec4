"""A model that sees as a grounder: shown the picture and told the words, it says where that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ostinato.agent.asking import Asking
from ostinato.agent.formats.mobimind_grounder import MobimindGrounder
from ostinato.agent.grounding import Grounding
from ostinato.agent.picture import shrunk
from ostinato.errors import SetupError
from ostinato.trace.screen import Box, Screen


@dataclass
class ModelGrounder:
    """`picture` gives the screenshot of a sha256; it is shown at `factor` of its size. Raises SetupError for a model
    that does not see."""

    asking: Asking
    picture: Callable[[str], bytes]
    format: MobimindGrounder = field(default_factory=MobimindGrounder)
    factor: float = 0.5

    def __post_init__(self) -> None:
        if not self.asking.chat.sees:
            raise SetupError(f"{self.asking.chat.name} sees no pictures, so it cannot find things in them")

    def ground(self, words: str, screen: Screen) -> Grounding | None:
        """The smallest element that a touch reaches in the middle of the box that the model says, else that box. None
        for a screen without a screenshot. Raises as Asking.ask."""
        if screen.screenshot is None:
            return None
        shown = shrunk(self.picture(screen.screenshot), self.factor)

        def read(text: str) -> Box:
            return self.format.parse(text, screen, self.factor)

        box = self.asking.ask(self.format.messages(words, "", shown), read)
        return Grounding(screen.at_point(box.center), box, how=f"{self.asking.chat.name}: {self.asking.heard[-1]}")
