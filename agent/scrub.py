"""Secrets in command lines, taken out before anything is printed, stored or sent.

What is named like a secret is masked, whatever it looks like, in the forms in which command lines write names:
--name=value, --name value, -Dname=value, NAME=value, "name": "value", Name: value, ?name=value. Beside that:
user:password@ in URLs, short options of known programs (mysql -p, curl -u), private keys, tokens known by their form,
and long runs of hex or base64. Masking too much is a nuisance, masking too little a leak, so doubt masks.

A name that ends in -file, -path and the like tells where a secret lies, not what it is, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"

_LONGEST = 32 * 1024
_DEEPEST = 4


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS = _set(
    "pass passwd password passphrase passcode pwd secret secrets token tokens apikey credential credentials creds "
    "bearer jwt psk otp totp passin passout authkey authtoken authpass passkey sas accountkey accesskey secretkey "
    "privatekey sharedkey storepass keypass requirepass masterauth mypass userpass userpwd connectionstring"
)
"""A name one of whose words is among these is a secret's name."""
_LAST_WORDS = _set("auth authorization pin sig signature pw dsn community cookie cookies")
"""These make a secret's name only as its last word: --proxy-auth, not --authorization-mode."""
_INSIDE = _set(
    "password passwd passphrase secret apikey credential passwort kennwort contrase motdepasse senha wachtwoord parola "
    "пароль 密码 密碼 パスワード"
)
"""So does one of these anywhere."""
_KEYED = _set("api access account private shared encryption master signing auth storage session license")
"""Before a last word `key` these make a secret's name: api_key, AWS_SECRET_ACCESS_KEY."""
_HARMLESS_END = _set(
    "file files path paths dir directory url uri endpoint name names policy mode ttl expiry expiration timeout type "
    "length size limit interval algorithm id ids provider store manager class prefix location min max lifetime "
    "duration method methods plugin host port required enabled disabled caching cache retries"
)
"""A name whose last word is one of these tells about a secret, or where it lies."""
_BARE = _set("password passphrase secret psk requirepass masterauth wifi-sec.psk 802-11-wireless-security.psk")
"""Words that announce a secret without being an option: nmcli ... password X. Not "Password Requests", a sentence."""
_PLAIN = re.compile(r"(?:true|false|yes|no|on|off|none|null|required|optional|disabled|enabled|\*+)?\Z", re.IGNORECASE)
_NEGATED = re.compile(r"-*(no|disable|enable|without|skip|ask|prompt)[-_]", re.IGNORECASE)
_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[\w.@+\-]{1,40}){2,12}\Z")

_MYSQL = "mysql mariadb mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlslap mysqlbinlog"
_ORACLE = _set("sqlplus sqlldr expdp impdp rman exp imp")


