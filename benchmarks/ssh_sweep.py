"""What a sweep over SSH costs, beside Ansible gathering facts of the same hosts, and beside the bare limit.

    python -m benchmarks.ssh_sweep RUN_FOLDER [--repeats 3] [--ansible BIN] [--workers 20]

RUN_FOLDER holds `inventory.json` ({name: {"address", "ssh": {"user", "key"}}}) and `known_hosts`. It is run where hosts can be
reached, as root to count the CPU of their sshd. Cases take turns within a run: Ansible's `setup` with pipelining, our first
sweep into a new store, a second one into the same, a sweep that stores nothing, and the bare limit: the script of a sweep sent
by paramiko from as many threads, its output thrown away. Each is a whole process, start and imports included, and finds its
modules compiled, as an installation does: a first turn of all of them is not counted. Then Ansible with connections that stay
open beside a process of several rounds over open connections. Median and worst wall, CPU of the collector a host, CPU of the
hosts; and the ratios that the goals are about.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SURVEYMARK = str(Path(sys.executable).with_name("surveymark"))
TICKS = os.sysconf("SC_CLK_TCK")
ROUNDS = 6
"""Over open connections, in one process."""


@dataclass
class Measured:
    """A case: wall, CPU of the collector and of the hosts in seconds, one of each a repeat."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    far: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Field:
    """What the cases share."""

    run: Path
    hosts: Mapping[str, str]
    ansible: str
    workers: int
    place: Path

    def surveymark(self, *words: str) -> list[str]:
        """A sweep of all hosts; `words` come behind."""
        return [
            SURVEYMARK, "sweep", "--inventory", str(self.place / "hosts.ini"),
            "--credentials", str(self.place / "credentials.toml"), "--ssh-config", str(self.place / "ssh_config"),
            "--workers", str(self.workers), "--json", *words,
        ]  # fmt: skip


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ansible", default="ansible")
    parser.add_argument("--workers", type=int, default=20)
    given = parser.parse_args()
    inventory = json.loads((given.run / "inventory.json").read_text())
    hosts = {name: row["address"] for name, row in inventory.items() if "ssh" in row}
    with tempfile.TemporaryDirectory(prefix="surveymark-bench-") as place:
        there = Field(given.run, hosts, given.ansible, given.workers, Path(place))
        _prepare(there)
        measured = _turns(there, given.repeats)
    _print(measured, len(hosts), given.repeats)


def _prepare(there: Field) -> None:
    key = there.run / "keys/id_ed25519"
    lines = [f"{name} ansible_host={address}" for name, address in there.hosts.items()]
    options = f"-o UserKnownHostsFile={there.run}/known_hosts -o HostKeyAlgorithms=ssh-ed25519"
    settings = [
        "[all:vars]",
        "ansible_user=root",
        f"ansible_ssh_private_key_file={key}",
        "ansible_python_interpreter=/usr/bin/python3",
        f"ansible_ssh_common_args={options}",
    ]
    (there.place / "hosts.ini").write_text("\n".join(["[all]", *lines, *settings, ""]))
    credentials = there.place / "credentials.toml"
    credentials.write_text(f'[credential.lab]\nuser = "root"\nkey = "{key}"\nranges = ["10.0.0.0/8"]\n')
    (there.place / "ssh_config").write_text(f"Host *\n  UserKnownHostsFile {there.run}/known_hosts\n")
    credentials.chmod(0o600)


def _turns(there: Field, repeats: int) -> dict[str, Measured]:
    measured: dict[str, Measured] = {}
    open_paths = tempfile.mkdtemp(dir=there.place)
    for repeat in range(repeats + 1):
        store = f"sqlite://{there.place}/store-{repeat}.db"
        cases: dict[str, Callable[[], list[str]]] = {
            "ansible": list,
            "sweep, first": lambda store=store: there.surveymark("--store", store),
            "sweep, second": lambda store=store: there.surveymark("--store", store),
            "sweep, nothing stored": lambda store=store: [
                sys.executable,
                "-m",
                "benchmarks.ssh_sweep_unstored",
                *there.surveymark("--store", f"{store}-none")[2:],
            ],
            "bare limit": lambda: [
                sys.executable,
                "-m",
                "benchmarks.ssh_sweep_bare",
                str(there.place),
                str(there.workers),
            ],
        }
        for name, command in cases.items():
            words = command()
            _measure(
                measured.setdefault(name, Measured()),
                there,
                words,
                None if words else tempfile.mkdtemp(dir=there.place),
            )
        _measure(Measured(), there, [], open_paths)  # opens them; they close a minute behind their last use
        _measure(measured.setdefault("ansible, connections open", Measured()), there, [], open_paths)
        words = there.surveymark("--store", store, "--rounds", str(ROUNDS))
        _measure(measured.setdefault(f"sweep, {ROUNDS} rounds", Measured()), there, words, None)
        if repeat == 0:  # It compiled the modules.
            measured.clear()
    return measured


