"""Replays on the bills app, in the real run loop with a real store: what is done, and where a replay stops."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from bills import HOST, Bills, Recorder
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from screens import element

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.loop import Ended, Limits, Loop
from ostinato.agent.script import on
from ostinato.judge.change import compare
from ostinato.judge.check import Exists
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.replay.match import match
from ostinato.replay.replayer import Replayer
from ostinato.trace.action import Done, Select, Type, target_of
from ostinato.trace.locator import Locator
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store

TASK = "Add a bill: {what}, {how_much}, paid by {payer}"
MUSEUM = {"what": "Museum", "how_much": "18", "payer": "Carol"}


class Player:
    """Plays an experience on the app through the run loop."""

    def __init__(self, store: Store, experience: Experience) -> None:
        self.store, self.experience = store, experience

    def __call__(
        self, app: Bills, values: dict[str, str] = MUSEUM, experience: Experience | None = None, allowed: bool = True
    ) -> Ended:
        replayer = Replayer(experience or self.experience, values)
        with self.store.begin(task="play", app="bills") as writer:
            limits = Limits(max_steps=12, max_seconds=20, step_timeout=0.02)
            return Loop(app, [replayer], writer, lambda action, seen: allowed, limits).run("play")


@pytest.fixture
def play(store: Store, experience: Experience) -> Player:
    return Player(store, experience)


def changed(name: str, role: str | None = None, /, **update: object) -> Callable[[Screen], Screen]:
    """Screens on which the elements of one name (and role) have other attributes."""
    return lambda seen: seen.model_copy(
        update={
            "elements": tuple(
                e.model_copy(update=update) if e.name == name and role in (None, e.role) else e for e in seen.elements
            )
        }
    )


def with_node(experience: Experience, index: int, **update: object) -> Experience:
    nodes = list(experience.nodes)
    nodes[index] = nodes[index].model_copy(update=update)
    return experience.model_copy(update={"nodes": tuple(nodes)})


# ---------------------------------------------------------------------------------------------- what is done
def test_new_values_reach_the_data_and_nothing_else_does(play: Player, experience: Experience) -> None:
    app = Bills()
    before = app.data()
    ended = play(app)
    assert (ended.outcome.claimed, app.commits) == ("done", ["Save"])
    assert app.rows[1:] == [(2, "Museum", "18", "Carol", True)]
    assert compare(before, app.data(), experience.data or (), MUSEUM)[0] == "true"
    assert [s.decision.source for s in ended.steps] == ["replay"] * 6
    assert all(c.value == "true" for s in ended.steps for c in s.checks)


odd = st.text(string.ascii_letters + string.digits + " '\"&;<>{}$\\äßé寿עב🍣.,", min_size=1, max_size=20)


@settings(max_examples=15)
@given(odd, st.decimals(0, 10**6, places=2).map(str))
def test_whatever_the_task_says_is_typed_letter_for_letter(
    store: Store, experience: Experience, what: str, amount: str
) -> None:
    what = " ".join(what.split())
    assume(what and '"' not in what)
    found = match(f'Add a bill: "{what}", {amount}, paid by דנה', [experience], "bills")
    app = Bills()
    ended = Player(store, experience)(app, found.values)
    assert (ended.outcome.claimed, ended.outcome.reason[:60]) == ("done", "all steps played, all checks passed")
    assert app.rows[1:] == [(2, what, amount, "דנה", True)]


@pytest.mark.parametrize("what", ["x" * 10_000, "\u200fשלום עולם", "👨\u200d👩\u200d👧", "{payer}", '5" pipe', "a  b"])
def test_values_that_look_odd_are_typed_like_others(play: Player, what: str) -> None:
    app = Bills()
    assert play(app, MUSEUM | {"what": what}).outcome.claimed == "done"
    assert app.rows[1][1] == what


@pytest.mark.parametrize("shown", ["1234.5", "1,234.50", "€ 1234.50", "1.234,50", "1 234,5"])
def test_a_number_may_stand_in_its_field_in_any_notation(play: Player, shown: str) -> None:
    app = Bills(enter=lambda text: shown if text == "1234.50" else text)
    ended = play(app, MUSEUM | {"how_much": "1234.50"})
    assert (ended.outcome.claimed, app.rows[1][2]) == ("done", shown)


def test_a_layout_that_moved_is_played_all_the_same(play: Player) -> None:
    def moved(seen: Screen) -> Screen:
        more = {e.path: f"main/div/section/{e.path[5:]}" for e in seen.elements}
        box = {"left": 300.0, "top": 700.0, "width": 50.0, "height": 20.0}
        return seen.model_copy(
            update={
                "elements": tuple(
                    e.model_copy(update={"path": more[e.path], "box": e.box.model_copy(update=box)})
                    for e in seen.elements[::-1]
                )
            }
        )

    app = Bills(spoil=moved)
    assert play(app).outcome.claimed == "done" and app.commits == ["Save"]


# ---------------------------------------------------------------------------------------------- where it stops
def without(*names: str) -> Callable[[Screen], Screen]:
    return lambda seen: seen.model_copy(update={"elements": tuple(e for e in seen.elements if e.name not in names)})


def two(name: str) -> Callable[[Screen], Screen]:
    """Screens with a second element of this name right beside the first."""

    def doubled(seen: Screen) -> Screen:
        twins = [e.model_copy(update={"path": e.path + "[2]"}) for e in seen.elements if e.name == name]
        return seen.model_copy(update={"elements": (*seen.elements, *twins)})

    return doubled


def elsewhere(seen: Screen) -> Screen:
    return seen.model_copy(update={"url": (seen.url or "").replace("/bills/new", "/login")})


def asking(seen: Screen) -> Screen:
    return seen.model_copy(update={"dialog": "Leave this page?"}) if "/new" in (seen.url or "") else seen


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        (Bills(spoil=changed("Payer", value="Alice")), "step 4: false: combobox “Payer” holds “Carol”"),
        (Bills(enter=lambda text: text[:4]), "step 2: false: textbox “What?” holds “Museum” (it holds “Muse”)"),
        (Bills(enter=lambda text: text.replace("18", "180")), "holds “18” (it holds “180”)"),
        (Bills(spoil=without("How much?")), "spinbutton “How much?” is not on the screen"),
        (Bills(spoil=changed("How much?", name="Reference")), "spinbutton “How much?” is not on the screen"),
        (Bills(spoil=two("What?")), "fits more than one element"),
        (Bills(spoil=changed("Save", enabled=False)), "button “Save” can be used (disabled)"),
        (Bills(spoil=changed("Shared", checked=False)), "checkbox “Shared” is on (off)"),
        (Bills(spoil=elsewhere), "the address is like /bills/new (/login)"),
        (Bills(spoil=asking), "a dialog asks: “Leave this page?”"),
    ],
    ids=["choice lost", "text cut", "number altered", "field gone", "field renamed", "two fields", "disabled",
         "box off", "login", "dialog"],
)  # fmt: skip
def test_nothing_is_sent_when_the_screen_before_it_is_not_as_it_must_be(play: Player, app: Bills, reason: str) -> None:
    ended = play(app)
    assert (ended.outcome.claimed, app.commits, app.rows[1:]) == ("stopped", [], [])
    assert reason in ended.outcome.reason


@pytest.mark.parametrize("name", ["What?", "How much?", "Payer"])
def test_a_commit_needs_every_value_on_the_screen_at_that_moment(play: Player, name: str) -> None:
    app = Bills()
    seen = {"full": 0}

    def fading(screen: Screen) -> Screen:
        filled = [
            e for e in screen.elements if e.name in ("What?", "How much?", "Payer") and e.value in MUSEUM.values()
        ]
        seen["full"] += len(filled) == 3
        return changed(name, value="")(screen) if seen["full"] > 0 and app.form else screen

    app.spoil = fading
    ended = play(app)
    assert (ended.outcome.claimed, app.commits) == ("stopped", []) and f"“{name}”" in ended.outcome.reason


def test_a_slot_without_a_value_stops_before_anything_is_sent(play: Player) -> None:
    app = Bills()
    ended = play(app, {"what": "Museum", "payer": "Carol"})
    assert (ended.outcome.claimed, app.commits) == ("stopped", []) and "no value for how_much" in ended.outcome.reason


def test_a_choice_that_the_list_lacks_is_said_with_those_it_has(play: Player) -> None:
    app = Bills()
    ended = play(app, MUSEUM | {"payer": "Zoe"})
    assert play(Bills(), MUSEUM | {"payer": "carol"}).outcome.claimed == "done"
    assert "“Zoe” is not among the choices (Alice, Bob, Carol, דנה)" in ended.outcome.reason
    assert app.commits == [] and not any(isinstance(a, Select) for a in app.acts)


def test_of_two_choices_that_differ_in_case_the_one_as_written_is_taken(experience: Experience) -> None:
    app = Bills(spoil=changed("Payer", options=("BOB", "Bob", "bob")))
    app.form = {"What?": "x", "How much?": "1", "Payer": ""}
    for wanted in ("Bob", "bob", "BOB", "bOB"):
        chosen = Replayer(experience, MUSEUM | {"payer": wanted})._play(experience.nodes[3], app.observe())
        if wanted == "bOB":
            assert isinstance(chosen, Handover) and "not among the choices (BOB, Bob, bob)" in chosen.reason
        else:
            assert isinstance(chosen, Choice) and isinstance(chosen.action, Select) and chosen.action.option == wanted


def test_without_leave_nothing_is_sent(play: Player) -> None:
    app = Bills()
    ended = play(app, allowed=False)
    assert (ended.outcome.claimed, app.commits) == ("stopped", []) and "was not allowed" in ended.outcome.reason


@pytest.mark.parametrize(
    "app",
    [Bills(saves=False), Bills(spoil=changed("18", value="", name="81")), Bills(says=None)],
    ids=["dropped", "altered", "silent"],
)
def test_an_end_that_does_not_look_right_is_never_called_done(play: Player, app: Bills) -> None:
    ended = play(app)
    assert (ended.outcome.claimed, app.commits) == ("stopped", ["Save"])
    assert "step 5: false: " in ended.outcome.reason


def test_another_site_is_never_played_on(play: Player) -> None:
    app = Bills(spoil=lambda seen: seen.model_copy(update={"url": (seen.url or "").replace(HOST, "http://evil:1")})
                if "/new" in (seen.url or "") else seen)  # fmt: skip
    ended = play(app)
    assert ended.outcome.claimed == "stopped" and "the app was left for http://evil:1/bills/new" in ended.outcome.reason
    assert len(app.acts) == 1


def test_a_site_that_belongs_to_the_task_is_played_on(play: Player, experience: Experience) -> None:
    app = Bills(spoil=lambda seen: seen.model_copy(update={"url": (seen.url or "").replace(HOST, "http://pay:1")})
                if "/new" in (seen.url or "") else seen)  # fmt: skip
    ended = play(app, experience=experience.model_copy(update={"origins": ("http://pay:1",)}))
    assert ended.outcome.claimed == "done", ended.outcome.reason


# ---------------------------------------------------------------------------------------------- one decision
def test_an_optional_step_is_played_where_its_target_is_and_passed_over_where_it_is_not(
    play: Player, experience: Experience
) -> None:
    hint = experience.nodes[0].model_copy(
        update={
            "optional": True, "pre": (), "post": (), "primitive": "close the hint",
            "target": Locator(role="heading", name="New bill"),
        }
    )  # fmt: skip
    nodes = [experience.nodes[0], hint, *experience.nodes[1:]]
    renumbered = tuple(n.model_copy(update={"index": i}) for i, n in enumerate(nodes))
    wider = experience.model_copy(update={"nodes": renumbered})
    there, gone = Bills(), Bills(spoil=without("New bill"))
    assert play(there, experience=wider).outcome.claimed == "done" and len(there.acts) == 6
    bare = with_node(wider, 0, post=())
    assert play(gone, experience=bare).outcome.claimed == "done" and len(gone.acts) == 5
    assert [there.commits, gone.commits] == [["Save"], ["Save"]]


def test_the_place_is_told_by_the_history_alone(experience: Experience) -> None:
    app = Bills()
    steps: list[Step] = []
    ended = None
    while ended is None:
        fresh = Replayer(experience, MUSEUM)  # knows nothing of what was played before
        said = fresh.decide(app.observe(), "play", tuple(steps))
        assert isinstance(said, Choice), said
        ended = said.action if isinstance(said.action, Done) else None
        steps.append(
            Step(
                index=len(steps),
                before=app.observe(),
                decision=said.decision,
                action=said.action,
                risk="read",
                started=app.observe().taken,
                experience=said.experience,
            )
        )
        if ended is None:
            app.act(said.action)
    assert [s.experience.node for s in steps if s.experience] == [0, 1, 2, 3, 4, 5]
    assert app.rows[1] == (2, "Museum", "18", "Carol", True)


def test_after_many_steps_of_another_decider_the_whole_goal_is_handed_over(experience: Experience) -> None:
    app = Bills()
    other = Step(
        index=0, before=app.observe(), decision={"source": "human"}, action=Done(), risk="read",
        started=app.observe().taken,
    )  # fmt: skip
    gone = with_node(experience, 0, target=Locator(role="button", name="Gone"))
    said = Replayer(gone, MUSEUM).decide(app.observe(), "the goal", (other,) * 6)
    assert isinstance(said, Handover) and (said.level, said.goal) == ("plan", "the goal")


def test_a_handover_names_the_step_that_could_not_be_done(experience: Experience) -> None:
    app = Bills(spoil=without("Add a bill"))
    said = Replayer(experience, MUSEUM).decide(app.observe(), "the goal", ())
    assert isinstance(said, Handover) and (said.level, said.goal) == ("operation", "tap link “Add a bill”")
    assert [c.value for c in said.checked] == ["true", "false"] and said.reason.startswith("step 1: false: ")


def test_a_check_that_only_warns_does_not_stop_a_replay(play: Player, experience: Experience) -> None:
    warn = Exists(target=Locator(role="img", name="Logo"), severity="warn")
    nodes = tuple(n.model_copy(update={"pre": (*n.pre, warn), "post": (*n.post, warn)}) for n in experience.nodes)
    app = Bills()
    ended = play(app, experience=experience.model_copy(update={"nodes": nodes}))
    assert ended.outcome.claimed == "done"
    assert {c.value for s in ended.steps for c in s.checks if c.severity == "warn"} == {"false"}


def test_a_password_is_named_to_the_phone_and_not_written_down(experience: Experience) -> None:
    app = Bills()
    app.form = {"What?": "", "How much?": "", "Payer": ""}
    node = experience.nodes[1].model_copy(update={"secret": "pin"})
    said = Replayer(experience, MUSEUM)._play(node, app.observe())
    assert isinstance(said, Choice) and isinstance(said.action, Type)
    assert (said.action.secret, said.action.text) == ("pin", "")


def test_the_row_that_shows_the_value_is_the_one_touched(store: Store) -> None:
    def bills() -> Bills:
        return Bills(
            [(n, what, "3", "Bob", True) for n, what in enumerate(("Rent", "Tea", "Rice", "Tea cups"), start=1)]
        )

    recorder = Recorder()
    pair = [recorder(f"Delete {what}", [on("tap", "button", "Delete", row=what)], bills()) for what in ("Rent", "Rice")]
    made = learn(pair, recorder.data)
    app = bills()
    ended = Player(store, made)(app, {"item": "Tea cups"})
    assert [r[1] for r in app.rows] == ["Rent", "Tea", "Rice"] and len(app.commits) == 1
    for unclear in ("Tea", "Oats"):
        app = bills()
        ended = Player(store, made)(app, {"item": unclear})
        assert (ended.outcome.claimed, len(app.rows), app.commits) == ("stopped", 4, []), unclear


def test_an_end_is_checked_again_before_it_is_called_done(play: Player, experience: Experience) -> None:
    app = Bills()
    steps = tuple(step for step in play(app).steps if step.action.kind != "done")
    assert isinstance(Replayer(experience, MUSEUM).decide(app.observe(), "the goal", steps), Choice)
    app.rows.pop()
    said = Replayer(experience, MUSEUM).decide(app.observe(), "the goal", steps)
    assert isinstance(said, Handover) and (said.level, said.goal) == ("plan", "the goal")
    assert "the end does not look right: false: one row shows “Museum”" in said.reason


def test_what_is_touched_is_what_is_on_the_screen_now(play: Player) -> None:
    place = {"left": 300.0, "top": 700.0, "width": 50.0, "height": 20.0}
    app = Bills(spoil=changed("Save", box=element("x").box.model_copy(update=place)))
    play(app)
    touched = target_of(app.acts[-1])
    assert touched is not None and touched.box.center.x == 325


def test_before_the_first_step_a_page_has_time_to_show_what_it_has(store: Store, experience: Experience) -> None:
    looks = 0

    def late(seen: Screen) -> Screen:
        nonlocal looks
        looks += 1
        return seen if looks > 3 else seen.model_copy(update={"elements": ()})

    app = Bills(spoil=late)
    patient = Replayer(experience, MUSEUM, first_waits=(0.1, 0.1, 0.1))
    with store.begin(task="play", app="bills") as writer:
        limits = Limits(max_steps=12, max_seconds=20, step_timeout=0.02)
        ended = Loop(app, [patient], writer, lambda action, seen: True, limits).run("play")
    assert (ended.outcome.claimed, len(app.rows)) == ("done", 2), ended.outcome.reason
    assert [s.action.kind for s in ended.steps][:3].count("wait") >= 1
    gone = Replayer(experience, MUSEUM, first_waits=(0.1, 0.1))
    empty = Bills(spoil=lambda seen: seen.model_copy(update={"elements": ()}))
    with store.begin(task="play", app="bills") as writer:
        ended = Loop(empty, [gone], writer, lambda action, seen: True, limits).run("play")
    assert ended.outcome.claimed == "stopped" and [s.action.kind for s in ended.steps] == ["wait", "wait"]
