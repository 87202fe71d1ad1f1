"""The parts of the script that are the same for every host, see script.py for how they are joined.

Names are short, since all of it travels to every host: N the nonce, L a line end, U the effective user id, R the program
that gives rights of root, Q the prompt of sudo, D "gnu" or "plain" for the dialect of find and grep, B programs that
others than root can write, P the program that was found, W why none was, H mounts that may hang.
"""

from __future__ import annotations

HEAD = r"""{
N=@FIRST@
N=${N}@SECOND@
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/nonexistent
export PATH LC_ALL HOME
umask 077
cd /
exec 5<&0 9>&2 </dev/null
E= n=0 m=0 u= U= R= Q=@PROMPT@ D=gnu B= P= W= H= T= Y= Z=Z
L='
'
"""

FUNCTIONS = r"""
b() {
  read -r u w </proc/uptime
  printf '\n%s begin %s %s\n' "$N" "$1" "$u"
  printf '\n%s %s\n' "$N" "$1" >&2
}
e() {
  n=$((n+1))
  printf '\n%s end %s\n' "$N" "$1"
}
"""

TOOLS = r"""
F= G=
for w in /usr/bin /bin /usr/sbin /sbin; do
  [ "$F" ] || [ ! -x $w/find ] || F=$w/find
  [ "$G" ] || [ ! -x $w/grep ] || G=$w/grep
done
for w in /bin/busybox /usr/bin/busybox /bin/toybox /usr/bin/toybox; do
  if [ "$F" -ef $w ] || [ "$G" -ef $w ] || [ /proc/$$/exe -ef $w ]; then D=plain Z=; fi
done
while read -r w h U T; do
  case $w in Uid:) break;; esac
done </proc/self/status
"""

CHECK = r"""
# Whether a program is there that nobody but root can replace.
ok() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  w=$1
  while [ "$w" ]; do
    case $B in *"$L$w$L"*) W=$w; return 1;; esac
    w=${w%/*}
  done
  case $B in *"$L/$L"*) W=/; return 1;; esac
}
# The first such one of several places.
p() {
  P= W=
  for r; do
    ok "$r" && P=$r && return 0
  done
  return 1
}
# KEY ARGUMENTS: runs the program that p found, if it did.
c() {
  b "$1"
  shift
  if [ "$P" ]; then
    LC_ALL=C.UTF-8 "$P" "$@"
    e $?
  elif [ "$W" ]; then
    e "denied $W"
  else
    e absent
  fi
}
none() {
  b "$1"
  e root
}
"""

TRUST = r"""
B=$L$(find @PROGRAMS@ \
  -maxdepth 0 ! -type l \( ! -user 0 -o -perm -20 -o -perm -2 \) -print 2>/dev/null)$L
"""

WAY = r"""
# What lstat says of paths, and of all that links among them lead to.
way() {
  hops "$@" || return
  set -f; IFS=$L; set -- "$@" $Y; unset IFS; set +f
  if [ $D = gnu ]; then
    find "$@" -maxdepth 0 -printf '%y %m %U %G %s %p\0%l\0'
  else
    find "$@" -maxdepth 0 -exec stat -c '%f %u %g %s %n' {} +
  fi
}
# Adds to Y what links among the paths lead to, with all on the way.
hops() {
  k=0
  while [ $# -gt 0 ] && [ $k -lt 9 ]; do
    k=$((k+1))
    T=$L
    for r; do
      case $r in *"$L"*) continue;; esac
      [ -h "$r" ] && T=$T$r$L
    done
    set -f; IFS=$L; set -- $T; unset IFS; set +f
    [ $# -gt 0 ] || return 0
    if [ $D = gnu ]; then
      T=$(find "$@" -maxdepth 0 -printf '%p\n%l\n' 2>/dev/null)
      w=$?
      [ $w -lt 126 ] || return $w
    else
      T=
      for r; do
        w=$(readlink "$r")
        T=$T$r$L$w$L
        printf '> %s\n> %s\n' "$r" "$w"
      done
    fi
    set -f; IFS=$L; set -- $T; unset IFS; set +f
    T=$L h=
    for r; do
      if [ -z "$h" ]; then h=${r%/*}; h=${h:-/}; continue; fi
      case $r in /*) w=$r;; *) w=${h%/}/$r;; esac
      h=
      while [ "$w" ]; do
        case $Y in *"$L$w$L"*) break;; esac
        Y=$Y$w$L T=$T$w$L
        w=${w%/*}
      done
    done
    set -f; IFS=$L; set -- $T; unset IFS; set +f
  done
}
"""

MOUNTS = r"""
H=$L T=$L
Y=$(cat /proc/self/mountinfo)
set -f; IFS=$L
for r in $Y; do
  h=${r#* * * * }
  h=${h%% *}
  w=${r#* - }
  w=${w%% *}
  case $h in *\\012*|*\\134*) continue;; *\\*) h=$(printf '%b' "$h");; esac
  case $w in
  @HANGING@)
    H=$H$h$L$L;;
  *)
    case $H in *"$L$h$L"*) H=${H%%"$L$h$L"*}$L${H#*"$L$h$L"};; esac
    T=$T$h$L;;
  esac
done
set -- $T
unset IFS; set +f
case $H in *[!"$L"]*) ;; *) H=$L;; esac
"""

