"""`surveymark completion`."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

from api.cli import parser
from api.commands.completion import words
from tests.api.conftest import Done


def complete(script: str, *typed: str) -> list[str]:
    """What bash offers after these words."""
    line = " ".join(f"'{word}'" for word in typed)
    ask = f'{script}\nCOMP_WORDS=({line}) COMP_CWORD={len(typed) - 1}\n_surveymark\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    return subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True).stdout.split()


def test_bash_completes_commands_and_options(surveymark: Callable[..., Done]) -> None:
    script = surveymark("completion", "bash", store="").out

    assert complete(script, "surveymark", "bas") == ["baseline"]
    assert complete(script, "surveymark", "ci", "")[:5] == ["--help", "find", "show", "history", "neighbours"]
    assert {"explain", "retire", "restore", "merge", "split", "set"} <= set(complete(script, "surveymark", "ci", ""))
    assert "--self" in complete(script, "surveymark", "baseline", "approve", "name", "--")
    assert complete(script, "surveymark", "completion", "f") == ["fish"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_every_command(surveymark: Callable[..., Done], shell: str) -> None:
    script = surveymark("completion", shell, store="").out
    for path in words(parser()):
        assert path.split()[-1:] == [] or path.split()[-1] in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)
