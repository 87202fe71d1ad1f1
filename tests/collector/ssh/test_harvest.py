"""Tables of an answer have what the programs of a host showed, in both dialects, and nothing of what does not parse."""

from __future__ import annotations

import stat

from hypothesis import given
from hypothesis import strategies as st

from collector.ssh.frames import Frames, Section
from collector.ssh.harvest import Harvest, harvest

PLAIN = b"pid 1\nuid 0\ndialect plain\n"
GNU = b"pid 1\nuid 0\ndialect gnu\n"


def of(about: bytes, errors: bytes = b"", **sections: bytes) -> Harvest:
    return harvest(
        Frames(
            {"about": Section(about, "0", 0.0), **{k: Section(v, "0", 0.0, errors) for k, v in sections.items()}}, True
        )
    )


def test_lines_of_grep_are_joined_by_path_whatever_stands_in_them() -> None:
    found = of(GNU, texts=b"1/stat\x001 (a)\n/etc/new\nline\0one\n/etc/new\nline\0/etc/x\0two\n1/cmdline\0a\0b\n")

    assert found.texts == {
        "/proc/1/stat": b"1 (a)\n",
        "/etc/new\nline": b"one\n/etc/x\0two\n",
        "/proc/1/cmdline": b"a\0b\n",
    }
    assert of(PLAIN, files=b"/etc/a:x:y\n/etc/a:\r\n/etc/b:\n").texts == {"/etc/a": b"x:y\n\r\n", "/etc/b": b"\n"}


@given(st.lists(st.sampled_from([b"1/stat", b"1", b"/a", b"\n", b"\0", b"x"]), max_size=14).map(b"".join))
def test_each_line_goes_to_the_path_in_front_of_it(data: bytes) -> None:
    expected: dict[str, bytes] = {}
    rest = data
    while b"\0" in rest and b"\n" in rest[rest.index(b"\0") :]:
        name, _, rest = rest.partition(b"\0")
        line, _, rest = rest.partition(b"\n")
        path = name.decode() if name.startswith(b"/") else f"/proc/{name.decode()}"
        expected[path] = expected.get(path, b"") + line + b"\n"

    assert of(GNU, texts=data).texts == expected


def test_ways_are_read_in_both_dialects() -> None:
    gnu = of(GNU, way=b"l 777 0 0 7 /bin\0usr/bin\0f 4755 0 10 12 /etc/a b\0\0").rows
    plain = of(PLAIN, way=b"a1ff 0 0 7 /bin\n89ed 0 10 12 /etc/a b\n> /bin\n> usr/bin\n").rows

    assert gnu == plain
    assert gnu["/bin"].target == "usr/bin"
    assert stat.S_ISLNK(gnu["/bin"].mode)
    assert stat.S_IMODE(gnu["/etc/a b"].mode) == 0o4755


def test_digests_of_odd_names_are_kept() -> None:
    sha = b"0" * 64
    found = of(GNU, digests=sha + b"  /etc/a\n\\" + sha + b"  /etc/b\\nc\\\\d\nno digest\n").digests

    assert found == {"/etc/a": "0" * 64, "/etc/b\nc\\d": "0" * 64}


def test_links_are_read_in_both_dialects() -> None:
    listed = b"lrwx------    1 0        0               64 Nov 25 03:00 1/fd/3 -> socket:[12]\n"

    assert (
        of(GNU, links=b"1/fd/3\0socket:[12]\0").links
        == of(PLAIN, links=listed).links
        == {"/proc/1/fd/3": "socket:[12]"}
    )


def test_what_programs_say_of_paths_is_understood_in_their_words() -> None:
    said = b"""grep: /a: Permission denied
find: '/b c': No such file or directory
find: `/d': Permission denied
sha256sum: can't open '/e': Permission denied
stat: cannot read file system information for '/f': Permission denied
grep: /g: binary file matches
/usr/bin/find: '7/exe': Permission denied
something else
"""

    found = of(GNU, said, files=b"").errors

    denied = "Permission denied"
    assert {p: found.get(p) for p in ("/a", "/b c", "/d", "/e", "/proc/7/exe")} == {
        "/a": denied, "/b c": "No such file or directory", "/d": denied, "/e": denied, "/proc/7/exe": denied,
    }  # fmt: skip
    assert "/g" not in found


def test_capacity_without_blocks_is_none() -> None:
    assert of(GNU, capacity=b"100 4096 50 /\n0 4096 0 /proc\nx\n1 2 3 /a b\n").capacity == {
        "/": (409600, 204800),
        "/a b": (2, 6),
    }


@given(
    st.sampled_from([GNU, PLAIN]),
    st.sampled_from(["texts", "files", "links", "way", "digests", "capacity", "unlisted", "xtexts", "xway", "xlinks"]),
    st.binary(max_size=200),
    st.binary(max_size=80),
)
def test_no_bytes_break_the_tables(about: bytes, key: str, data: bytes, errors: bytes) -> None:
    of(about, errors, **{key: data})


def test_of_certificates_only_whole_blocks_are_taken_and_a_file_that_may_not_be_read_is_told() -> None:
    block = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    cut = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----BEGIN PRIVATE KEY-----\n"
    data = b"/a.pem\0=" + block + b"\n\0/b.pem\0!\0/c.pem\0=" + cut + b"\0rubbish\0=\0/d.pem\0=" + block

    found = harvest(Frames({"certificates": Section(data, "0", 0.0)}, True))

    assert found.certificates == {"/a.pem": block, "/b.pem": None, "/c.pem": b""}