def _by_program(*rows: tuple[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(options.split()) for names, options in rows for name in names.split()}


_SHORT = _by_program(
    ("curl lftp", "-u -U --user --proxy-user"),
    ("http https redis-cli redis-benchmark valkey-cli keydb-cli", "-a"),
    ("sshpass mongo mongosh mongodump mongorestore cqlsh rabbitmqadmin useradd usermod rdesktop beeline", "-p"),
    ("docker podman buildah skopeo az helm nuget oc", "-p"),
    ("sqlcmd bcp isql ipmitool zip unzip mosquitto_pub mosquitto_sub", "-P"),
    ("snmpget snmpgetnext snmpwalk snmpbulkwalk snmpset snmptrap snmptable", "-A -X -c"),
    ("ldapsearch ldapmodify ldapadd ldapdelete ldappasswd ldapwhoami", "-w"),
    ("smbclient net rpcclient smbget winexe wbinfo", "-U"),
    ("ssh-keygen", "-N -P"),
    ("openssl", "-k -K -pass -passin -passout"),
    ("expect", "-c"),
    ("vault", "login"),
)
"""Options of programs whose next argument is a secret, beside those named like one."""
_LOGIN = _set("docker podman buildah skopeo az helm nuget oc")
"""Programs whose -p means a password only beside `login`."""
_ATTACHED = _by_program(
    (_MYSQL + " sshpass 7z 7za 7zr unrar rar mongo mongodump", "-p"),
    ("curl lftp", "-u -U"),
    ("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami", "-w"),
    ("smbclient rpcclient winexe", "-U"),
    ("sqlcmd bcp", "-P"),
)
"""Options of programs that have the secret attached: mysql -pSECRET."""

_TOKEN = re.compile(r"""(?:"(?:\\.|[^"\\])*(?:"|\Z)|'[^']*(?:'|\Z)|\\.|[^\s"'\\]|\\\Z)+""", re.DOTALL)
_NAME = re.compile(r"""(?<![\w.\-])((?:\\{0,3}["'])?)([\w.\-]{1,80})\1[ \t]{0,4}(?:=>|:=|[:=])[ \t]{0,4}""")
_VALUE = re.compile(
    r""""(?:\\.|[^"\\])*(?:"|\Z)|'[^']*(?:'|\Z)
        |(?:(?:Bearer|Basic|Digest|Token|Negotiate|ApiKey)[ \t]+)?(?:[^\s&;,]|[&;,](?!\s|\Z|[\w.\-\ ]{1,40}=))+""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SQL = re.compile(
    r"""\b(identified\s+by(?:\s+password)?|password|passphrase)(\s+)(?:"[^"]*"?|'[^']*'?)""", re.IGNORECASE
)
_USERINFO = re.compile(
    r"(?<![a-z0-9+.\-])([a-z][a-z0-9+.\-]{0,20}://[^\s/:@'\"]{0,256}):(?!\d{1,5}/)([^\s'\"]{0,1024})@", re.IGNORECASE
)
_TOKEN_USER = re.compile(r"(?<![a-z0-9+.\-])([a-z][a-z0-9+.\-]{0,20}://)[^\s/:@'\"]{16,1024}@", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic)(\s+)[\w+/=.~\-]{8,}", re.IGNORECASE)
_PEM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----.*?(-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----|\Z)", re.DOTALL
)
_FORMS = re.compile(
    r"""(?<![A-Za-z0-9])(?:(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[0-9A-Z]{12,}|gh[oprsu]_\w{20,}|github_pat_\w{20,}|glpat-[\w\-]{16,}
        |xox[abeoprs]-[\w\-]{8,}|sk[-_](?:live_|test_|proj-|ant-)?[\w\-]{20,}|rk_live_\w{16,}|AIza[\w\-]{30,}|ya29\.[\w\-]{10,}
        |hv[sbr]\.[\w\-]{10,}|s\.[A-Za-z0-9]{24}\b|npm_\w{20,}|pypi-[\w\-]{20,}|SG\.[\w\-]{10,}\.[\w\-]{10,}|dop_v1_\w{20,}
        |eyJ[\w\-]{8,}(?:\.[\w\-]*){1,4}|AGE-SECRET-KEY-\w+|\$(?:1|2[aby]|5|6|y|gy|7|apr1|argon2\w*)\$[^\s:'"]{8,}
        |\{S?SHA\d*\}[\w+/=]{8,})""",
    re.VERBOSE,
)
_HEX = re.compile(r"(?<![A-Za-z0-9])(?:0x)?[0-9a-fA-F]{32,}(?![A-Za-z0-9])")
_BASE64 = re.compile(r"(?<![\w+/.\-])[A-Za-z0-9+_\-](?:[A-Za-z0-9+/_\-]){31,}={0,2}(?![\w+/])")


def scrub(argv: Sequence[str]) -> list[str]:
    """The arguments of a process, argv[0] first, with every secret masked.

    Beyond 32 Ki characters arguments are left out whole and an ellipsis stands for them, since a cut secret would no
    longer look like one.
    """
    kept: list[str] = []
    size = 0
    for argument in argv:
        size += len(argument) + 1
        if size > _LONGEST:
            return [*_arguments(kept, 0), "…"]
        kept.append(argument)
    return _arguments(kept, 0)


def scrub_text(text: str) -> str:
    """A command line or setting written as one text, with every secret masked; white space between words stays."""
    if len(text) <= _LONGEST:
        return _text(text, 0)
    words = text[:_LONGEST].rsplit(None, 1)
    return _text(words[0], 0) + " …" if len(words) > 1 else MASK


def _text(text: str, depth: int) -> str:
    spans = [match.span() for match in _TOKEN.finditer(text)]
    made, end = [], 0
    for (start, stop), word in zip(spans, _arguments([text[a:b] for a, b in spans], depth)):
        made += [text[end:start], word]
        end = stop
    return _patterns("".join([*made, text[end:]]))


def _arguments(argv: Sequence[str], depth: int) -> list[str]:
    programs = {_program(argument) for argument in argv}
    short: set[str] = set()
    attached: set[str] = set()
    made: list[str] = []
    before = ""
    for position, argument in enumerate(argv):
        program = _program(argument)
        if program in _SHORT and (program not in _LOGIN or "login" in argv):
            short.update(_SHORT[program])
        attached.update(_ATTACHED.get(program, ()))
        if before and not _is_option(argument):
            made.append(argument if _harmless(before, argument) else _masked(before, argument))
            before = ""
            continue
        announces = argument in short or (position > 0 and argument in _BARE) or _is_secret_option(argument)
        before = argument if announces else ""
        option = argument.lstrip("\"'")
        if option[:2] in attached and len(argument) > 2:
            made.append(option[:2] + _masked(option[:2], option[2:]))
        elif announces:
            made.append(argument)
        else:
            made.append(_argument(argument, depth))
    return _positional(programs, made)


def _positional(programs: set[str], made: list[str]) -> list[str]:
    """Masks secrets that a program takes by position."""
    if "chpasswd" in programs:
        made = [_masked("-u", m) if re.match(r"[\w.\-\"']+:\S", m) else m for m in made]
    if programs & _ORACLE:
        made = [re.sub(r"\A([\w.\"']+)/[^\s@/]+(?=@|\Z)", rf"\1/{MASK}", m) for m in made]
    takes_last = (
        (programs & {"htpasswd"} and any(re.match(r"-[A-Za-z]*b", m) for m in made))
        or (programs & {"rabbitmqctl"} and {"add_user", "change_password", "authenticate_user"} & set(made))
        or (programs & {"wpa_passphrase"} and len(made) > 2)
    )
    return [*made[:-1], MASK] if takes_last else made


