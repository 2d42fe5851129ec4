from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bills import Recorder, adding
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.judge.check import TextHas
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.learn import learn
from ostinato.replay.repository import Repository, read

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def known(key: str = "aa11", template: str = "Add {what}", app: str | None = "bills") -> Experience:
    slot = Slot(name="what", kind="text", examples=("Bread",))
    return Experience(id=key, app=app, templates=(template,), slots=(slot,), nodes=(), learnt=NOW)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "experiences")


def test_what_was_learnt_is_read_as_it_was_saved(repository: Repository) -> None:
    recorder = Recorder()
    every = [{"what": w, "amount": a, "payer": p} for w, a, p in (("Tea 🍣", "3", "Bob"), ('"שלום"', "4", "Carol"))]
    made = learn([recorder("Add {what}, {amount}, {payer}".format(**v), adding(v)) for v in every], recorder.data)
    saved = repository.save(made)
    assert saved == made == repository.get(made.id) == read(next(repository.folder.iterdir()))


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["tap", "type", "done"]))
def test_any_experience_survives_the_disk(
    tmp_path_factory: pytest.TempPathFactory, template: str, text: str, kind: str
) -> None:
    folder = Repository(tmp_path_factory.mktemp("kept"))
    node = Node.model_validate({"index": 0, "kind": kind, "text": text, "post": (TextHas(text=text),)})
    saved = folder.save(known(template=template).model_copy(update={"nodes": (node,)}))
    assert folder.newest() == [saved]


# ---------------------------------------------------------------------------------------------- versions
def test_what_is_deleted_goes_with_all_its_versions_and_nothing_else(repository: Repository) -> None:
    repository.save(known())
    changed = repository.save(known().model_copy(update={"success": (TextHas(text="Added"),)}))
    other = repository.save(known("aa22"))
    assert repository.version("aa11", 1) == known() and repository.version("aa11", 3) is None
    assert repository.delete(changed) == 2
    assert repository.all_versions() == [other]


def test_another_content_is_the_next_version_and_the_newest_is_used(repository: Repository) -> None:
    first = repository.save(known())
    changed = repository.save(known().model_copy(update={"success": (TextHas(text="Added"),)}))
    assert (first.version, changed.version) == (1, 2)
    assert repository.newest() == [changed] == [repository.get("aa11")]
    assert [e.version for e in repository.all_versions()] == [1, 2]


def test_the_same_content_learnt_again_is_no_new_version(repository: Repository) -> None:
    first = repository.save(known())
    later = {"learnt": datetime(2027, 1, 1, tzinfo=UTC), "recordings": ("x",), "status": "verified"}
    assert repository.save(known().model_copy(update=later)) == first
    assert len(list(repository.folder.iterdir())) == 1


def test_the_tenth_version_is_newer_than_the_ninth(repository: Repository) -> None:
    for number in range(1, 12):
        repository.save(known().model_copy(update={"success": (TextHas(text=f"{number}"),)}))
    assert [e.version for e in repository.newest()] == [11]


def test_of_two_that_save_at_once_each_has_a_version_of_its_own(repository: Repository) -> None:
    every = [known(template=f"Add {{what}} {number}") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        saved = list(pool.map(repository.save, every))
    assert sorted(one.version for one in saved) == list(range(1, 13))
    assert {one.version: one.templates for one in repository.all_versions()} == {s.version: s.templates for s in saved}


def test_the_newest_of_one_app_only(repository: Repository) -> None:
    repository.save(known("aa", "Add {what}"))
    repository.save(known("bb", "Add {what}", app="wiki"))
    repository.save(known("cc", "Add {what}", app=None))
    assert [e.id for e in repository.newest("wiki")] == ["bb"]
    assert sorted(e.id for e in repository.newest()) == ["aa", "bb", "cc"]
    assert repository.newest("shop") == []


def test_an_experience_is_got_by_the_beginning_of_its_id(repository: Repository) -> None:
    for key in ("ab12", "ab34", "cd56"):
        repository.save(known(key))
    assert repository.get("c").id == "cd56" and repository.get("ab1").id == "ab12"
    with pytest.raises(UsageError, match="more than one experience begins with 'ab'"):
        repository.get("ab")
    with pytest.raises(UsageError, match="no experience begins with 'x'"):
        repository.get("x")


# ---------------------------------------------------------------------------------------------- damage
def test_a_damaged_file_hides_no_other_and_is_named(repository: Repository) -> None:
    repository.save(known("aa"))
    repository.save(known("bb"))
    broken = repository.folder / "bb.v1.json"
    broken.write_bytes(broken.read_bytes()[:40])
    assert [e.id for e in repository.newest()] == ["aa"]
    [problem] = repository.damaged()
    assert problem.file == str(broken)


def test_a_damaged_file_is_never_written_over(repository: Repository) -> None:
    repository.save(known())
    broken = repository.folder / "aa11.v1.json"
    broken.write_bytes(b"{")
    assert repository.save(known()).version == 2
    assert broken.read_bytes() == b"{" and [e.version for e in repository.newest()] == [2]


@pytest.mark.parametrize(
    ("field", "value"),
    [("app", 3), ("version", "x"), ("nodes", [{"index": 0, "kind": "jump"}]), ("surprise", 1), ("learnt", "yesterday")],
)
def test_a_foreign_field_is_named(repository: Repository, field: str, value: object) -> None:
    repository.save(known())
    path = repository.folder / "aa11.v1.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {field: value}), encoding="utf-8")
    with pytest.raises(FormatError, match=field) as caught:
        read(path)
    assert caught.value.field.startswith(field)


def test_a_file_that_cannot_be_read_is_named_and_hides_no_other(repository: Repository) -> None:
    saved = repository.save(known("bb"))
    (repository.folder / "aa11.v1.json").mkdir()
    assert repository.newest() == [saved]
    [problem] = repository.damaged()
    assert problem.file.endswith("aa11.v1.json") and "cannot be read (Is a directory)" in str(problem)
    with pytest.raises(StoreError, match=r"none\.json: file: cannot be read \(No such file"):
        read(repository.folder / "none.json")


def test_a_half_written_file_does_not_count(repository: Repository) -> None:
    repository.save(known())
    (repository.folder / ".new-abc.json").write_text("{")
    assert [e.id for e in repository.newest()] == ["aa11"] and repository.damaged() == []


def test_a_folder_that_cannot_be_is_a_clear_error_and_a_missing_one_is_empty(tmp_path: Path) -> None:
    assert Repository(tmp_path / "none").newest() == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="a file stands where a folder is needed"):
        Repository(tmp_path / "file").save(known())
    assert (tmp_path / "file").read_text() == "x"