def _measure(into: Measured, there: Field, command: list[str], control: str | None) -> None:
    environment = dict(os.environ)
    if not command:
        command = [there.ansible, "all", "-i", str(there.place / "hosts.ini"), "-m", "setup", "-o"]
        environment |= {
            "ANSIBLE_FORKS": str(there.workers), "ANSIBLE_PIPELINING": "True", "ANSIBLE_SSH_CONTROL_PATH_DIR": str(control),
            "ANSIBLE_LOCAL_TEMP": str(there.place / "local"), "ANSIBLE_HOME": str(there.place / "home"), "LC_ALL": "C.UTF-8",
        }  # fmt: skip
    environment["SURVEYMARK_STATE"] = str(there.place / "state")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(there.place / "compiled")
    far, cpu, began = _far_cpu(), _cpu(), time.perf_counter()
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT, check=False
    )
    wall = time.perf_counter() - began
    spent = _cpu() - cpu
    time.sleep(0.5)
    into.wall.append(wall)
    into.cpu.append(spent)
    into.far.append(_far_cpu() - far)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{command[:4]}: exit {done.returncode}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}")
    print(
        f"{command[1] if len(command) > 1 else command[0]:12} wall {wall:7.2f}  cpu {spent:7.2f}",
        file=sys.stderr,
        flush=True,
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _far_cpu() -> float:
    """CPU seconds of every sshd of this machine and of its ended children, in ticks of 10 ms."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        if stat.partition("(")[2].startswith("sshd"):
            ticks += sum(int(word) for word in stat.rpartition(")")[2].split()[11:15])
    return ticks / TICKS


def _print(measured: Mapping[str, Measured], hosts: int, repeats: int) -> None:
    print(f"{hosts} hosts, {repeats} repeats")
    print(f"{'':32} {'wall s med':>10} {'worst':>7} {'cpu ms/host':>12} {'hosts cpu ms':>13}")
    for name, found in measured.items():
        print(
            f"{name:32} {statistics.median(found.wall):10.2f} {max(found.wall):7.2f} "
            f"{1000 * statistics.median(found.cpu) / hosts:12.1f} {1000 * statistics.median(found.far) / hosts:13.1f}"
        )

    def wall(name: str) -> float:
        return statistics.median(measured[name].wall)

    def cpu(name: str) -> float:
        return statistics.median(measured[name].cpu)

    rows: tuple[tuple[str, float, str], ...] = (
        ("ansible / first sweep, wall", wall("ansible") / wall("sweep, first"), ">= 8"),
        ("ansible / second sweep, wall", wall("ansible") / wall("sweep, second"), ">= 8"),
        ("bare limit / first sweep, wall", wall("bare limit") / wall("sweep, first"), ">= 0.6"),
        ("bare limit / second sweep, wall", wall("bare limit") / wall("sweep, second"), ">= 0.8"),
        ("ansible / collection with parsing, cpu", cpu("ansible") / cpu("sweep, nothing stored"), ">= 10"),
        ("ansible / first sweep, cpu", cpu("ansible") / cpu("sweep, first"), ">= 6"),
        ("ansible / second sweep, cpu", cpu("ansible") / cpu("sweep, second"), ">= 10"),
    )
    rounds = measured[f"sweep, {ROUNDS} rounds"]
    rows += (
        (
            "open: ansible / a round, whole processes",
            ROUNDS * wall("ansible, connections open") / statistics.median(rounds.wall),
            ">= 20",
        ),
    )
    for name, ratio, goal in rows:
        print(f"{name:42} {ratio:8.2f}   {goal}")


if __name__ == "__main__":
    main()
