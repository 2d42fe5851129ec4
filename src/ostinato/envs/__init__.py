"""The room `envs`: phones as Gymnasium environments, and agents written for BrowserGym.

`import ostinato.envs` makes these known to `gymnasium.make`:

* `ostinato/MiniWoB-v0`: `page="click-button"`;
* `ostinato/Suite-v0`: `task="ihatemoney/add_expense"`;
* `ostinato/BrowserGym-v0`: either of both, with the observations and actions of BrowserGym.
"""

from __future__ import annotations

IDS = {
    "MiniWoB": "ostinato.envs.made:miniwob",
    "Suite": "ostinato.envs.made:suite",
    "BrowserGym": "ostinato.envs.made:browsergym",
}


def register() -> None:
    """Make the environments known to Gymnasium, where it is installed. May be called twice."""
    try:
        import gymnasium
    except ModuleNotFoundError:  # the extra `gym` is not installed: a Decider from an agent needs none
        return
    for name, entry in IDS.items():
        if f"ostinato/{name}-v0" not in gymnasium.registry:
            # BrowserGym's observations hold the time
            gymnasium.register(f"ostinato/{name}-v0", entry_point=entry, nondeterministic=name == "BrowserGym")


register()
