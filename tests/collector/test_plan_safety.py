"""Where a sweep never goes, and what a plan never does."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.permitted import DEFAULT_RANGES
from collector.targets import address_of, parse
from tests.collector.planned import NAMES, made


@pytest.mark.parametrize("exclusion", ["10.0.0.0/30", "web", "w*", "10.0.0.1", "www"])
@pytest.mark.parametrize("wanted", ["web", "10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1-10.0.0.1", "root@10.0.0.1:22"])
def test_what_is_left_out_is_out_whatever_else_names_it(exclusion: str, wanted: str) -> None:
    plans = [made(f"!{exclusion}", "web", wanted, "10.0.0.9"), made(wanted, "10.0.0.9", "web", exclude=[exclusion])]
    if (
        exclusion != "w*"
    ):  # A pattern is of names: only where a host of that name is named too its address is out as well.
        plans += [made(wanted, f"!{exclusion}", "10.0.0.9"), made(wanted, "10.0.0.9", exclude=[exclusion])]

    for found in plans:
        assert [target.address for target in found.targets] == ["10.0.0.9"]
        assert "left out by exclusions" in found.notes[0]


def test_a_host_is_out_with_all_of_its_addresses() -> None:
    assert made("db", "!fd00::2").targets == ()
    assert made("fd00::2", "10.0.0.2", "!db").targets == ()


def test_an_exclusion_that_is_not_known_stops_everything() -> None:
    with pytest.raises(UsageError, match=r"What !nowhere leaves out is not known: .* Write its address, or drop it"):
        made("10.0.0.0/24", "!nowhere")


def test_an_exclusion_may_be_a_name_of_the_inventory_alone(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("fragile ansible_host=10.0.0.1\nother ansible_host=10.0.0.2\n")

    found = made("10.0.0.0/30", "!fragile", inventories=[str(tmp_path / "hosts")])

    assert [target.address for target in found.targets] == ["10.0.0.2"]


PROGRAM = """
import sys
seen = []
sys.addaudithook(lambda event, words: seen.append(event))
from collector.plan import plan
made = plan(["localhost", "10.0.0.0/28"], inventories=sys.argv[1:2], ssh_config=__import__("pathlib").Path(sys.argv[2]))
assert len(made.targets) == 15, made
print(sorted({event for event in seen if event.startswith(("socket.", "subprocess.", "os.exec", "os.spawn", "os.system",
    "os.fork", "os.posix_spawn", "pty."))}))
"""


def test_nothing_is_connected_to_and_no_program_is_run(tmp_path: Path, root: Path) -> None:
    (tmp_path / "hosts").write_text("a ansible_host=localhost ansible_ssh_common_args='-o ProxyCommand=true'\n")
    (tmp_path / "config").write_text("Match exec true\n User x\nHost *\n ProxyCommand true\n")

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "hosts"), str(tmp_path / "config")],
        cwd=root, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.stdout == "['socket.getaddrinfo']\n", done.stdout + done.stderr


NAMED = [
    "web",
    "www",
    "db",
    "mixed",
    "outside",
    "nowhere",
    "192.0.2.7",
    "fd00::2",
    "10.0.0.0/28",
    "10.255.255.254-11.0.0.2",
]
WORDS = st.one_of(
    st.sampled_from(NAMED),
    st.builds("10.0.0.{}/{}".format, st.integers(0, 255), st.integers(26, 32)),
    st.builds("10.0.0.{}".format, st.integers(0, 20)),
    st.builds("192.0.2.{}/{}".format, st.integers(0, 255), st.integers(28, 32)),
)
BASES = st.sampled_from(["10.0.0.0", "10.0.0.7", "192.0.2.0", "192.0.2.9"])
RANGES = st.lists(st.builds("{}/{}".format, BASES, st.integers(24, 32)), max_size=3)


@given(st.lists(WORDS, max_size=5), RANGES, st.none() | RANGES, RANGES)
def test_no_target_is_ever_outside_of_the_ranges_or_left_out_or_twice(
    words: list[str], out: list[str], ranges: list[str] | None, permit: list[str]
) -> None:
    found = made(*words, exclude=out, ranges=ranges, permit=permit)

    allowed = [
        ipaddress.ip_network(one, strict=False) for one in (*(DEFAULT_RANGES if ranges is None else ranges), *permit)
    ]
    outside = [ipaddress.ip_network(one, strict=False) for one in out]
    addresses = []
    for target in found.targets:
        for text in (target.address, *target.alternatives):
            address = address_of(text)
            assert address is not None
            assert any(address in net for net in allowed)
            assert not any(address in net for net in outside)
            addresses.append(text)
    reached = [target.address for target in found.targets]
    assert len(reached) == len(set(reached))
    for word in words:
        span = parse(word).span
        for text in span.addresses() if span is not None else ():
            address = address_of(text)
            assert address is not None
            shared = any(text in NAMES.get(other, ()) for other in words)
            if any(address in net for net in allowed) and not any(address in net for net in outside) and not shared:
                assert text in reached
