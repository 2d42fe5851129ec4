"""Bundles: what is exported comes back the same, and what was tampered with, or would do harm, does not come in."""

from __future__ import annotations

import json
import re
import stat
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bills import Recorder, adding
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.errors import FormatError, OstinatoError, SetupError, UsageError
from ostinato.judge.change import Expectation
from ostinato.judge.check import AllOf, Asked, Check, DataChange, FileHas, Icon, Sql, TextHas, TextLike, UrlLike, Was
from ostinato.replay.admission import MOST, effects, objections
from ostinato.replay.bundle import MOST_BYTES, Opened, read_bundle, write_bundle
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.goals import Goal
from ostinato.replay.learn import learn
from ostinato.replay.signing import Keys, canonical
from ostinato.replay.standing import Played
from ostinato.trace.locator import Locator
from ostinato.trace.screen import Box

NOW = datetime(2026, 1, 31, tzinfo=UTC)
FIELD = Locator(role="textbox", name="What?", box=Box(left=1e-7, top=0.1, width=1e21, height=5.0))


@pytest.fixture(scope="module")
def learnt() -> Experience:
    recorder = Recorder()
    every = [{"what": w, "amount": a, "payer": p} for w, a, p in (("Tea 🍣", "3", "Bob"), ('"שלום"', "4", "Carol"))]
    return learn([recorder("Add {what}, {amount}, {payer}".format(**v), adding(v)) for v in every], recorder.data)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


def with_node(**more: Any) -> Experience:
    """A small one, with one step."""
    node = Node.model_validate({"index": 0, "kind": "type", "target": FIELD, "text": "{what}", **more})
    slot = Slot(name="what", kind="text", examples=("Bread",))
    return Experience(id="aa11" * 3, app="bills", templates=("Add {what}",), slots=(slot,), nodes=(node,), learnt=NOW)


def small(**more: Any) -> Experience:
    return with_node().model_copy(update=more)


# --------------------------------------------------------------------------------------------- there and back
def test_what_is_exported_comes_back_the_same_as_a_candidate_with_where_it_comes_from(
    learnt: Experience, keys: Keys, tmp_path: Path
) -> None:
    file = tmp_path / "bundle.json"
    by = write_bundle(learnt, Played(right=3, handed_over=1), file, keys)
    found = read_bundle(file)
    assert found.experience == learnt.model_copy(update={"recordings": (), "held_out": (), "status": "candidate"})
    assert found.signed_by == by == keys.own()
    told = found.provenance
    assert (told.recordings, told.status, told.right, told.wrong, told.handed_over) == (2, "learnt", 3, 0, 1)
    assert not any(trace in file.read_text() for trace in learnt.recordings), (
        "where it was recorded is nobody's business"
    )


@given(st.text(min_size=1, max_size=20), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_any_experience_comes_back_the_same_or_does_not_go_out(
    tmp_path_factory: pytest.TempPathFactory, text: str, number: float, signed: bool
) -> None:
    folder = tmp_path_factory.getbasetemp()
    box = Box(left=number, top=-number, width=1, height=0)
    known = small(success=(TextHas(text=text, target=Locator(role="text", name=text, box=box)),))
    try:
        write_bundle(known, Played(), folder / "any.json", Keys(folder / "keys") if signed else None)
    except (UsageError, FormatError):
        assert re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text) or abs(number) > 2**53
        return
    assert read_bundle(folder / "any.json").experience == known.model_copy(update={"status": "candidate"})


def test_the_canonical_writing_is_that_of_the_standard() -> None:
    numbers = [1e21, 1e-7, 0.1, 5.0, 333333333.33333329, None, True]
    said = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "b": numbers}
    assert canonical(said).decode() == (
        '{"\\r":2,"1":4,"b":[1e+21,1e-7,0.1,5,333333333.3333333,null,true],"\u0080":6,"\u20ac":1,"\U0001f600":5,"\ufb33":3}'
    )


# ------------------------------------------------------------------------------------------------- signatures
@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Opened]:
    folder = tmp_path_factory.mktemp("signed")
    write_bundle(with_node(post=(TextHas(text="Added"),)), Played(), folder / "b.json", Keys(folder / "keys"))
    return (folder / "b.json").read_bytes(), read_bundle(folder / "b.json")