CAPACITY = r"""
T=$L
for r; do
  case $H$T in *"$L$r$L"*) ;; *) T=$T$r$L;; esac
done
set -f; IFS=$L; set -- $T; unset IFS; set +f
b capacity
stat -f -c '%b %S %a %n' "$@"
e $?
"""

READ = r"""
# Sets T to the paths that lie on no mount that may hang.
q() {
  T=$L
  set -f; IFS=$L
  for r; do
    w=$r
    for h in $H; do
      case $r in "$h"/*) w=; break;; esac
    done
    [ "$w" ] && T=$T$r$L
  done
  unset IFS; set +f
}
# FUNCTION PATHS: calls it with those of the paths that lie on no mount that may hang.
o() {
  v=$1
  shift
  [ "$H" = "$L" ] || { q "$@"; set -f; IFS=$L; set -- $T; unset IFS; set +f; }
  [ $# = 0 ] || "$v" "$@"
}
# Folders that are there and may not be listed.
un() {
  for r; do
    [ -d "$r" ] && [ ! -r "$r" ] && printf '%s\n' "$r"
  done
  return 0
}
# One by one: printf is a program in some shells, and takes no more at once than others.
each() {
  for r; do
    printf '%s\0' "$r"
  done
}
# grep over paths, in pieces where the kernel takes not as many at once.
g() {
  Y=$1
  shift
  grep -aHE$Z "$Y" "$@"
  w=$?
  [ $w = 126 ] || return $w
  each "$@" | xargs -0 grep -aHE$Z "$Y"
}
# Links and where they lead; of open files only sockets.
l() {
  if [ $D = gnu ]; then
    find "$@" -maxdepth 1 \( ! -path '*/fd*' -o -lname 'socket:*' \) -printf '%p\0%l\0'
    w=$?
    [ $w = 126 ] || return $w
    each "$@" | xargs -0 sh -c \
      'find "$@" -maxdepth 1 \( ! -path "*/fd*" -o -lname "socket:*" \) -printf "%p\0%l\0"' sh
  else
    find "$@" -maxdepth 1 -type l -exec ls -ln {} +
  fi
}
# What stands in regular files of less than z bytes.
f() {
  if [ $D = gnu ]; then
    find -L "$@" -maxdepth 0 -type f -size -${z}c -exec grep -aHZ '' {} +
  else
    find -L "$@" -maxdepth 0 -type f ! -name '*:*' ! -name "*$L*" -size -${z}c -exec grep -aH '' {} +
  fi
}
# Of files of less than z bytes the blocks of certificates, and no other line: what ends one is any mark, so that a key
# behind one that is cut is never shown. Each is PATH NUL "=" BLOCKS NUL, or PATH NUL "!" NUL where it may not be read.
pc() {
  for r; do
    [ -f "$r" ] || continue
    printf '%s\0' "$r"
    if [ -r "$r" ]; then
      printf '='
      head -c $z "$r" | sed -n '/^-----BEGIN [A-Z0-9]* *CERTIFICATE-----/,/^-----/p'
    else
      printf '!'
    fi
    printf '\0'
  done
}
# Their digests.
d() {
  find -L "$@" -maxdepth 0 -type f -size -${z}c -exec sha256sum {} +
}
"""

ELEVATE = r"""
# The program that p found with the rights of root, and nothing else.
as() {
  if [ "$Q" ]; then
    "$R" -S -p "$Q$m:" "$P" "$@" <&5 2>&9
  else
    "$R" -n "$P" "$@" 2>&9
  fi
}
# KEY ARGUMENTS
x() {
  b "$1"
  printf '\n%s %s\n' "$N" "$1" >&9
  shift
  m=$((m+1))
  as "$@"
  e $?
}
# The same for the first: where it shows nothing the account has no such rights, and is not asked again.
xt() {
  printf '\n%s %s\n' "$N" "$1" >&9
  shift
  m=$((m+1))
  T=$(as "$@")
  if [ "$T" ]; then
    b xtexts
    printf '%s\n' "$T"
    e 0
  else
    R=
  fi
}
"""

COUNT = r"""printf '\n%s count %s\n' "$N" "$n"
printf '\n%s count\n.' "$N" >&2
"""

RUN = r"""
# What is printed on standard error is kept in memory until the end.
all() {
  trap : TERM
  { E=$(main 2>&1 >&3 3>&-); } 3>&1
  b errors 2>/dev/null
  printf '%s' "$E"
  e 0
  printf '\n%s done\n' "$N"
}
trap : TERM
(
  trap 'kill $w 2>/dev/null; exit' TERM
  while :; do
    sleep @PATIENCE@ &
    w=$!
    wait $w || exit
    trap : TERM
    kill -TERM 0
    trap 'kill $w 2>/dev/null; exit' TERM
  done
) >/dev/null 2>&1 5<&- 9>&- &
K=$!
if [ -t 1 ]; then
  stty -opost -echo <&1 2>/dev/null
  all
elif @PACKED@ && command -v gzip >/dev/null 2>&1; then
  printf '\n%s packed\n' "$N"
  all | (trap '' TERM; exec gzip -1)
else
  all
fi
kill $K 2>/dev/null
exit 0
}
"""
