"""Words read in real screenshots, and put together as they were before they wrapped."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ostinato.errors import ModelError, SetupError
from ostinato.model import ocr
from ostinato.model.ocr import Line, can_read, engine_version, joined, read_lines

needs_extra = pytest.mark.skipif(not can_read(), reason="needs the extra `ocr`: make test installs it")


@pytest.fixture(scope="module")
def bills(drawn: dict[str, bytes]) -> tuple[Line, ...]:
    return read_lines(drawn["bills"])


def png(width: int, height: int, mode: str = "L") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG")
    return out.getvalue()


# ---------------------------------------------------------------------------------------------- real screenshots
@needs_extra
def test_the_words_of_a_screenshot_are_read_where_they_stand(bills: tuple[Line, ...]) -> None:
    texts = [line.text for line in bills]
    assert {"Bills", "Museum", "18.00", "7.35", "Lemon", "cake"} <= set(texts)
    assert texts.index("Bills") < texts.index("Amount") < texts.index("Museum") < texts.index("7.35")
    museum, amount = bills[texts.index("Museum")], bills[texts.index("18.00")]
    assert museum.box[0] + museum.box[2] < amount.box[0] and abs(museum.middle - amount.middle) < 10
    assert all(line.box[0] >= 0 and line.bottom <= 200 and line.score > 0.5 for line in bills)


@needs_extra
def test_cells_that_wrapped_are_whole_again(bills: tuple[Line, ...]) -> None:
    texts = joined(bills)
    assert any("2026-11-22" in text for text in texts) and any("2026-12-24" in text for text in texts)
    assert "Lemon cake" in texts and "18.00" in texts
    assert not any("Museum" in text and "Lemon" in text for text in texts)


@needs_extra
def test_a_picture_without_words_has_none() -> None:
    assert read_lines(png(64, 64)) == ()


# ---------------------------------------------------------------------------------------------- what cannot be read
@pytest.mark.parametrize("cut", [b"", b"nothing of the kind", b"\xff\xd8\xff\xe0", "half"], ids=str)
def test_a_damaged_picture_is_a_clear_error(cut: bytes | str, drawn: dict[str, bytes]) -> None:
    whole = drawn["bills"]
    with pytest.raises(ModelError, match="the picture cannot be read, a PNG or JPEG file is needed"):
        read_lines(whole[: len(whole) // 2] if isinstance(cut, str) else cut)


def test_a_huge_picture_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(ModelError, match="of 9000 x 9000 pixels is too large"):
        read_lines(png(9000, 9000, "1"))


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(SetupError, match=r"pip install 'ostinato-agents\[ocr\]'"):
        read_lines(png(64, 64), threads=97)  # an engine of so many threads was not loaded before

    def lacking(name: str) -> str:
        raise ocr.PackageNotFoundError(name)

    monkeypatch.setattr(ocr, "version", lacking)
    with pytest.raises(SetupError, match=r"pip install 'ostinato-agents\[ocr\]'"):
        engine_version()
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)
    assert not can_read()


@needs_extra
def test_a_model_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_RECOGNIZER", "gone.onnx")
    with pytest.raises(SetupError, match=r"gone\.onnx is missing; install it again"):
        read_lines(png(64, 64), threads=98)


@needs_extra
def test_another_setting_is_another_engine_for_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    first = engine_version()
    monkeypatch.setattr(ocr, "DETECTOR", ("max", 1280))
    assert engine_version() != first


# ---------------------------------------------------------------------------------------------- putting together
def line(text: str, left: float, top: float, width: float = 60, height: float = 20) -> Line:
    return Line(text, (left, top, width, height), 1.0)


def test_texts_go_on_in_their_column_and_after_a_hyphen_without_a_space() -> None:
    dates = [line("2026-", 10, 10), line("Lemon", 100, 10), line("11-22", 10, 32), line("cake", 100, 32, 44)]
    assert joined(dates) == ("2026-11-22", "Lemon cake")


@pytest.mark.parametrize(
    "below",
    [line("x", 10, 50), line("x", 10, 33, 60, 9), line("x", 140, 32), line("x", 90, 12)],
    ids=["far below", "much lower", "elsewhere", "beside"],
)
def test_what_did_not_wrap_stays_apart(below: Line) -> None:
    assert set(joined([line("Museum", 10, 10), below])) == {"Museum", "x"}


def test_two_columns_under_one_line_go_on_only_once() -> None:
    assert joined([line("a", 10, 10), line("b", 10, 31), line("c", 10, 52)]) == ("a b c",)


lines = st.lists(
    st.builds(
        line,
        st.text("ab1-", min_size=1, max_size=5),
        st.sampled_from((0.0, 3.0, 60.0, 62.0)) | st.floats(0, 300),
        st.sampled_from((0.0, 21.0, 42.0)) | st.floats(0, 300),
        st.floats(1, 100),
        st.sampled_from((12.0, 20.0)) | st.floats(1, 60),
    ),
    max_size=12,
)


@given(lines)
def test_no_text_is_lost_or_doubled_by_putting_together(given_lines: list[Line]) -> None:
    texts = joined(given_lines)
    assert sorted("".join(texts).replace(" ", "")) == sorted("".join(line.text for line in given_lines))
    assert len(texts) <= len(given_lines)
    for found in given_lines:
        assert any(found.text in text for text in texts)
