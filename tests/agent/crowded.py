"""A host with very many processes and sockets, made up: more than a machine of the tests can hold."""

from __future__ import annotations

from agent import proc, running, sockets, systemd
from agent.fact import Content, File, Need, Output, Supplied
from agent.recording import RecordedShell

_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def crowded(processes: int, connections: int) -> RecordedShell:
    """A web server's host: one instance of many workers that hold the connections to its port 443."""
    supplied: dict[Need, Supplied] = {}
    for need in running.NEEDS:
        if isinstance(need, File):
            supplied[need] = Content(b"")
    stat, status, command, cgroup, exe, fd = proc.NEEDS
    pids = range(1, processes + 1)
    names = {pid: "systemd" if pid == 1 else "nginx" if pid < processes // 2 else f"job{pid}" for pid in pids}
    fields = "0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 100 1000000 100 18446744073709551615"

    def members(name: str, text: dict[int, str]) -> dict[str, Content]:
        return {f"/proc/{pid}/{name}": Content(t.encode()) for pid, t in text.items()}

    supplied[stat] = members("stat", {p: f"{p} ({names[p]}) S {min(p - 1, 2)} {p} {p} {fields}" for p in pids})
    supplied[status] = members(
        "status", {p: f"Name:\t{names[p]}\nUid:\t33\t33\t33\t33\nVmRSS:\t   5000 kB\nNSpid:\t{p}\n" for p in pids}
    )
    supplied[command] = members("cmdline", {p: f"/usr/sbin/{names[p]}\0-c\0/etc/{names[p]}.conf\0" for p in pids})
    supplied[cgroup] = members("cgroup", {p: f"0::/system.slice/{names[p]}.service\n" for p in pids})
    supplied[exe] = {f"/proc/{p}/exe": f"/usr/sbin/{names[p]}" for p in pids}
    holders = [p for p in pids if names[p] == "nginx"]
    supplied[fd] = {f"/proc/{holders[n % len(holders)]}/fd/{n + 3}": f"socket:[{n + 100}]" for n in range(connections)}
    rows = [_row(0, "00000000:01BB", "00000000:0000", "0A", 99)]
    rows += [
        _row(n, "0100000A:01BB", f"{n % 250:02X}{n // 250 % 250:02X}010A:{20000 + n // 62500:04X}", "01", n + 100)
        for n in range(connections)
    ]
    supplied[File("/proc/net/tcp")] = Content((_HEAD + "".join(rows)).encode())
    for name in ("tcp6", "udp", "udp6"):
        supplied[File(f"/proc/net/{name}")] = Content(_HEAD.encode())
    supplied[sockets.NEEDS[-1]] = Content(b"32768\t60999\n")
    supplied[systemd.UNITS] = Output(b"")
    supplied[proc.UPTIME] = Content(b"1000000.00 1.00\n")
    return RecordedShell(supplied)


def _row(number: int, local: str, remote: str, state: str, inode: int) -> str:
    queues = "00000000:00000000 00:00000000 00000000"
    return f"{number:4}: {local} {remote} {state} {queues}    33        0 {inode} 1 x 20 4 30 10 -1\n"
