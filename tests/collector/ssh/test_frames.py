"""An answer is decoded to whole sections, or to a failure; whatever a host sends."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ssh.frames import NoAnswer, decode, raised_errors

NONCE = "0123456789abcdef0123456789abcdef"
LIMIT = 1 << 20


def answer(sections: dict[str, bytes], errors: dict[str, bytes] | None = None) -> bytes:
    """What the script prints."""
    body = b"".join(
        b"\n%b begin %b 1.50\n%b\n%b end 0\n" % (NONCE.encode(), key.encode(), data, NONCE.encode())
        for key, data in sections.items()
    )
    said = b"".join(b"\n%b %b\n%b" % (NONCE.encode(), k.encode(), v) for k, v in (errors or {}).items())
    return (
        body
        + b"\n%b count %d\n" % (NONCE.encode(), len(sections))
        + b"\n%b begin errors 2.0\n%b\n%b end 0\n" % (NONCE.encode(), said, NONCE.encode())
        + b"\n%b done\n" % NONCE.encode()
    )


KEYS = st.text("abcxyz0123", min_size=1, max_size=8).filter(lambda key: key != "errors")


@given(st.dictionaries(KEYS, st.binary(max_size=300), max_size=6), st.booleans(), st.binary(max_size=100))
def test_any_bytes_of_sections_come_back_as_they_were(data: dict[str, bytes], packed: bool, noise: bytes) -> None:
    text = answer(data)
    sent = noise + (b"\n%b packed\n" % NONCE.encode() + gzip.compress(text, 1) + noise if packed else text + noise)

    found = decode(sent, NONCE, LIMIT)

    assert {key: section.data for key, section in found.sections.items()} == data
    assert found.whole
    assert all(s.status == "0" and s.seconds in (0.0, 0.5) for s in found.sections.values())


@given(st.dictionaries(KEYS, st.binary(max_size=200), min_size=1, max_size=5), st.booleans(), st.data())
def test_what_was_cut_is_missing_and_never_shorter(data: dict[str, bytes], packed: bool, draw: st.DataObject) -> None:
    text = answer(data)
    sent = b"\n%b packed\n" % NONCE.encode() + gzip.compress(text, 1) if packed else text
    cut = sent[: draw.draw(st.integers(0, len(sent) - 2))]

    try:
        found = decode(cut, NONCE, LIMIT)
    except NoAnswer:
        return

    assert not found.whole
    assert all(data[key] == section.data for key, section in found.sections.items())


WORDS = (b"begin a 1.0", b"end 0", b"count 1", b"done", b"begin errors 1.0", b"packed")
MARKS = [b"\n%b %b\n" % (NONCE.encode(), words) for words in WORDS]


@given(st.lists(st.one_of(st.sampled_from(MARKS), st.binary(max_size=30), st.just(NONCE.encode()))))
def test_no_answer_makes_the_decoder_fail_in_another_way_than_it_says(parts: list[bytes]) -> None:
    try:
        found = decode(b"".join(parts), NONCE, 200)
    except NoAnswer:
        return
    assert found.size <= 200
    raised_errors(b"".join(parts), NONCE)


def test_what_does_not_know_the_nonce_can_not_end_a_section() -> None:
    forged = b"\n%b end 0 1.0\n\n%b done\n" % ((b"f" * 32), (b"f" * 32))

    assert decode(answer({"a": forged}), NONCE, LIMIT).sections["a"].data == forged


def test_an_answer_is_bounded_after_it_was_unpacked() -> None:
    bomb = b"\n%b packed\n" % NONCE.encode() + gzip.compress(answer({"a": b"\0" * (50 << 20)}), 9)
    assert len(bomb) < 200_000

    found = decode(bomb, NONCE, LIMIT)

    assert found.too_big
    assert not found.whole
    assert found.size <= LIMIT
    assert not found.sections


def test_a_section_that_the_host_counted_and_that_is_not_there_makes_the_answer_partial() -> None:
    mark = NONCE.encode()
    one = answer({"a": b"1", "b": b"2"})
    lost = one.replace(b"\n%b begin b 1.50\n" % mark, b"")

    assert decode(one, NONCE, LIMIT).whole
    assert not decode(lost, NONCE, LIMIT).whole


def test_errors_stand_with_the_section_in_which_they_were_printed() -> None:
    found = decode(answer({"a": b"", "b": b""}, {"a": b"grep: /x: Permission denied\n", "c": b"?"}), NONCE, LIMIT)

    assert found.sections["a"].errors == b"grep: /x: Permission denied\n"
    assert found.sections["b"].errors == b""


def test_line_ends_that_a_terminal_made_are_taken_back() -> None:
    found = decode(answer({"a": b"one\ntwo\n"}).replace(b"\n", b"\r\n"), NONCE, LIMIT)

    assert found.sections["a"].data == b"one\ntwo\n"
    assert found.whole


@pytest.mark.parametrize("sent", [b"", b"This service allows sftp connections only.\n", b"\0" * 100])
def test_what_is_no_answer_is_said_to_be_none(sent: bytes) -> None:
    with pytest.raises(NoAnswer, match="none of its marks"):
        decode(sent, NONCE, LIMIT)
