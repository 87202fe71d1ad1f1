"""The quick start of README.md is run as it stands there."""

from __future__ import annotations

import re

from tests.lab.hosts import REPOSITORY, Lab

LISTENS = "until ss -Hltn | grep -q :8000; do sleep 0.05; done"


def test_the_quick_start_runs_as_it_stands_there(lab: Lab) -> None:
    commands = quick_start()
    assert len(commands) <= 10
    host = lab.host("alpha")
    script = [f"cd {REPOSITORY}"]
    for number, command in enumerate(commands):
        script += [f"{{ {command}\n}} >/root/{number}.out", f"echo $? >/root/{number}.status"]
        if "http.server 8000" in command:
            script.append(LISTENS)
    done = host.run("bash", text="\n".join(script))

    def told(word: str) -> str:
        number = next(n for n, command in enumerate(commands) if word in command)
        return host.run("cat", f"/root/{number}.out").stdout

    statuses = {c: int(host.run("cat", f"/root/{n}.status").stdout) for n, c in enumerate(commands)}
    assert statuses == {c: 1 if c.startswith("surveymark drift ") else 0 for c in commands}, done.stderr
    assert told("up --once").startswith("alpha: ")
    assert "self-approved" in told("baseline approve")
    assert "tcp 0.0.0.0:8000" in told("surveymark drift")
    assert "http.server" in told("surveymark impact")
    assert len(re.findall(r"/api/v1/documents/[0-9a-f]{64}", told("change add"))) == 3


def quick_start() -> list[str]:
    """The commands of the first block of README.md, a line each."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    return text.partition("```sh\n")[2].partition("```")[0].splitlines()
