"""A real Neo4j for the tests: one server per test run, an empty database per test.

Reads SURVEYMARK_TEST_NEO4J_URL: a running server without authentication, WHOSE CONTENT THE TESTS WIPE. Else the
server is started here: Neo4j Community from Maven Central (pom.xml beside Neo4jServer.java), resolved once into
`${XDG_CACHE_HOME:-~/.cache}/surveymark/neo4j-<version>`, run by `java` (17 or 21) on a free port of 127.0.0.1 over a
temporary folder. The server ends with the process that started it, however that ends: it watches its standard input.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

FOLDER = Path(__file__).parent / "neo4j"
VERSION = re.findall(r"<neo4j\.version>(.+)</neo4j\.version>", (FOLDER / "pom.xml").read_text())[0]
# A compiler that starts fast over one that ends up fast: 6 s until bolt answers instead of 7 to 10.
FOR_TESTS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
_PATIENCE_SECONDS = 120.0
_RETRY_SECONDS = 0.1


class ServerError(Exception):
    """The Neo4j of the tests could not be had; says what to do about it."""


@pytest.fixture(scope="session")
def neo4j_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bolt URL of the server of this test run. Its content is whatever the last test left: see `empty_neo4j`."""
    given = os.environ.get("SURVEYMARK_TEST_NEO4J_URL")
    if given:
        yield given
        return
    with shared_server(_run_folder(tmp_path_factory)) as url:
        yield url


@pytest.fixture
def empty_neo4j(neo4j_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bolt URL of an empty database: no nodes, constraints or indexes; no other test has it meanwhile."""
    with _alone(neo4j_url, tmp_path_factory):
        wipe(neo4j_url)
        yield neo4j_url


@pytest.fixture
def cleared_neo4j(neo4j_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with the constraints and indexes of the test before, which take a second to make again."""
    with _alone(neo4j_url, tmp_path_factory):
        clear(neo4j_url)
        yield neo4j_url


def clear(url: str) -> None:
    """Removes all nodes from the database at `url`."""
    from neo4j import GraphDatabase  # see wipe

    with GraphDatabase.driver(url) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 20000 ROWS").consume()


def wipe(url: str) -> None:
    """Removes everything from the database at `url`."""
    from neo4j import GraphDatabase  # not at the top: tests/conftest.py loads this file under Python 3.9 too

    with GraphDatabase.driver(url) as driver, driver.session() as session:
        # Look-up indexes (on labels and types) belong to the server; they hold no data of ours.
        for kind, of in (
            ("CONSTRAINT", "CONSTRAINTS YIELD name"),
            ("INDEX", "INDEXES YIELD name, type WHERE type <> 'LOOKUP'"),
        ):
            for name in session.run(f"SHOW {of} RETURN name").value():
                session.run(f"DROP {kind} `{name}` IF EXISTS").consume()
    clear(url)


@contextlib.contextmanager
def _alone(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    own = not os.environ.get("SURVEYMARK_TEST_NEO4J_URL")
    folder = _run_folder(tmp_path_factory) if own else Path(tempfile.gettempdir())
    with _locked(folder / f"surveymark-{os.getuid()}-neo4j-{urlsplit(url).port}.lock"):
        yield


def _run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of this test run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


@contextlib.contextmanager
def shared_server(run: Path) -> Iterator[str]:
    """URL of one server for all processes that name the same `run` folder.

    The first starts it and waits until the last is done with it.
    """
    address, gate, users = run / "neo4j.url", run / "neo4j.lock", run / "neo4j.users"
    with contextlib.ExitStack() as stack:
        with _locked(gate):
            if address.exists():
                url = address.read_text()
                stack.enter_context(_locked(users, fcntl.LOCK_SH))
            else:
                url = stack.enter_context(server())
                address.write_text(url)
                stack.callback(_leave_last, address, gate, users)
        yield url


def _leave_last(address: Path, gate: Path, users: Path) -> None:
    with _locked(gate):
        address.unlink()
        with _locked(users):
            pass


@contextlib.contextmanager
def server(java_options: Sequence[str] = FOR_TESTS, port: int = 0, data: Path | None = None) -> Iterator[str]:
    """A Neo4j of one's own; yields its bolt URL once it answers.

    `port` 0 takes a free one; without `data` it lives in a temporary folder that is removed with it.
    Raises ServerError with the server's last words.
    """
    resolve()
    port = port or free_port()
    kept = data is not None
    with contextlib.ExitStack() as stack:
        if data is None:
            data = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="surveymark-neo4j-", ignore_cleanup_errors=True))
            )
        process = start(port, data, java_options)
        stack.callback(_end, process, kept)
        wait_until_bolt_answers(port, process, data / "server.log")
        yield f"bolt://127.0.0.1:{port}"


