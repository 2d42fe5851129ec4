"""A screen in BrowserGym's forms: whole trees, every element with its bid, and no password."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from screens import element, screen

from ostinato.envs.bids import Bids
from ostinato.envs.browsergym_observation import axtree, dom, observation, properties
from ostinato.trace.screen import Screen

PICTURE = np.zeros((844, 390, 3), np.uint8)
FORM = screen(
    element("form", "", "main/form"),
    element("text", "Your name", "main/form/text"),
    element(
        "textbox", "", "main/form/textbox", editable=True, value="Ann", placeholder="Name", id="name", focused=True
    ),
    element("textbox", "Code", "main/form/textbox[2]", editable=True, value="s3cret", password=True),
    element("combobox", "Size", "main/form/combobox", options=("S", "M"), value="M"),
    element("checkbox", "News", "main/form/checkbox", checked=True),
    element("button", "Send", "main/form/button", enabled=False, reachable=False),
    title="Order",
    dialog="Sure?",
)


def seen(shown: Screen) -> tuple[Bids, dict[str, Any]]:
    bids = Bids()
    made = observation(shown, PICTURE, bids, goal="Go", messages=[], last_action="", last_action_error="", elapsed=1.5)
    return bids, made


def test_every_key_is_there_and_what_is_typed_into_a_password_is_not() -> None:
    bids, made = seen(FORM)
    assert list(made) == [
        "chat_messages", "goal", "goal_object", "open_pages_urls", "open_pages_titles", "active_page_index", "url",
        "screenshot", "dom_object", "axtree_object", "extra_element_properties", "focused_element_bid", "last_action",
        "last_action_error", "elapsed_time",
    ]  # fmt: skip
    assert made["focused_element_bid"] == bids.of(FORM.elements[2]) == "3"
    assert made["open_pages_titles"] == ("Order",) and made["elapsed_time"].tolist() == [1.5]
    plain = json.dumps({k: v for k, v in made.items() if isinstance(v, dict)})
    assert "s3cret" not in plain and "Ann" in plain


def test_the_accessibility_tree_says_what_can_be_done_with_each() -> None:
    nodes = {node.get("browsergym_id"): node for node in seen(FORM)[1]["axtree_object"]["nodes"]}

    def of(bid: str) -> dict[str, Any]:
        return {p["name"]: p["value"]["value"] for p in nodes[bid]["properties"]}

    assert nodes["2"]["role"]["value"] == "StaticText" and nodes["3"]["name"]["value"] == "Name"
    assert nodes["3"]["value"]["value"] == "Ann" and of("3") == {"editable": "plaintext", "focused": True}
    assert of("6") == {"checked": "true"} and of("7") == {"disabled": True}
    tree = axtree(FORM, seen(FORM)[0])["nodes"]
    options = [node["name"]["value"] for node in tree if node["role"]["value"] == "option"]
    assert options == ["S", "M"] and tree[-1]["name"]["value"] == "Sure?"


def test_the_snapshot_has_tags_with_bids_and_the_texts_of_the_page() -> None:
    bids = seen(FORM)[0]
    made = dom(FORM, bids)
    strings, nodes = made["strings"], made["documents"][0]["nodes"]
    tags = [strings[name] for name in nodes["nodeName"]]
    assert tags[:6] == ["#document", "HTML", "HEAD", "TITLE", "#text", "BODY"]
    inputs = [n for n, tag in enumerate(tags) if tag == "INPUT"]
    told = [dict(zip(*[iter(strings[i] for i in nodes["attributes"][n])] * 2, strict=True)) for n in inputs]
    assert told[0] == {"bid": "3", "id": "name", "type": "text", "value": "Ann", "placeholder": "Name"}
    assert told[1] == {"bid": "4", "type": "password", "aria-label": "Code"} and told[2]["type"] == "checkbox"


def test_what_is_out_of_reach_is_not_visible() -> None:
    found = properties(FORM, seen(FORM)[0])
    assert found["7"] == {
        "visibility": 0.0,
        "bbox": [10.0, 240.0, 200.0, 30.0],
        "clickable": True,
        "set_of_marks": False,
    }
    assert found["6"]["set_of_marks"] and not found["2"]["clickable"]


paths = st.lists(st.sampled_from(["main", "list", "row", "row[2]", "cell", "button"]), min_size=1, max_size=5)


@given(
    st.lists(st.tuples(paths, st.sampled_from(["row", "text", "button", "textbox"]), st.text(max_size=5)), max_size=12)
)
def test_any_screen_is_a_tree_with_one_root_and_one_bid_for_each(drawn: list[tuple[list[str], str, str]]) -> None:
    known = {"/".join(path): (role, name) for path, role, name in drawn}
    shown = screen(*(element(role, name, path) for path, (role, name) in sorted(known.items())))
    bids, made = seen(shown)
    nodes = {node["nodeId"]: node for node in made["axtree_object"]["nodes"]}
    assert len(nodes) == len(made["axtree_object"]["nodes"]) == len(known) + 1
    children = [child for node in nodes.values() for child in node["childIds"]]
    assert sorted(children) == sorted(key for key in nodes if key != "1")
    assert all(key in nodes[node["parentId"]]["childIds"] for key, node in nodes.items() if key != "1")
    given_bids = [node["browsergym_id"] for node in nodes.values() if "browsergym_id" in node]
    assert len(set(given_bids)) == len(known) and set(made["extra_element_properties"]) == set(given_bids)
    assert [bids.find(bids.of(e), shown) for e in shown.elements] == list(shown.elements)
    flat = made["dom_object"]["documents"][0]["nodes"]
    assert all(parent < place for place, parent in enumerate(flat["parentIndex"]))
    assert len({len(flat[key]) for key in ("parentIndex", "nodeType", "nodeName", "nodeValue", "attributes")}) == 1