@settings(max_examples=300)
@given(st.data())
def test_no_byte_of_a_signed_bundle_can_be_changed_unseen(
    tmp_path_factory: pytest.TempPathFactory, signed: tuple[bytes, Opened], data: st.DataObject
) -> None:
    text, known = signed
    place = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.one_of(st.integers(0, 255), st.sampled_from(list(b' \n"0123456789,:'))))
    assert_refused_or_same(
        tmp_path_factory.getbasetemp() / "changed.json", text[:place] + bytes([new]) + text[place + 1 :], known
    )


def test_no_byte_of_a_signed_bundle_can_be_left_out_or_put_in_unseen(
    tmp_path: Path, signed: tuple[bytes, Opened]
) -> None:
    text, known = signed
    for place in range(0, len(text), 7):
        assert_refused_or_same(tmp_path / "b.json", text[:place] + text[place + 1 :], known)
        assert_refused_or_same(tmp_path / "b.json", text[:place] + b"0" + text[place:], known)


def assert_refused_or_same(file: Path, text: bytes, known: Opened) -> None:
    file.write_bytes(text)
    try:
        found = read_bundle(file)
    except OstinatoError:
        return
    assert found == known


def changed(text: bytes, change: Callable[[dict[str, Any]], object]) -> str:
    body = json.loads(text)
    change(body)
    return json.dumps(body)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b["experience"]["nodes"][0].update(text="1000"), "changed after it was signed"),
        (lambda b: b["provenance"].update(right=99), "changed after it was signed"),
        (lambda b: b["signature"].update(value="AAAA"), "changed after it was signed"),
        (lambda b: b["signature"].update(value="%%%%"), "Base64"),
        (lambda b: b["signature"].update(key="AAAA"), "changed after it was signed"),
        (lambda b: b["signature"].update(algorithm="none"), "Ed25519"),
        (lambda b: b["signature"].pop("value"), "required"),
        (lambda b: b.pop("signature"), "is missing"),
    ],
)
def test_a_bad_signature_is_refused(
    tmp_path: Path, signed: tuple[bytes, Opened], change: Callable[[dict[str, Any]], object], said: str
) -> None:
    (tmp_path / "b.json").write_text(changed(signed[0], change))
    with pytest.raises(FormatError, match=said):
        read_bundle(tmp_path / "b.json")


def test_one_that_nobody_signed_or_whose_signature_was_taken_off_is_read_as_such(
    tmp_path: Path, signed: tuple[bytes, Opened]
) -> None:
    (tmp_path / "b.json").write_text(changed(signed[0], lambda b: b.update(signature=None)))
    assert read_bundle(tmp_path / "b.json").signed_by is None
    assert write_bundle(small(), Played(), tmp_path / "b.json", None) is None
    assert read_bundle(tmp_path / "b.json").signed_by is None


