"""Words of a shell mean what they say, whatever stands in them."""

from __future__ import annotations

import fnmatch
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.ssh.words import glob, quoted


def told(word: str, folder: Path | None = None) -> list[str]:
    script = f"set -- {word}\nfor f; do printf '%s\\0' \"$f\"; done"
    done = subprocess.run(["dash", "-c", script], capture_output=True, check=True, cwd=folder, env={"LC_ALL": "C"})
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))
@settings(max_examples=60, deadline=None)
def test_a_quoted_text_is_one_word_and_itself(text: str) -> None:
    assert told(quoted(text)) == [text]


NAMES = ("a", "b.conf", "ä.conf", ".hidden", "x y", "$(id)", "a[1]", "12", "-rf", "a'b")


@given(
    st.lists(st.sampled_from(["*", "?", "[0-9]", "[!a]", "[", "]", "a", "ä", ".conf", "$(", "'", " ", "[é-ü]", "."]))
)
@example(["[!a]"] * 6)
@settings(max_examples=120, deadline=None)
def test_a_glob_matches_all_that_the_agent_would_match_and_runs_nothing(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "names"
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        (folder / name).touch()
    pattern = "".join(parts)
    if pattern.strip(".") == "":
        return
    wanted = {n for n in NAMES if fnmatch.fnmatchcase(n, pattern) and (pattern[0] == "." or n[0] != ".")}

    assert wanted <= set(told(glob(pattern), folder))
