"""Folding, tokens and order of text, the same in every store."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.text import MAX_TOKEN, fold, sort_key, tokens

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
EDGES = st.text(st.sampled_from("a\ud7ff\ue000\uffff\U00010000\U0010ffff"), max_size=6)


@pytest.mark.parametrize(
    ("value", "folded"),
    [("NGINX", "nginx"), ("Straße", "strasse"), ("ﬁle", "file"), ("Ｗeb", "web"), ("ΣΑΣ", "σασ"), ("", "")],
)
def test_texts_are_compared_without_case_and_form(value: str, folded: str) -> None:
    assert fold(value) == folded


@given(TEXT)
def test_folding_again_changes_nothing(value: str) -> None:
    assert fold(fold(value)) == fold(value)
    assert fold(value.upper().lower()) == fold(fold(value.upper().lower()))


@pytest.mark.parametrize(
    ("value", "cut"),
    [
        ("nginx-core 1.22", ["nginx", "core", "1", "22"]),
        ("/usr/sbin/sshd -D", ["usr", "sbin", "sshd", "d"]),
        ("Größe: 5²", ["grösse", "52"]),
        ("日本語 テスト", ["日本語", "テスト"]),
        ("--- ...", []),
        ("", []),
        ("x" * 200, ["x" * MAX_TOKEN]),
    ],
)
def test_tokens_are_runs_of_letters_numbers_and_marks(value: str, cut: list[str]) -> None:
    assert tokens(value) == cut


@given(TEXT)
def test_the_short_way_for_ascii_cuts_as_the_long_one(value: str) -> None:
    long_way = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in fold(value)).split()

    assert tokens(value) == [t[:MAX_TOKEN] for t in long_way]


@given(TEXT | EDGES, TEXT | EDGES)
def test_the_sort_key_orders_by_code_point_in_both_orders(one: str, other: str) -> None:
    def utf16(value: str) -> bytes:
        return sort_key(value).encode("utf-16-be")

    assert (sort_key(one) < sort_key(other)) == (one < other)
    assert (utf16(one) < utf16(other)) == (one < other)
    assert (sort_key(one) == sort_key(other)) == (one == other)