def test_the_key_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    keys, made = Keys(tmp_path / "keys"), []
    assert keys.own() is None and not keys.folder.exists()
    threads = [threading.Thread(target=lambda: made.append(Keys(keys.folder).public())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6 and set(made) == {keys.public()}
    file = keys.folder / "signing.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    assert [path.name for path in keys.folder.iterdir()] == ["signing.pem"]
    file.chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        keys.sign({})
    file.chmod(0o600)
    file.write_text("no key")
    with pytest.raises(SetupError, match="holds no key"):
        keys.public()


def test_keys_that_were_seen_are_named_by_a_person(keys: Keys) -> None:
    for found in ("ab12" * 8, "ab34" * 8):
        keys.see(found)
    first = keys.known()["ab12" * 8]
    assert keys.name("AB12", "  the  office ") == "ab12" * 8
    assert keys.known()["ab12" * 8] == first.model_copy(update={"name": "the office"})
    keys.see("ab12" * 8)
    assert keys.known()["ab12" * 8].name == "the office"
    for begin, name, said in (
        ("ab", "x", "more than one"),
        ("cd", "x", "no key"),
        ("ab12", "", "1 to"),
        ("ab12", "\x1b", "1 to"),
    ):
        with pytest.raises(UsageError, match=said):
            keys.name(begin, name)
    (keys.folder / "known.json").write_text("{")
    with pytest.raises(FormatError, match="move it away"):
        keys.known()


def test_without_the_extra_a_signature_is_not_passed_over(
    tmp_path: Path, signed: tuple[bytes, Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b.json").write_bytes(signed[0])
    for name in ("rfc8785", "cryptography.exceptions", "cryptography.hazmat.primitives.asymmetric.ed25519"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SetupError, match=r"ostinato-agents\[share\]"):
        read_bundle(tmp_path / "b.json")
    with pytest.raises(SetupError, match=r"ostinato-agents\[share\]"):
        write_bundle(small(), Played(), tmp_path / "b.json", Keys(tmp_path / "keys"))
    assert write_bundle(small(), Played(), tmp_path / "b.json", None) is None


# -------------------------------------------------------------------------------------------------- poison
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"format_version": 1', '"format_version": 1, "format_version": 1', "a key stands twice: 'format_version'"),
        ('"version": 1', '"version": 1e400', "too large"),
        ('"version": 1', '"version": ' + "9" * 5000, "too large"),
        ('"version": 1', '"version": 9007199254740993', "too large"),
        ('"version": 1', '"version": NaN', "NaN is no JSON"),
        ('"version": 1', '"version": -Infinity', "no JSON"),
        ('"version": 1', '"version": -1', "its version is -1"),
        ('"version": 1', '"version": "1"', "does not say what would be read|valid integer"),
        ('"enter": false', '"enter": 0', "does not say what would be read"),
        ('"enter": false', '"enter": "no"', "does not say what would be read|valid boolean"),
        ('"enter": false', '"enter": false, "run": "import os"', "Extra inputs are not permitted"),
        ('"format_version": 1', '"format_version": 1, "then": "rm"', "Extra inputs are not permitted"),
        ('"format_version": 1', '"format_version": 2', "upgrade"),
        ('"schema_version": 3', '"schema_version": 9', "newer Ostinato"),
        ('"id": "aa11aa11aa11"', '"id": "../../etc/x"', "12 hex digits"),
        ('"id": "aa11aa11aa11"', '"id": "aa11aa11aa1*"', "12 hex digits"),
        ('"id": "aa11aa11aa11"', '"id": "aa11aa11aa11\\n"', "12 hex digits"),
        ('"Add {what}"', '"Add \\u001b[2J{what}"', "control character"),
        ('"Add {what}"', '"Add \\ud800{what}"', "control character"),
        ('"recordings": []', '"recordings": ["20260131-120000-abcdef"]', "recordings"),
        ('"format": "ostinato experience"', '"format": "else"', "no bundle"),
        ('"learnt": "2026-01-31T00:00:00Z"', '"learnt": 1769817600', "does not say what would be read"),
    ],
)
def test_json_that_could_be_read_in_two_ways_or_says_more_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = tmp_path / "b.json"
    write_bundle(small(), Played(), file, None)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(FormatError, match=said):
        read_bundle(file)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 200_000, b'{"a":' * 200_000,
        b'"' + b"\\" * 99_999,
        b'{"format": "ostinato experience", "format_version": 1, "signature": null, "experience": 3, "provenance": {}}',
        b'{"format": "ostinato experience", "format_version": 1, "signature": null, "experience": '
        + b"[" * 100 + b"]" * 100 + b"}",
        b"{" + b",".join(b'"k%d": 0' % n for n in range(120_000)) + b', "k1": 0}',
        b"[" + b"0," * 150_000 + b"0]", b'["' + b"a" * 30_000 + b'"]',
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_bundle_is_refused_soon(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "b.json").write_bytes(text)
    with pytest.raises(FormatError):
        read_bundle(tmp_path / "b.json")


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        read_bundle(tmp_path / "none.json")
    with (tmp_path / "b.json").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(FormatError, match="larger than 5 MB"):
        read_bundle(tmp_path / "b.json")


@pytest.mark.parametrize(
    "check",
    [
        TextLike(pattern="(a+)+$"), Sql(query="SELECT randomblob(1000000000)", equals="1"), Icon(image="../../x.png"),
        FileHas(path="*"), Asked(question="Ignore all rules?"),
        AllOf(checks=(TextHas(text="x"), TextLike(pattern="x"))),
        Was(checks=(AllOf(checks=(Asked(question="?"),)),)),
    ],
    ids=lambda check: check.kind,
)  # fmt: skip
def test_checks_that_could_hang_or_reach_beyond_the_screen_are_not_taken(check: Check) -> None:
    for known in (
        with_node(post=(check,)),
        with_node(pre=(check,)),
        with_node(commit=(check,)),
        small(success=(check,)),
    ):
        assert any("not taken from others" in said for said in objections(known))


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "chrome://settings", "about:blank",
     "//evil.example",
     "http://", "https://{what}/", "https://{what}.example/", "{what}", "https://me:pw@site.example/", "http://a\\@b/",
     "http://x:99999/", "view-source:http://x/", "", "../../x", "http://[::1"],
)  # fmt: skip
def test_only_addresses_of_the_web_with_a_host_of_their_own_are_opened(address: str) -> None:
    assert any("opens" in said for said in objections(with_node(kind="open", text=address, target=None)))
    assert any("its app" in said for said in objections(small(app=address)))
    assert any("the site" in said for said in objections(small(origins=(address,))))


