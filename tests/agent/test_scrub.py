"""Secrets never leave a command line, and harmless command lines stay as they are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.scrub import MASK, scrub, scrub_text

S = "Tr0ub4dor"
"""The secret of the cases below; none may show it."""
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

ARGV = [
    ["mysqld", f"--password={S}"],
    ["app", "--password", S],
    ["app", "-password", S],
    ["app", f"--db-password={S} with spaces, and commas"],
    ["app", f"--DB_PASSWORD={S}"],
    ["app", f"--dbPassword={S}"],
    ["app", "--dbPassword", f"'{S}'"],
    ["mysql", "-u", "root", f"-p{S}"],
    ["/usr/bin/mysqldump", "-uroot", f"-p{S}", "--all-databases"],
    ["mariadb", "-h", "db", f"-p{S} x"],
    ["mysqldump", f"-psecret{S}", "db"],
    ["app", "--token", S],
    ["app", f"--token={S}"],
    ["app", "--api-key", S],
    ["app", f"--apikey={S}"],
    ["app", f"--secret-id={S}"],
    ["app", f"--client-secret={S}"],
    ["app", f"--aws-secret-access-key={S}"],
    ["app", f"postgres://user:{S}@db/app"],
    ["app", f"redis://:{S}@cache:6379/0"],
    ["app", f"amqp://user:{S}@one@rabbit:5672/"],
    ["app", f"postgres://user:{S}/slash@db/app"],
    ["app", "--url", f"https://{S}{S}@git.example/x.git"],
    ["app", f"jdbc:postgresql://db/app?user=a&password={S}"],
    ["app", f"https://api.example/v1?access_token={S}&page=2"],
    ["app", f"https://blob.example/x?sv=2020&sig={S}"],
    ["env", f"PGPASSWORD={S}", "psql", "-h", "db"],
    ["env", f"MYSQL_PWD={S}", "mysql"],
    ["docker", "run", "-e", f"MYSQL_ROOT_PASSWORD={S}", "mysql:8"],
    ["docker", "run", f"--env=POSTGRES_PASSWORD={S}", "postgres"],
    ["docker", "login", "-u", "me", "-p", S, "registry.example"],
    ["curl", "-H", f"Authorization: Bearer {S}", "https://x.example"],
    ["curl", "-H", f"authorization:Basic {S}=="],
    ["curl", "-H", f"X-Api-Key: {S}"],
    ["curl", "-H", f"PRIVATE-TOKEN: {S}"],
    ["curl", "-H", f"Cookie: a=1; session={S}"],
    ["curl", f"-HX-Auth-Token: {S}"],
    ["curl", "-u", f"user:{S}", "https://x.example"],
    ["curl", f"-uuser:{S}", "https://x.example"],
    ["curl", "--proxy-user", f"user:{S}", "https://x.example"],
    ["curl", "--user", f"user:{S}", "https://x.example"],
    ["curl", "-d", f'{{"user":"a","password":"{S}"}}', "https://x.example"],
    ["curl", "-d", f'{{\\"password\\":\\"{S}\\"}}'],
    ["curl", "--data", f"grant_type=password&password={S}&x=1"],
    ["sshpass", "-p", S, "ssh", "host"],
    ["sshpass", f"-p{S}", "ssh", "host"],
    ["java", f"-Dspring.datasource.password={S}", "-jar", "app.jar"],
    ["java", f"-Djavax.net.ssl.keyStorePassword={S}", "Main"],
    ["java", f"-Djavax.net.ssl.trustStorePassword={S}", "Main"],
    ["redis-cli", "-a", S, "ping"],
    ["redis-server", "--requirepass", S],
    ["redis-server", "requirepass", S],
    ["app", f"Server=db;Database=a;User Id=b;Password={S};Encrypt=true"],
    ["app", f"Server=db;Pwd={S}, more;Encrypt=true"],
    ["app", f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={S}==;EndpointSuffix=x"],
    ["app", f"Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={S}"],
    ["psql", f"host=db user=a password={S} dbname=x"],
    ["psql", f"host=db password='{S} with space' dbname=x"],
    ["psql", "-c", f"ALTER USER a PASSWORD '{S}'"],
    ["mysql", "-e", f"CREATE USER 'a'@'%' IDENTIFIED BY '{S} x'"],
    ["openssl", "enc", "-passin", f"pass:{S}"],
    ["openssl", "enc", "-pass", f"pass:{S}"],
    ["openssl", "enc", "-aes256", "-k", S],
    ["openssl", "pkcs12", "-passout", S],
    ["sh", "-c", f"mysql -u root -p{S} db < dump.sql"],
    ["sh", "-c", f"PGPASSWORD={S} psql -h db"],
    ["bash", "-c", f"export TOKEN='{S} {S}'\nexec app --port 80"],
    ["bash", "-c", f"exec app \\\n  --password {S} \\\n  --port 80"],
    ["bash", "-c", f'sh -c "mysql -p{S} db"'],
    ["bash", "-c", f"echo 'root:{S}' | chpasswd"],
    ["bash", "-c", f'app --password="{S} and no end'],
    ["su", "-", "app", "-c", f"app --password {S}"],
    ["ldapsearch", "-x", "-D", "cn=admin", "-w", S],
    ["ldapsearch", "-x", "-D", "cn=admin", f"-w{S}"],
    ["smbclient", "//server/share", "-U", f"user%{S}"],
    ["mount", "-t", "cifs", "//s/x", "/x", "-o", f"username=a,password={S},vers=3"],
    ["mongo", "-u", "a", "-p", S],
    ["mongod", f"mongodb+srv://a:{S}@cluster/x"],
    ["sqlcmd", "-S", "db", "-U", "sa", "-P", S],
    ["sqlplus", f"scott/{S}@orcl"],
    ["ipmitool", "-H", "bmc", "-U", "ADMIN", "-P", S],
    ["snmpwalk", "-v2c", "-c", S, "switch"],
    ["snmpwalk", "-v3", "-A", S, "-X", S, "switch"],
    ["7z", "a", f"-p{S}", "x.7z"],
    ["zip", "-P", S, "x.zip"],
    ["gpg", "--passphrase", S, "-d", "x"],
    ["ssh-keygen", "-t", "ed25519", "-N", S],
    ["htpasswd", "-b", "/etc/htpasswd", "user", S],
    ["rabbitmqctl", "add_user", "a", S],
    ["wpa_passphrase", "net", S],
    ["nmcli", "dev", "wifi", "connect", "net", "password", S],
    ["xfreerdp", "/u:a", f"/p:{S}", "/v:host"],
    ["vault", "login", S],
    ["useradd", "-p", S, "bob"],
    ["ansible-playbook", "-e", f"ansible_become_pass={S}"],
    ["ansible-playbook", "--extra-vars", f'{{"vault_password": "{S}"}}'],
    ["app", f"--config=user: a\npassword: {S}\nport: 1"],
    ["app", f"пароль={S}"],
    ["app", f"--Passwort={S}"],
    ["app", f"--密码={S}"],
    ["app", f"--password=ünïcødé-{S}-☃"],
    ["app", f"--password={S}\udcff"],
    ["postgres: app", f"--pass={S}"],
    [f"app --password {S} (worker)"],
    [f"app: PASSWORD={S}"],
]

TOKENS = [
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY12",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "glpat-20characterslongaaaa",
    "xoxb-1234567890-abcdefghij",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "AIzaSyA-1234567890abcdefghijklmnopqrstu",
    "hvs.CAESIJabcdefghijklmnop",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    JWT,
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "0x" + "9f86d081884c7d659a2feaa0c55ad015" * 2,
    "$6$rounds=5000$saltsalt$abcdefghijklmnopqrstuvwxyz",
    "{SSHA}abcdefghijklmnop",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk cut off here",
]

HARMLESS = [
    ["/usr/sbin/sshd", "-D"],
    ["sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"],
    ["nginx: master process /usr/sbin/nginx -g daemon on; master_process on;"],
    [
        "/usr/lib/postgresql/15/bin/postgres",
        "-D",
        "/var/lib/postgresql/15/main",
        "-c",
        "config_file=/etc/postgresql.conf",
    ],
    ["postgres: checkpointer "],
    ["postgres: app app 10.0.0.7(51234) idle in transaction"],
    [
        "/usr/sbin/mysqld",
        "--basedir=/usr",
        "--datadir=/var/lib/mysql",
        "--port=3306",
        "--pid-file=/run/mysqld/mysqld.pid",
    ],
    ["mysql", "-h", "db", "-P", "3306", "--protocol=tcp"],
    ["/usr/bin/python3", "-m", "http.server", "8000", "--bind", "127.0.0.1"],
    ["/usr/bin/python3", "-c", "import os; print(os.name)"],
    [
        "java",
        "-Xmx2g",
        "-XX:+UseG1GC",
        "-Dfile.encoding=UTF-8",
        "-cp",
        "/opt/app/lib/a.jar:/opt/app/lib/b.jar",
        "org.example.Main",
    ],
    ["kube-apiserver", "--authorization-mode=Node,RBAC", "--service-account-key-file=/etc/kubernetes/pki/sa.pub"],
    [
        "kube-apiserver",
        "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
        "--enable-bootstrap-token-auth=true",
    ],
    ["app", "--token-ttl=3600", "--password-file=/run/secrets/db", "--credentials-path", "/etc/app/creds"],
    ["docker", "run", "-p", "8080:80", "--name", "web", "nginx:1.25"],
    ["/usr/bin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock"],
    ["/sbin/agetty", "-o", "-p -- \\u", "--noclear", "-", "linux"],
    ["rsync", "-avz", "--delete", "/srv/a/", "backup@host:/srv/b/"],
    ["ssh", "-i", "/home/a/.ssh/id_ed25519", "-p", "2222", "user@host.example"],
    ["curl", "-sSL", "-o", "/tmp/x", "https://example.org:8443/path/file?page=2&sort=name"],
    ["curl", "http://host:80/p@v"],
    ["haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg", "-p", "/run/haproxy.pid"],
    ["Xorg", ":0", "-auth", "/run/user/1000/gdm/Xauthority"],
    ["dhclient", "-4", "-v", "-i", "-pf", "/run/dhclient.eth0.pid", "eth0"],
    ["/usr/lib/systemd/systemd-logind"],
    ["sh", "-c", "while true; do echo 'hello  world'; sleep 60; done"],
    ["node", "--max-old-space-size=4096", "/srv/app/server.js", "--bypass-cache"],
    ["redis-server", "*:6379"],
    ["/usr/bin/dbus-daemon", "--system", "--address=systemd:", "--nofork", "--nopidfile", "--systemd-activation"],
    ["psql", "--no-password", "-h", "db", "app"],
    ["passwd", "root"],
    ["app", "--name", "Grüße", "--city=Zürich"],
    ["/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "-jar", "/opt/Application2Server3Distribution4/lib/x.jar"],
    ["Dispatch Password Requests to Console Directory Watch"],
    ["/etc/shadow may not be read: Permission denied; run as root"],
    ["/etc/passwd: not understood: 'root:x:0'"],
    ["passwd -S -a: not understood: 'x y'"],
    [""],
    [],
]


@pytest.mark.parametrize("argv", ARGV, ids=lambda argv: " ".join(argv)[:60].encode("unicode_escape").decode())
def test_a_secret_does_not_survive_as_arguments_or_as_one_text(argv: list[str]) -> None:
    scrubbed = scrub(argv)

    assert S not in " ".join(scrubbed)
    assert MASK in " ".join(scrubbed)


@pytest.mark.parametrize("argv", ARGV, ids=lambda argv: " ".join(argv)[:60].encode("unicode_escape").decode())
def test_a_secret_does_not_survive_in_a_line_of_a_unit_file(argv: list[str]) -> None:
    line = " ".join(a if " " not in a and "\n" not in a else "'" + a.replace("'", '"') + "'" for a in argv)

    assert S not in scrub_text(line)


@pytest.mark.parametrize("token", TOKENS, ids=lambda t: t[:24])
def test_a_token_is_known_by_its_form(token: str) -> None:
    for argv in (["app", token], ["app", f"--x={token}"], ["app", f"x {token} y"], ["sh", "-c", f"run '{token}'"]):
        for secret in [line for line in token.splitlines() if not line.startswith("-----")]:
            assert secret not in " ".join(scrub(argv)), argv
            assert secret not in scrub_text(" ".join(argv)), argv


@pytest.mark.parametrize("argv", HARMLESS, ids=lambda argv: " ".join(argv)[:60])
def test_a_harmless_command_line_stays_as_it_is(argv: list[str]) -> None:
    assert scrub(argv) == argv
    assert scrub_text(" ".join(argv)) == " ".join(argv)


def test_the_user_of_a_masked_pair_stays() -> None:
    assert scrub(["curl", "-u", "bob:x", "https://bob:x@h/"]) == ["curl", "-u", "bob:***", "https://bob:***@h/"]


def test_scrubbing_again_changes_nothing() -> None:
    for argv in ARGV:
        once = scrub(argv)
        assert scrub(once) == once


def test_what_follows_a_mask_stays() -> None:
    assert scrub(["app", "--password", "x", "--port", "80"]) == ["app", "--password", "***", "--port", "80"]
    assert scrub_text("Server=db;Password=x;Encrypt=true") == "Server=db;Password=***;Encrypt=true"


def test_a_line_beyond_the_limit_is_left_out_and_not_cut_inside_a_secret() -> None:
    found = scrub(["app", *["x" * 1000] * 40, "--password", S])

    assert S not in " ".join(found)
    assert found[-1] == "…"
    assert scrub_text("y" * 40_000) == MASK


@pytest.mark.parametrize(
    "text",
    [
        "a" * 30_000,
        "a=" * 15_000,
        "://a:" * 6_000,
        "'" * 30_000,
        '"\\' * 15_000,
        "a:b " * 8_000,
        "-" * 30_000,
        "(" * 30_000,
    ],
)
def test_hostile_text_takes_no_more_than_linear_time(text: str) -> None:
    before = time.process_time()
    scrub(["app", text])
    scrub_text(text)
    assert time.process_time() - before < 3.0


@given(st.text(min_size=1, max_size=30).filter(lambda s: not s.lstrip().startswith("-") and "***" not in s))
def test_whatever_a_password_holds_it_is_masked(password: str) -> None:
    assert scrub(["app", f"--password={password}"])[1] in ("--password=***", f"--password={password}")
    assert scrub(["app", "--password", f"x{password}"])[2] == "***"
