"""What every test can ask for, and the rule that CI skips nothing.

Runs under Python 3.9 too (tests/architecture/test_python39.py): keep to it here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

LONGEST_CAMPAIGN_SECONDS = 4 * 3600
ROOT = Path(__file__).resolve().parent.parent

pytest_plugins = ["tests.servers.neo4j_server"]

# How long an example takes, or to think of one, says how busy the machine is, nothing about us.
settings.register_profile("surveymark", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("surveymark")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--campaign",
        choices=("short", "long"),
        default=os.environ.get("SURVEYMARK_CAMPAIGN") or "short",
        help="how long the fault campaigns run (marked campaign; also SURVEYMARK_CAMPAIGN)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Before any test file is read, in every worker: tests.campaigns.length reads it."""
    os.environ["SURVEYMARK_CAMPAIGN"] = config.getoption("campaign")


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """For campaigns: a sentence of what was done and found, shown at the end of the run."""
    return lambda sentence: record_property("campaign", sentence)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def recordings(request: pytest.FixtureRequest) -> Path:
    """Folder of the recordings kept outside the project, for tests marked `shared`: see `recordings_folder`."""
    if request.node.get_closest_marker("shared") is None:
        pytest.fail("a test that uses `recordings` must be marked: @pytest.mark.shared")
    found = recordings_folder()
    if found is None:
        pytest.skip("no recordings: SURVEYMARK_RECORDINGS names no folder and ../shared/data is none")
    return found


def lab_command() -> Path | None:
    """The lab that stands beside the recordings, for tests marked `shared("lab")`; None where there is none."""
    folder = recordings_folder()
    found = folder.resolve().parent / "lab" / "lab" if folder else None
    return found if found is not None and found.is_file() else None


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium: SURVEYMARK_TEST_CHROMIUM, else the distribution's own. None is ever downloaded."""
    given = os.environ.get("SURVEYMARK_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if given is None:
        pytest.skip("no Chromium: apt-get install chromium, or name one by SURVEYMARK_TEST_CHROMIUM")
    return given


def recordings_folder() -> Path | None:
    """SURVEYMARK_RECORDINGS, else ../shared/data beside the checkout; None where there is no such folder."""
    folder = Path(os.environ.get("SURVEYMARK_RECORDINGS") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests on Neo4j share one database, so they run in one worker; said before xdist groups them. A long campaign
    takes the time that it needs."""
    for item in items:
        if item.get_closest_marker("campaign") is not None and item.config.getoption("campaign") == "long":
            item.add_marker(pytest.mark.timeout(LONGEST_CAMPAIGN_SECONDS), append=False)
        if "neo4j_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("neo4j"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip is a failure, except of a test marked `shared` where the recordings, or the lab, are absent."""
    report = yield
    shared = item.get_closest_marker("shared")
    excused = shared is not None and (lab_command() if "lab" in shared.args else recordings_folder()) is None
    if report.skipped and not hasattr(report, "wasxfail") and _in_ci() and not excused:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself while it is imported."""
    report = yield
    if report.outcome == "skipped" and _in_ci():
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {_reason(report.longrepr)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the campaigns told, for docs/trust.md."""
    told = [
        f"{report.nodeid}: {report.duration:.0f} s, {report.outcome}: {sentence}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, sentence in report.user_properties
        if name == "campaign"
    ]
    if told:
        terminalreporter.section(f"campaigns ({config.getoption('campaign')})")
        for line in sorted(told):
            terminalreporter.line(line)


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"


def _reason(skipped: object) -> str:
    return str(skipped[2]) if isinstance(skipped, tuple) else str(skipped)