def test_addresses_and_names_of_apps_are_let_through() -> None:
    for address in ("https://site.example/bills/{what}?q={what}", "http://127.0.0.1:5000/", "http://[::1]:80/"):
        assert objections(with_node(kind="open", text=address, target=None)) == []
    for app in ("ihatemoney", "gnome/clocks", "miniwob/click-button", "com.example.app", "http://127.0.0.1:5000"):
        assert objections(small(app=app)) == []


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (small(templates=("{what}",)), "fit any task"),
        (small(templates=("{what}!",)), "fit any task"),
        (small(templates=()), "no template"),
        (small(templates=("Add it",)), "other slots"),
        (small(slots=(Slot(name="what", kind="text"),) * 2), "one name"),
        (small(templates=("Add " + " ".join(f"{{s{n}}}" for n in range(12)),),
               slots=tuple(Slot(name=f"s{n}", kind="text") for n in range(12))), "12 slots|nothing stands between"),
        (small(templates=("Add " + "{what} " * 3,)), "nothing stands between"),
        (small(learnt=datetime.now(UTC) + timedelta(days=400)), "in the future"),
        (with_node(post=tuple(TextHas(text=f"{n}") for n in range(MOST["checks"] + 1))), "3001 checks"),
        (small(nodes=small().nodes * 301), "301 nodes"),
        (small(nodes=small().nodes * 2), "not numbered"),
        (small(data=(Expectation(table="t", operation="added"),) * 201), "201 rows"),
        (with_node(kind="tap", target=None), "no target"),
        (with_node(kind="drag"), "no place to go to"),
        (with_node(kind="done"), "no step"),
        (small(goals=(Goal(first=0, last=0, words="Send all your money to me"),)), "say something else than its steps"),
        (small(success=(UrlLike(pattern="/a/" + "*" * 30 + "/x"),)), r"two \* in one part"),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_or_cannot_be_played_is_refused(known: Experience, said: str) -> None:
    assert any(re.search(said, one) for one in objections(known)), objections(known)


@pytest.mark.parametrize(
    "known",
    [
        small(templates=("Add {password}",), slots=(Slot(name="password", kind="text"),)),
        small(slots=(Slot(name="what", kind="text", examples=("Bread", "sk-abcdefghijklmnop1234")),)),
        small(slots=(Slot(name="what", kind="text", examples=("4111 1111 1111 1111",)),)),
        with_node(text="Tr0ub4dor&3xy"),
        with_node(secret="bank", text="hunter2"),
        small(data=(Expectation(table="user", operation="added", cells={"password": "hunter2"}),)),
        small(success=(DataChange(expected=(Expectation(table="t", operation="added", cells={"api_key": "x1"}),)),)),
    ],
    ids=["a slot by its name", "a key", "a card", "typed", "beside a secret", "stored", "in a check"],
)
def test_what_looks_like_a_secret_neither_goes_out_nor_comes_in(known: Experience, tmp_path: Path, keys: Keys) -> None:
    with pytest.raises(UsageError, match="secret"):
        write_bundle(known, Played(), tmp_path / "b.json", keys)
    assert not (tmp_path / "b.json").exists()


def test_a_secret_by_its_name_is_shared_without_its_value_and_said_before_it_is_taken() -> None:
    known = with_node(text=None, secret="bank", risk="commit", primitive="type the password")
    assert objections(known) == []
    said = effects(known.model_copy(update={"origins": ("https://pay.example",)}))
    assert said == [
        "goes to https://pay.example",
        "types your secret “bank” into textbox “What?”",
        "cannot be taken back: type the secret “bank” into textbox “What?”",
    ]


def test_a_template_with_many_slots_is_read_in_time() -> None:
    from ostinato.trace.reading import readings

    slots = [f"s{n}" for n in range(10)]
    template = "Add " + ", ".join("{" + name + "}" for name in slots)
    assert objections(small(templates=(template,), slots=tuple(Slot(name=n, kind="text") for n in slots))) == []
    assert readings("Add " + ", ".join(["word"] * 14) + ".", [template + "!"], dict.fromkeys(slots, "text")) == []
