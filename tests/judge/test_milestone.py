"""Where substates were reached in a run: in their order, on any screen that allows it."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ostinato.judge.check import TextHas
from ostinato.judge.milestone import follow
from ostinato.judge.substate import Rules, Substate
from ostinato.trace.record import Truth

SEEN = (TextHas(text="x"),)


def substate(name: str, **more: object) -> Substate:
    return Substate.model_validate({"id": name, "checks": SEEN, **more})


def truths(pattern: str) -> list[Truth]:
    """`x` holds, `?` is unknown, anything else does not hold."""
    return ["true" if c == "x" else "unknown" if c == "?" else "false" for c in pattern]


def values(rules: Rules, **seen: str) -> dict[str, str]:
    return {name: r.value for name, r in follow(rules, {k: truths(v) for k, v in seen.items()}).items()}


def test_a_parent_that_is_seen_again_later_takes_nothing_away() -> None:
    rules = Rules(substates=(substate("home"), substate("cart", requires=[["home"]])))
    assert values(rules, home="xx-x", cart="-x--") == {"home": "yes", "cart": "yes"}
    found = follow(rules, {"home": truths("xx-x"), "cart": truths("-x-x")})
    assert (found["home"].sure, found["cart"].sure) == ((0, 1, 3), (1, 3))


def test_what_comes_before_what_it_requires_does_not_count() -> None:
    rules = Rules(substates=(substate("pay", requires=[["cart"]]), substate("cart")))
    assert values(rules, pay="x---", cart="--x-") == {"pay": "no", "cart": "yes"}
    assert values(rules, pay="x--x", cart="--x-")["pay"] == "yes"


def test_one_of_several_ways_is_enough_and_all_of_one_way_are_needed() -> None:
    ways = substate("end", requires=[["a", "b"], ["c"]])
    rules = Rules(substates=(substate("a"), substate("b"), substate("c"), ways))
    assert values(rules, a="x---", b="-x--", c="----", end="--x-")["end"] == "yes"
    assert values(rules, a="x---", b="----", c="----", end="--x-")["end"] == "no"
    assert values(rules, a="----", b="----", c="x---", end="--x-")["end"] == "yes"


def test_what_must_be_later_is_not_on_the_screen_of_what_comes_before() -> None:
    later = Rules(substates=(substate("menu"), substate("call", requires=[["menu"]], later=True)))
    assert values(later, menu="-x--", call="-x--")["call"] == "no"
    assert values(later, menu="-xx-", call="-xx-")["call"] == "yes"
    assert values(later, menu="-?--", call="-xx-")["call"] == "uncertain"
    nothing = Rules(substates=(substate("menu"), substate("then", requires=[["menu"]], later=True, checks=())))
    assert values(nothing, menu="---x", then="xxxx")["then"] == "yes"


def test_a_unit_stands_on_its_page_and_a_page_comes_after_its_parent() -> None:
    unit = Rules(substates=(substate("form", kind="page"), substate("name", parent="form")))
    assert values(unit, form="-x--", name="x-x-")["name"] == "no"
    assert values(unit, form="-xx-", name="x-x-")["name"] == "yes"
    page = Rules(substates=(substate("list", kind="page"), substate("form", kind="page", parent="list")))
    assert values(page, list="x---", form="--x-")["form"] == "yes"
    assert values(page, list="--x-", form="x---")["form"] == "no"


def test_a_join_without_a_check_is_reached_when_all_before_it_are() -> None:
    join = Substate(id="both", requires=(("a", "b"),))
    rules = Rules(substates=(substate("a"), substate("b"), join, substate("end", requires=[["both"]])))
    assert values(rules, a="x---", b="--x-", both="xxxx", end="---x") == dict.fromkeys(("a", "b", "both", "end"), "yes")
    assert values(rules, a="x---", b="----", both="xxxx", end="---x")["end"] == "no"


def test_an_unknown_makes_uncertain_what_hangs_on_it_and_nothing_else() -> None:
    rules = Rules(substates=(substate("a"), substate("b", requires=[["a"]]), substate("c")))
    assert values(rules, a="?---", b="-x--", c="x---") == {"a": "uncertain", "b": "uncertain", "c": "yes"}
    assert values(rules, a="--?-", b="-x--", c="x---")["b"] == "no"
    assert values(rules, a="?x--", b="-x--", c="x---")["b"] == "yes"


@st.composite
def _problems(draw: st.DrawFn) -> tuple[Rules, dict[str, list[Truth]]]:
    """Up to four substates that require each other, on up to four screens, with up to six unknown answers."""
    names = ["a", "b", "c", "d"][: draw(st.integers(1, 4))]
    screens = draw(st.integers(1, 4))
    made = []
    seen: dict[str, list[Truth]] = {}
    left = 6
    for number, name in enumerate(names):
        before = st.lists(st.sampled_from(names[:number]), min_size=1, max_size=2) if number else st.nothing()
        made.append(substate(name, requires=draw(st.lists(before, max_size=2 if number else 0))))
        seen[name] = []
        for _ in range(screens):
            answers: list[Truth] = ["true", "false", "unknown"]
            seen[name].append(draw(st.sampled_from(answers if left else answers[:2])))
            left -= seen[name][-1] == "unknown"
    return Rules(substates=tuple(draw(st.permutations(made)))), seen


def _some_order(rules: Rules, seen: dict[str, list[Truth]], goal: str) -> bool:
    """Whether screens can be given to `goal` and to all on one way to it, none before what it requires."""
    known = {s.id: s for s in rules.substates}

    def at(name: str, screen: int) -> bool:
        if seen[name][screen] != "true":
            return False
        ways = known[name].requires
        return not ways or any(all(any(at(n, t) for t in range(screen + 1)) for n in way) for way in ways)

    return any(at(goal, t) for t in range(len(seen[goal])))


@given(_problems())
def test_an_answer_is_certain_when_it_is_the_same_whatever_the_unknown_are(
    problem: tuple[Rules, dict[str, list[Truth]]],
) -> None:
    rules, seen = problem
    unknown = [(n, t) for n, truth in seen.items() for t, value in enumerate(truth) if value == "unknown"]
    ends: dict[str, set[bool]] = {name: set() for name in seen}
    choices: list[Truth] = ["true", "false"]
    for chosen in product(choices, repeat=len(unknown)):
        world = {name: list(truth) for name, truth in seen.items()}
        for (name, screen), value in zip(unknown, chosen, strict=True):
            world[name][screen] = value
        for name in seen:
            ends[name].add(_some_order(rules, world, name))
    for name, reached in follow(rules, seen).items():
        assert (reached.value == "no") == (ends[name] == {False})
        assert reached.value != "yes" or ends[name] == {True}