def _argument(argument: str, depth: int) -> str:
    """One argument that is not the value of the one before it."""
    quote = argument[0] if len(argument) > 1 and argument[0] in "\"'" and argument[-1] == argument[0] else ""
    inner = argument[1:-1] if quote else argument
    assigned = re.match(r"([-/]{0,2}([\w.\-]{1,200})=)(.*)\Z", inner, re.DOTALL)
    if assigned and _names_secret(assigned[2]):
        return argument if _harmless(assigned[2], assigned[3]) else quote + assigned[1] + MASK + quote
    header = re.match(r"(/?([\w\-]{1,80}):[ \t]*)(?!//)(\S.*)\Z", inner, re.DOTALL)
    if header and (_names_secret(header[2]) or header[1].lower() == "/p:"):
        return argument if _harmless(header[2], header[3]) else quote + header[1] + MASK + quote
    if len(_TOKEN.findall(inner)) > 1:
        return MASK if depth >= _DEEPEST else quote + _text(inner, depth + 1) + quote
    return _patterns(argument)


def _masked(option: str, value: str) -> str:
    """A value's mask; behind an option for both, of `user:password`, `user%password`, `user,password` the user stays."""
    if option not in ("-u", "-U", "--user", "--proxy-user"):
        return MASK
    pair = re.match(r"([\w.@\\\-]{1,64}[:%,]).", value, re.DOTALL)
    return (pair[1] if pair else "") + MASK


def _patterns(text: str) -> str:
    """Masks what is a secret wherever it stands."""
    if "PRIVATE KEY" in text:
        text = _PEM.sub(MASK, text)
    if "://" in text:
        text = _USERINFO.sub(rf"\1:{MASK}@", text)
        text = _TOKEN_USER.sub(rf"\1{MASK}@", text)
    if "=" in text or ":" in text:
        text = _assignments(text)
    text = _SQL.sub(rf"\1\2'{MASK}'", text)
    text = _BEARER.sub(rf"\1\2{MASK}", text)
    text = _FORMS.sub(MASK, text)
    text = _HEX.sub(MASK, text)
    return _BASE64.sub(_drawn, text)


def _assignments(text: str) -> str:
    """Masks values behind secrets' names; where a name is another one, its value is looked through for names too."""
    made: list[str] = []
    done = at = 0
    while True:
        name = _NAME.search(text, at)
        if name is None:
            return "".join([*made, text[done:]])
        at = name.end()
        # "/etc/passwd: not understood" tells of a file.
        is_path = text[max(name.start() - 1, 0) : name.start()] == "/" and name[0].endswith(": ")
        named = _names_secret(name[2]) and not is_path and not text.startswith("//", at)
        value = _VALUE.match(text, at) if named else None
        if value is None or _harmless(name[2], value[0].strip("\"'")):
            continue
        quote = value[0][0] if value[0][0] in "\"'" else ""
        made += [text[done:at], quote, MASK, quote]
        done = at = value.end()


def _drawn(match: re.Match[str]) -> str:
    """Masks what looks drawn by lot: upper and lower case letters and at least three digits."""
    found = match[0]
    mixed = any(c.isupper() for c in found) and any(c.islower() for c in found)
    return MASK if mixed and sum(c.isdigit() for c in found) >= 3 else found


def _names_secret(name: str) -> bool:
    """True where a name is that of a secret."""
    words = [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name[:200])]
    if words[-2:] == ["secret", "id"]:
        return True
    if words and words[-1] in _HARMLESS_END:
        return False
    if words[-1:] == ["key"] and len(words) > 1 and words[-2] in _KEYED:
        return True
    if not _WORDS.isdisjoint(words) or (words and words[-1] in _LAST_WORDS):
        return True
    joined = re.sub(r"[\W_]", "", name[:200]).lower()
    return any(inside in joined for inside in _INSIDE)


def _harmless(name: str, value: str) -> bool:
    """True of a switch, and of a path where the name does not say outright that a secret stands there."""
    if _PLAIN.match(value):
        return True
    last = re.findall(r"[a-z]+", name.lower())[-1:]
    path = last and (last[0] in _LAST_WORDS or last[0] in ("pwd", "key")) and "secret" not in name.lower()
    return bool(path) and _PATH.match(value) is not None


def _is_secret_option(argument: str) -> bool:
    found = re.match(r"--?([\w.\-]{2,200})\Z", argument)
    return found is not None and not _NEGATED.match(argument) and _names_secret(found[1])


def _is_option(argument: str) -> bool:
    return re.match(r"--[A-Za-z]|-[A-Za-z]\Z", argument) is not None


def _program(argument: str) -> str:
    return argument.rsplit("/", 1)[-1].strip("\"'").lower() if len(argument) < 200 else ""
