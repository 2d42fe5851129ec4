"""The page of an experience: everything is on it, nothing overlaps, and words of others stay words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bills import Recorder, adding
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import StoreError
from ostinato.judge.check import words
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.replay.page import WIDTH, picture, write_page
from ostinato.replay.standing import Change, Played

NOW = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def known() -> Experience:
    recorder = Recorder()
    every = [{"what": w, "amount": a, "payer": p} for w, a, p in (("Tea", "3", "Bob"), ("Jam", "4", "Alice"))]
    traces = [recorder("Add a bill: {what}, {amount}, paid by {payer}".format(**v), adding(v)) for v in every]
    return learn(traces, recorder.data)


def written(known: Experience, folder: Path, *more: Experience) -> str:
    changes = [Change(1, "quarantined", "wrong <b>twice</b>", NOW), Change(1, None, "was fine", NOW)]
    played = {(known.id, known.version): Played(right=12, wrong=3, handed_over=4, last=NOW)}
    return write_page(known, [known, *more], played, changes, folder / "new" / "page.html").read_text()


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", page.replace("</td>", " ")).replace("&#34;", '"').split())


def test_steps_checks_slots_versions_and_record_are_on_it(known: Experience, tmp_path: Path) -> None:
    second = known.model_copy(update={"version": 2, "status": "candidate"})
    said = text_of(written(known, tmp_path, second))
    for node in known.nodes:
        assert node.primitive in said
        for check in (*node.pre, *node.commit, *node.post, *known.success):
            assert words(check) in said
    for slot in known.slots:
        assert "{" + slot.name + "}" in said and all(value in said for value in slot.examples)
    assert known.data is not None and known.data[0].words() in said
    assert "12 right" in said and "3 wrong" in said and "v2 candidate not played yet" in said
    assert "quarantined, wrong &lt;b&gt;twice&lt;/b&gt;" in said and "as before, was fine" in said


def test_words_of_others_are_shown_and_never_run(known: Experience, tmp_path: Path) -> None:
    bad = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    nodes = tuple(node.model_copy(update={"primitive": bad}) for node in known.nodes)
    page = written(known.model_copy(update={"templates": (bad,), "nodes": nodes, "app": bad}), tmp_path)
    assert "<script" not in page and "<img" not in page and "onerror=alert" in page
    assert "default-src 'none'" in page, "nothing is fetched"
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)


@given(st.lists(st.tuples(st.text(max_size=300), st.booleans()), max_size=12))
def test_no_box_of_the_picture_overlaps_another_or_leaves_it(known: Experience, steps: list[tuple[str, bool]]) -> None:
    nodes = tuple(
        known.nodes[0].model_copy(update={"index": n, "primitive": said, "optional": may})
        for n, (said, may) in enumerate(steps)
    )
    drawn = picture(known.model_copy(update={"nodes": nodes}))
    assert len(drawn.boxes) == len(steps) + 2 and len(drawn.past) == sum(may for _, may in steps)
    for above, below in zip(drawn.boxes, drawn.boxes[1:], strict=False):
        assert above.top + above.height < below.top
    assert drawn.boxes[-1].top + drawn.boxes[-1].height <= drawn.height
    for box in drawn.boxes:
        assert len(box.lines) <= 4
    numbers = [float(n) for path, _ in drawn.past for n in re.findall(r"[\d.]+", path)]
    assert all(0 <= n <= max(WIDTH, drawn.height) for n in numbers)


def test_the_picture_is_well_formed(known: Experience, tmp_path: Path) -> None:
    nodes = [node.model_copy(update={"optional": node.index == 2}) for node in known.nodes]
    page = written(known.model_copy(update={"nodes": tuple(nodes)}), tmp_path)
    [svg] = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    found = ElementTree.fromstring(svg)
    assert len(found.findall("a")) == len(known.nodes) + 2
    assert len([path for path in found.findall("path") if "past" in path.get("class", "")]) == 1
    commit = [a for a in found.findall("a/g") if "commit" in a.get("class", "")]
    assert len(commit) == 1, "what cannot be taken back is marked"


def test_a_page_that_cannot_be_written_is_said(known: Experience, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("")
    with pytest.raises(StoreError, match="name another file"):
        written(known, tmp_path)
