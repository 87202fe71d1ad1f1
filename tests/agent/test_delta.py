"""What the server is known to hold: nothing of it is sent again, and what it turns out to lack is."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent import delta
from agent.delta import Held, Sending
from cmdb.model.batch import Batch, Section
from tests.agent.reports import failed, header, section

NOW = 1_764_000_000


def batch(*sections: Section, number: int = 1, **other: Any) -> Batch:
    return Batch(header(number, **other), list(sections), "", "", "")


def receipt(found: Batch, **outcomes: str) -> dict[str, Any]:
    rows = [
        {"section": s.name, "outcome": outcomes.get(s.name, s.outcome), "problem": {"title": "no", "path": "/"}}
        for s in found.sections
    ]
    return {"batch": found.header.id, "sections": rows, "quarantined": [], "superseded": []}


def content(sent: Sending) -> bytes:
    return zlib.decompress(sent.packed, 31)


def told(held: Held, found: Batch, now: int = NOW, **outcomes: str) -> tuple[Sending, list[str]]:
    """Send it, and learn from the receipt."""
    sent = delta.sending(found, held, now)
    return sent, delta.received(found, sent, receipt(found, **outcomes), held, now)


def test_the_first_report_is_told_whole() -> None:
    sent, missing = told(Held("k"), batch(section("cpu", "A"), failed("disk")))

    assert sent.with_bodies == {"cpu"}
    assert not sent.in_short
    assert b'"name":"A"' in content(sent)
    assert missing == []


def test_what_is_held_is_said_again_in_one_line() -> None:
    held = Held("k")
    told(held, batch(section("cpu", "A"), failed("disk")))

    sent, _ = told(held, batch(section("cpu", "A"), failed("disk"), number=2))

    assert sent.in_short
    assert content(sent).count(b"\n") == 1


def test_a_look_at_few_sections_is_said_in_one_line_too() -> None:
    held = Held("k")
    told(held, batch(*(section(name, "A") for name in ("a", "b", "c"))))

    for names in ("a", "bc", "c", "abc"):
        sent, _ = told(held, batch(*(section(name, "A") for name in names), number=2))
        assert content(sent).count(b"\n") == 1


def test_only_what_changed_is_sent() -> None:
    held = Held("k")
    told(held, batch(section("cpu", "A"), section("memory", "A")))

    sent, _ = told(held, batch(section("cpu", "B"), section("memory", "A"), number=2))

    assert sent.with_bodies == {"cpu"}
    assert sent.in_short
    assert b'"name":"B"' in content(sent)
    assert b'"name":"A"' not in content(sent)


def test_a_body_is_held_still_after_a_look_that_failed() -> None:
    held = Held("k")
    for found in (section("cpu", "A"), failed("cpu")):
        told(held, batch(found))

    sent, _ = told(held, batch(section("cpu", "A"), number=3))

    assert sent.with_bodies == frozenset()
    assert not sent.in_short


def test_other_marks_are_told_at_length_without_bodies() -> None:
    held = Held("k")
    told(held, batch(section("cpu", "A")))

    sent, _ = told(held, batch(section("cpu", "A"), number=2, marks={"host_name": "b"}))

    assert not sent.in_short
    assert sent.with_bodies == frozenset()


def test_readings_and_costs_are_sent_hourly() -> None:
    held = Held("k")
    read = section("cpu", "A", readings={"items": [{"class": "Host", "key": "", "readings": {"load_1m": "1"}}]})

    sent = [content(told(held, batch(read), NOW + second)[0]) for second in (0, 1, 3599, 3600, 3601)]

    assert [b"load_1m" in said for said in sent] == [True, False, False, True, False]
    assert [b'"costs"' in said for said in sent[1:]] == [False, False, True, False]


def test_a_clock_that_goes_back_sends_readings_once() -> None:
    held = Held("k")
    read = section("cpu", "A", readings={"items": [{"class": "Host", "key": "", "readings": {"load_1m": "1"}}]})

    sent = [content(told(held, batch(read), NOW + second)[0]) for second in (0, -86_400, -86_300)]

    assert [b"load_1m" in said for said in sent] == [True, True, False]


def test_a_body_that_the_server_turns_out_to_lack_is_missing() -> None:
    held = Held("k")
    told(held, batch(section("cpu", "A"), section("memory", "A")))

    _, missing = told(held, batch(section("cpu", "A"), section("memory", "A"), number=2), cpu="refused")
    sent, _ = told(held, batch(section("cpu", "A"), section("memory", "A"), number=3))

    assert missing == ["cpu"]
    assert sent.with_bodies == {"cpu"}


def test_a_body_that_is_refused_is_sent_again_hourly_or_when_it_changes() -> None:
    held = Held("k")
    found = batch(section("cpu", "A"))

    outcome = [told(held, found, NOW + second, cpu="refused") for second in (0, 60, 3601)]

    assert [sent.with_bodies for sent, _ in outcome] == [{"cpu"}, frozenset(), {"cpu"}]
    assert [missing for _, missing in outcome] == [[], [], []]
    assert told(held, batch(section("cpu", "B")), NOW + 3602)[0].with_bodies == {"cpu"}


@pytest.mark.parametrize("said", [{"quarantined": [{"reason": "no"}]}, {"superseded": ["cpu"]}])
def test_what_was_not_taken_is_not_held(said: dict[str, Any]) -> None:
    held = Held("k")
    found = batch(section("cpu", "A"))
    delta.received(found, delta.sending(found, held, NOW), {**receipt(found), **said}, held, NOW)

    sent = delta.sending(found, held, NOW)

    assert sent.with_bodies == {"cpu"}
    assert not sent.in_short


def test_a_body_that_was_not_kept_is_told_by_its_digest() -> None:
    found = batch(section("cpu", "A", bodies=[None]))
    sent, missing = told(Held("k"), found, cpu="refused")

    assert sent.with_bodies == frozenset()
    assert missing == ["cpu"]


def test_what_is_held_is_found_again(tmp_path: Path) -> None:
    held = Held("k")
    told(held, batch(section("cpu", "A"), section("memory", "A")), memory="refused")
    delta.save(tmp_path, held)

    assert delta.load(tmp_path, "k") == held
    assert delta.load(tmp_path, "other key") == Held("other key")
    assert (tmp_path / "held.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b'{"key":"k"}', b'{"refused":[]}', bytes(range(150, 250))])
def test_a_spoilt_memory_is_none_and_said(tmp_path: Path, spoilt: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "held.json").write_bytes(spoilt)

    assert delta.load(tmp_path, "k") == Held("k")
    assert "held.json" in caplog.text


def test_all_is_told_again_once_it_is_forgotten() -> None:
    held = Held("k")
    told(held, batch(section("cpu", "A")))
    held.forget()

    assert told(held, batch(replace(section("cpu", "A")), number=2))[0].with_bodies == {"cpu"}
