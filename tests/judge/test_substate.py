"""Files of rules: read and checked whole, written for people, the same again after both."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from ostinato.errors import FormatError
from ostinato.judge.change import Expectation
from ostinato.judge.check import AnyOf, DataChange, Exists, TextHas
from ostinato.judge.substate import (
    Rules,
    Substate,
    in_order,
    load_rules,
    read_yaml,
    rules_schema,
    write_rules,
    write_yaml,
)
from ostinato.trace.locator import Locator

RULES = """
task: "Add an expense: {what}"
app: ihatemoney
values: {what: Museum}
steps: 5
substates:
  - id: bills
    kind: page
    checks: [{kind: exists, target: {role: link, name: Add a new bill}}]
  - id: form
    kind: page
    parent: bills
    text: The form for a new bill is open
    checks: [{kind: exists, target: {role: dialog}}]
  - id: what
    parent: form
    checks: [{kind: value_equals, target: {role: textbox, name: "What?"}, value: "{what}"}]
  - id: stored
    kind: data
    weight: 3
    requires: [[what], [form]]
    checks: [{kind: rows, table: bill, cells: {what: "{what}"}, number: 1}]
  - id: no_error
    kind: absent
    checks: [{kind: exists, target: {role: alert}}]
success: [[stored]]
"""


def read(tmp_path: Path, text: str) -> Rules:
    file = tmp_path / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    return load_rules(file)


def test_each_kind_has_its_usual_time(tmp_path: Path) -> None:
    found = read(tmp_path, RULES)
    assert [s.when for s in found.substates] == ["ever", "ever", "ever", "final", "never"]
    assert [s.of_data for s in found.substates] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: form", "id: bills", r"substates\.1\.id: 'bills' is there twice"),
        ("parent: bills", "parent: home", r"substates\.1\.parent: there is no substate 'home'"),
        ("parent: form", "parent: stored", r"substates\.2\.parent: a unit cannot stand under a data"),
        ("requires: [[what], [form]]", "requires: [[what, who]]", r"substates\.3\.requires: there is no substate 'w"),
        ("requires: [[what], [form]]", "requires: [[]]", r"substates\.3\.requires: holds an empty list"),
        ("requires: [[what], [form]]", "requires: [[no_error]]", r"'no_error' must never be"),
        ("success: [[stored]]", "success: [[sotred]]", r"success\.0: there is no substate 'sotred'"),
        ("success: [[stored]]", "success: [[no_error]]", r"success\.0: 'no_error' must never be"),
        ("success: [[stored]]", "success: [[]]", r"success\.0: is empty"),
        ("kind: absent\n", "kind: absent\n    when: ever\n", r"substates\.4\.when: must be `never`"),
        ("    kind: data\n", "    kind: data\n    when: ever\n", r"substates\.3\.when: data are known at the end"),
        ("{kind: rows, table: bill, cells: {what: \"{what}\"}, number: 1}", "{kind: text_has, text: x}",
         r"substates\.3\.checks: a data substate asks the app's data only"),
        ("[{kind: exists, target: {role: dialog}}]", "[{kind: exists, target: {role: dialog}}, {kind: rows, table: a}]",
         r"substates\.1\.checks: asks screens and data at once"),
        ("    checks: [{kind: exists, target: {role: alert}}]\n", "", r"substates\.4\.checks: is empty"),
        ("weight: 3", "weight: -1", r"substates\.3\.weight: "),
        ("kind: page\n    parent: bills", "kind: page\n    parent: bills\n    requires: [[stored]]",
         r"substates: go in a circle: form → stored → what → form"),
        ("values: {what: Museum}\n", "", r"substates\.2: speaks of {what}"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_by_is_refused_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in RULES
    with pytest.raises(FormatError, match=said):
        read(tmp_path, RULES.replace(old, new, 1))


def test_rules_that_ask_nothing_are_refused(tmp_path: Path) -> None:
    optional = "substates: [{id: a, required: false, checks: [{kind: text_has, text: x}]}]"
    with pytest.raises(FormatError, match="none is required"):
        read(tmp_path, optional)
    assert read(tmp_path, optional + "\nsuccess: [[a]]").success == (("a",),)


def test_rules_are_written_short_and_read_back_the_same(tmp_path: Path) -> None:
    found = read(tmp_path, RULES)
    text = write_rules(found)
    assert read(tmp_path, text) == found
    assert "severity" not in text and "when" not in text and "source" not in text


_IDS = ("one", "two", "three")
_CHECKS = st.one_of(
    st.builds(TextHas, text=st.text(min_size=1, max_size=8).filter(lambda t: "{" not in t)),
    st.builds(Exists, target=st.builds(Locator, role=st.just("button"), name=st.text("aé “:#\n-1", max_size=5))),
    st.just(AnyOf(checks=(TextHas(text="a"), AnyOf(checks=(TextHas(text="b", severity="warn"),))))),
)  # fmt: skip


@st.composite
def _rules(draw: st.DrawFn) -> Rules:
    made = [Substate(id="page", kind="page", checks=(draw(_CHECKS),))]
    for number, name in enumerate(_IDS[: draw(st.integers(0, 3))]):
        made.append(
            Substate.model_validate({
                "id": name, "text": draw(st.text(max_size=9)), "weight": draw(st.sampled_from([0, 1, 2.5])),
                "parent": draw(st.sampled_from([None, "page"])), "checks": (draw(_CHECKS),),
                "when": draw(st.sampled_from(["ever", "final"])), "required": draw(st.booleans()),
                "requires": [[_IDS[number - 1]]] if number and draw(st.booleans()) else [],
            })
        )  # fmt: skip
    if draw(st.booleans()):
        change = DataChange(expected=(Expectation(table="t", operation="added", cells={"a": "b"}),))
        made.append(Substate.model_validate({"id": "data", "kind": "data", "checks": (change,)}))
    return Rules(substates=tuple(made), success=(("page",),))


@given(_rules())
def test_any_rules_survive_being_written_and_fit_the_schema(rules: Rules) -> None:
    plain = yaml.safe_load(write_rules(rules))
    assert Rules.model_validate(plain) == rules
    Draft202012Validator(rules_schema()).validate(plain)


@pytest.mark.parametrize("text", ["\x85", "a\x85b", "a\u2028b\u2029", "é\n寿\x85", " \t"])
def test_text_with_ends_of_lines_of_other_kinds_is_written_as_it_is(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(write_yaml({text: [text, {"a": text}]}), encoding="utf-8", newline="")
    assert read_yaml(file) == {text: [text, {"a": text}]}


def test_the_schema_refuses_what_is_misspelt() -> None:
    validator = Draft202012Validator(rules_schema())
    validator.validate(yaml.safe_load(RULES))
    for old, new in (
        ("kind: page", "kind: pgae"),
        ("checks: [{kind: exists", "checks: [{kind: exist"),
        ("weight", "wieght"),
    ):
        with pytest.raises(ValidationError):
            validator.validate(yaml.safe_load(RULES.replace(old, new, 1)))


def test_every_substate_comes_after_what_it_stands_on(tmp_path: Path) -> None:
    found = read(tmp_path, RULES)
    backwards = found.model_copy(update={"substates": found.substates[::-1]})
    names = [s.id for s in in_order(backwards)]
    assert names.index("bills") < names.index("form") < names.index("what") < names.index("stored")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("substates: [{id: a, checks: [], checks: []}]", r"line 1: 'checks' is there twice"),
        ("values: {a: 2026-13-45}", "file: is not YAML"),
        ("steps: " + "9" * 5000, "file: is not YAML"),
        ("[" * 5000, r"is nested more than 100 deep|is not YAML"),
        ("- " * 5000, "is nested more than 100 deep"),
        (
            "values: {}\nsubstates: [{id: a, when: final, checks: [{kind: text_has, text: x, severity: warn}]}]\n"
            "success: [[a]]",
            r"success\.0: 'a' only warns",
        ),
    ],
)
def test_files_that_would_lose_something_or_end_the_process_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=said):
        load_rules(tmp_path / "rules.yaml")
