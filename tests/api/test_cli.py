"""The command line as a whole: options, errors, what it prints where."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import main, parser
from tests.api.conftest import Done

Run = Callable[..., Done]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["ci"], "COMMAND"),
        (["cy"], "invalid choice"),
        (["ci", "show"], "required: CI"),
        (["ci", "find", "--limit", "x"], "invalid int"),
        (["ci", "find", "--lim", "5"], "Unrecognized arguments"),
        (["ci", "find", "--limit", "0"], "1 to 1000"),
        (["ci", "find", "colour:red"], "no field"),
        (["ci", "find", "--at", "tomorrow"], "is no time"),
        (["ci", "show", "name:nothing"], "Nothing matches"),
        (["ci", "show", ""], "matches several"),
        (["drift", "none"], "no baseline"),
        (["impact", "0" * 26], "no configuration item"),
        (["baseline", "create", "b", "--scope", "colour:red"], "no field"),
        (["change", "show", "none"], "no change record"),
        (["token", "revoke", "none"], "no token"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(surveymark: Run, arguments: list[str], said: str) -> None:
    done = surveymark(*arguments)

    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err


def test_an_error_is_a_problem_document_where_json_is_asked_for(surveymark: Run) -> None:
    unknown = surveymark("ci", "show", "0" * 26, "--json")
    wrong = surveymark("ci", "find", "--limit", "x", "--json")

    assert unknown.json["type"] == "urn:surveymark:problem:not-found"
    assert (unknown.json["status"], unknown.json["exit"]) == (404, 2)
    assert (wrong.status, wrong.json["type"]) == (2, "urn:surveymark:problem:usage")
    assert unknown.err == ""


def test_options_stand_before_or_behind_the_command(surveymark: Run, store_path: Path) -> None:
    store = f"sqlite://{store_path}"
    before = surveymark("--json", "--store", store, "ci", "find", "class:Host", store="")
    behind = surveymark("ci", "find", "class:Host", "--store", store, "--json", store="")
    assert before.json == behind.json
    assert before.json["items"][0]["name"] == "web"


def test_the_store_is_named_by_the_environment_too(
    surveymark: Run, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEYMARK_STORE", f"sqlite://{store_path}")
    assert "web" in surveymark("ci", "find", "class:Host", store="").out


@pytest.mark.parametrize(
    ("arguments", "secret"),
    [
        (["ci", "find", "--store", "neo4j://neo4j:hunter2@db"], "hunter2"),
        (["ci", "find", "--server", "https://joe:hunter2@cmdb.example"], "hunter2"),
        (["ci", "find", "--password", "hunter2"], "hunter2"),
        (["ci", "find", "--token=hunter2"], "hunter2"),
        (["token", "revoke", "smt_0123456789ab_hunter2"], "hunter2"),
    ],
)
def test_a_secret_in_an_argument_is_refused_with_the_remedy_and_not_repeated(
    surveymark: Run, arguments: list[str], secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEYMARK_TOKEN", "smt_x")
    done = surveymark(*arguments, store="")

    assert done.status == 2
    assert "chmod 600" in done.err
    assert secret not in done.err + done.out


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///", "sqlite://host/x", "/a/path", "neo4j://h:port"])
def test_a_url_that_is_no_store_is_refused(surveymark: Run, url: str) -> None:
    assert surveymark("ci", "find", store=url).status == 2


def test_a_store_that_there_is_not_is_not_made_by_looking(surveymark: Run, tmp_path: Path) -> None:
    done = surveymark("ci", "find", store=f"sqlite://{tmp_path}/none/x.db")

    assert done.status == 2
    assert "no store at" in done.err
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_store_is_said_with_status_4(surveymark: Run, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database, whatever its name says " * 100)
    done = surveymark("ci", "find", store=f"sqlite://{tmp_path}/x.db")
    assert done.status == 4
    assert done.err.count("\n") == 1


def test_store_and_server_do_not_go_together(surveymark: Run) -> None:
    assert "not both" in surveymark("ci", "find", "--server", "http://127.0.0.1:1").err


def test_a_group_that_is_named_is_understood_as_the_whole_command_line_would() -> None:
    from api.commands.completion import words

    whole = words(parser())
    for group in whole[""]:
        if group.startswith("--"):
            continue
        alone = words(parser(["--json", group, "x"]))
        assert {p: w for p, w in alone.items() if p.split(" ")[0] == group} == {
            p: w for p, w in whole.items() if p.split(" ")[0] == group
        }
    assert words(parser(["portability"])) == words(parser(["nonsense"])) == whole
    assert len(words(parser(["sweep"]))[""]) < len(whole[""])


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    from api.commands.completion import words

    for path in words(parser()):
        with pytest.raises(SystemExit) as ended:
            main([*path.split(), "--help"])
        assert ended.value.code == 0
        assert "--json" in capsys.readouterr().out or path in (
            "agent",
            "agent install",
            "agent run",  # answers nobody: it goes on for ever
            "agent trust",
            "agent uninstall",
            "attribute",
            "baseline",
            "change",
            "hold",
            "retention",
            "ci",
            "completion",
            "conflict",
            "credential",
            "identify",
            "incident",
            "tag",
            "token",
        )


def test_an_error_of_its_own_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("api.cli.parser", lambda _: 1 / 0)
    assert main(["ci"]) == 4
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "Traceback" not in said


def test_a_missing_module_is_said_with_the_extra_that_brings_it(root: Path, store_path: Path, site: object) -> None:
    code = "import sys; sys.modules.update({n: None for n in ('flask', 'numpy')}); from api.cli import main; sys.exit(main())"
    for command, extra in (("serve", "flask: pip"), ("impact", "numpy: pip")):
        arguments = [command, *(["class:Host"] if command == "impact" else []), "--store", f"sqlite://{store_path}"]
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=root)
        assert (done.returncode, done.stdout) == (4, "")
        assert f"This needs {extra} install 'surveymark[server]'." in done.stderr


def test_a_term_that_is_left_out_is_no_option(surveymark: Run) -> None:
    found = surveymark("ci", "find", "class:SoftwarePackage", "-name:curl", "--json").json
    assert [ci["name"] for ci in found["items"]] == ["vim"]
    assert surveymark("baseline", "create", "b", "--scope", "-class:SoftwarePackage").status == 0


def test_a_reader_that_goes_away_is_no_error(process: Run, store_path: Path, site: object) -> None:
    command = "import sys; from api.cli import main; sys.exit(main())"
    root = Path(__file__).resolve().parents[2]
    running = subprocess.Popen(
        [sys.executable, "-c", command, "ci", "find", "--json", "--store", f"sqlite://{store_path}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=root,
    )
    assert running.stdout is not None
    running.stdout.close()
    assert b"Traceback" not in running.communicate()[1]


def test_a_terminal_of_another_character_set_gets_escapes(process: Run, store_path: Path, site: object) -> None:
    done = process(
        "change", "add", "N1", "--title", "naïve 東京", "--store", f"sqlite://{store_path}", PYTHONIOENCODING="ascii"
    )
    assert (done.status, "na\\xefve" in done.out) == (0, True)


def test_the_answer_is_one_document_and_nothing_else(process: Run, store_path: Path, site: object) -> None:
    done = process("--json", "ci", "find", "--store", f"sqlite://{store_path}")
    assert done.status == 0
    assert json.loads(done.out)["total"] == 5
    assert done.err == ""
