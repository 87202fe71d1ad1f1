"""Settings of the running kernel that a host's security depends on.

Sources: the files of /proc/sys that `SYSCTLS` names, as proc_sys(5) and the kernel's Documentation/admin-guide/sysctl have
them; the security modules and the lockdown of /sys/kernel/security (kernel_lockdown(7)), /sys/fs/selinux/enforce (selinux(8)),
/sys/module/apparmor/parameters/enabled; /sys/devices/system/cpu/vulnerabilities (the kernel's ABI); /proc/cmdline (proc(5)).
Yields a KernelSetting for each that this kernel has. Those of single interfaces are left out, and what the kernel shows to
CAP_SYS_ADMIN alone (net.core.bpf_jit_harden), which a hardened service goes without. A few are shown to root only: an ordinary
user's section goes without, as privilege "user".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agent.fact import Content, Context, File, Files, Inapplicable, Material, Missing, Need, ParseError, Unavailable
from agent.scrub import scrub_text
from cmdb.model.classes.kernel_setting import KernelSetting

_INTERFACES = ("all", "default")
SYSCTLS = (
    "crypto.fips_enabled",
    "dev.tty.ldisc_autoload",
    "dev.tty.legacy_tiocsti",
    "fs.protected_fifos",
    "fs.protected_hardlinks",
    "fs.protected_regular",
    "fs.protected_symlinks",
    "fs.suid_dumpable",
    "kernel.core_pattern",
    "kernel.core_uses_pid",
    "kernel.dmesg_restrict",
    "kernel.io_uring_disabled",
    "kernel.kexec_load_disabled",
    "kernel.kptr_restrict",
    "kernel.modules_disabled",
    "kernel.panic",
    "kernel.panic_on_oops",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.sysrq",
    "kernel.unprivileged_bpf_disabled",
    "kernel.unprivileged_userns_clone",
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.yama.ptrace_scope",
    "net.core.bpf_jit_enable",
    "net.ipv4.icmp_echo_ignore_all",
    "net.ipv4.icmp_echo_ignore_broadcasts",
    "net.ipv4.icmp_ignore_bogus_error_responses",
    "net.ipv4.ip_forward",
    "net.ipv4.tcp_rfc1337",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_timestamps",
    *(
        f"net.ipv4.conf.{interface}.{name}"
        for interface in _INTERFACES
        for name in (
            "accept_redirects",
            "accept_source_route",
            "log_martians",
            "proxy_arp",
            "rp_filter",
            "secure_redirects",
            "send_redirects",
        )
    ),
    *(
        f"net.ipv6.conf.{interface}.{name}"
        for interface in _INTERFACES
        for name in (
            "accept_ra",
            "accept_redirects",
            "accept_source_route",
            "disable_ipv6",
            "forwarding",
            "use_tempaddr",
        )
    ),
    "user.max_user_namespaces",
    "vm.mmap_min_addr",
    "vm.mmap_rnd_bits",
    "vm.mmap_rnd_compat_bits",
    "vm.unprivileged_userfaultfd",
)
"""Names as sysctl(8) has them."""

_OTHERS = {
    "/proc/cmdline": "cmdline",
    "/sys/kernel/security/lockdown": "lockdown",
    "/sys/kernel/security/lsm": "lsm",
    "/sys/fs/selinux/enforce": "selinux enforce",
    "/sys/module/apparmor/parameters/enabled": "apparmor enabled",
}
_PATHS = {**{f"/proc/sys/{name.replace('.', '/')}": name for name in SYSCTLS}, **_OTHERS}
_VULNERABILITIES = Files("/sys/devices/system/cpu/vulnerabilities/*", 4096, 100)
_LIMIT = 64 * 1024

NAME = "kernel_settings"
VERSION = 2
CLASSES = ("KernelSetting",)
RELATIONS: tuple[str, ...] = ()
LIMITED = True
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (*(File(path, _LIMIT) for path in _PATHS), _VULNERABILITIES)


def collect(material: Material, context: Context) -> Iterator[KernelSetting]:
    """Settings in force; raises Unavailable where root may not read one, Inapplicable where there is none at all."""
    texts: dict[str, str] = {}
    for path, name in _PATHS.items():
        _add(texts, name, material.missing(File(path, _LIMIT)) or material.file(path), context)
    for path, found in material.files(_VULNERABILITIES).items():
        _add(texts, f"vulnerability {path.rpartition('/')[2]}", found, context)
    if not texts:
        raise Inapplicable("the kernel shows no settings here: no /proc/sys")
    settings = parse(texts)
    for name in sorted(settings):
        yield observe(name, settings[name])


def parse(texts: Mapping[str, str]) -> dict[str, str]:
    """Values by name: white space is one space, of words to choose from the chosen one (in brackets) alone.

    Raises ParseError where a setting has more than one line.
    """
    found = {}
    for name, text in texts.items():
        line = text.strip()
        if "\n" in line:
            raise ParseError(f"{name}: a setting has one line, found {line[:200]!r}")
        chosen = re.search(r"\[(\S+)\]", line) if name == "lockdown" else None
        found[name] = chosen[1] if chosen else " ".join(line.split())
    return found


def observe(name: str, value: str) -> KernelSetting:
    """What the CMDB should know of it; a secret among the kernel's parameters is masked."""
    return KernelSetting(name=name, value=scrub_text(value))


def _add(texts: dict[str, str], name: str, found: Content | Missing, context: Context) -> None:
    if isinstance(found, Content):
        texts[name] = found.text
    elif found.kind == "absent" or (found.kind == "denied" and context.privilege == "user"):
        return
    else:
        raise Unavailable(found.reason)