def start(
    port: int, data: Path, java_options: Sequence[str] = FOR_TESTS, before: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """A process of Neo4j on this port over the folder `data`, run by the command `before`, if there is one; it does not answer
    yet, see `wait_until_bolt_answers`. Its words are in server.log of the folder."""
    command = [
        _java(),
        "-Xmx1g",
        *java_options,
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
        "-cp",
        f"{resolve()}/*",
        str(FOLDER / "Neo4jServer.java"),
        str(data),
        str(port),
    ]
    with (data / "server.log").open("ab") as log:
        return subprocess.Popen(
            [*before, *command], stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )


def resolve() -> Path:
    """Folder with the server's jars; the first time Maven fetches them and verifies their checksums (129 MB)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "surveymark"
    jars = cache / f"neo4j-{VERSION}"
    if jars.is_dir():
        return jars
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"neo4j-{VERSION}.lock"):
        if jars.is_dir():
            return jars
        maven = shutil.which("mvn")
        if maven is None:
            raise ServerError("mvn is missing: apt-get install maven, or set SURVEYMARK_TEST_NEO4J_URL")
        print(f"Fetching Neo4j {VERSION} from Maven Central into {jars}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            partial = Path(folder) / "jars"
            outcome = subprocess.run(
                [
                    maven,
                    "--batch-mode",
                    "--quiet",
                    "--strict-checksums",
                    f"--file={FOLDER / 'pom.xml'}",
                    *_maven_proxy(),
                    "dependency:copy-dependencies",
                    "-DincludeScope=runtime",
                    f"-DoutputDirectory={partial}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if outcome.returncode:
                raise ServerError(f"mvn could not resolve Neo4j {VERSION}:\n{outcome.stdout[-2000:]}")
            partial.rename(jars)
    return jars


def _maven_proxy() -> Iterator[str]:
    """Java knows proxies by properties only, everything else on the machine by variables."""
    for scheme in ("http", "https"):
        proxy = urlsplit(os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY") or "")
        if proxy.hostname:
            yield f"-D{scheme}.proxyHost={proxy.hostname}"
            yield f"-D{scheme}.proxyPort={proxy.port or 80}"
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    if direct:
        hosts = (name.strip() for name in direct.split(","))
        yield "-Dhttp.nonProxyHosts=" + "|".join(f"*{host}" if host.startswith(".") else host for host in hosts)


@functools.cache
def _java() -> str:
    """A `java` that Neo4j 5.26 supports: Debian may have several."""
    found = [os.environ.get("JAVA_HOME", "") + "/bin/java", shutil.which("java") or ""]
    found += sorted(str(path) for path in Path("/usr/lib/jvm").glob("*/bin/java"))
    for java in found:
        if not os.access(java, os.X_OK):
            continue
        version = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
        if re.search(r'version "(17|21)\.', version):
            return java
    raise ServerError(
        "Java 17 or 21 is missing: apt-get install openjdk-17-jdk-headless, or set SURVEYMARK_TEST_NEO4J_URL"
    )


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_bolt_answers(port: int, process: subprocess.Popen[bytes], words: Path) -> None:
    """Raises ServerError with the server's last words, from the file `words`, where it ends or takes too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"Neo4j ended with status {process.returncode}:\n{words.read_text()[-2000:]}")
        if _bolt_answers(port):
            return
        time.sleep(_RETRY_SECONDS)
    raise ServerError(f"Neo4j did not answer on port {port} in {_PATIENCE_SECONDS:.0f} s:\n{words.read_text()[-2000:]}")


def _bolt_answers(port: int) -> bool:
    """Four versions offered, the chosen one answered (https://neo4j.com/docs/bolt/current/bolt/handshake/)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(bytes.fromhex("6060b017 00000405 00000005 00000004 00000000"))
            return len(connection.recv(4)) == 4
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes], kept: bool) -> None:
    """Ends our own server: in its own time when its data is kept, else at once."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=30 if kept else 0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _locked(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, how)
        yield


def main() -> None:
    """A server by hand: prints its URL, ends with Ctrl-C. Arguments: [PORT [DATA_FOLDER]], else temporary data."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    data = Path(sys.argv[2]).absolute() if len(sys.argv) > 2 else None
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            with server(java_options=(), port=port, data=data) as url:
                print(url, flush=True)
                signal.pause()
        except ServerError as error:
            sys.exit(f"script/neo4j: {error}")


if __name__ == "__main__":
    main()
