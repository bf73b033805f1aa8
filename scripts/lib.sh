# Shared by scripts/run and scripts/test. Sourced, not executed.
# shellcheck shell=bash

# shellcheck disable=SC2034  # used by the scripts that source this file
readonly EX_UNAVAILABLE=69

say() { printf '%s\n' "$*" >&2; }
headline() { if [ -t 2 ]; then printf '\033[1m==> %s\033[0m\n' "$*" >&2; else printf '==> %s\n' "$*" >&2; fi; }
fail() { # EXIT_CODE MESSAGE [HINT]
    printf 'error: %s\n' "$2" >&2
    [ $# -lt 3 ] || printf 'hint:  %s\n' "$3" >&2
    exit "$1"
}

# Debian keeps servers where the PATH of an ordinary user does not lead.
PATH=$PATH:/usr/sbin:/sbin

have() { command -v "$1" >/dev/null 2>&1; }
have_header() { # a file below an include folder
    local folder
    for folder in /usr/include /usr/local/include /usr/include/*-linux-gnu; do
        [ -e "$folder/$1" ] && return 0
    done
    return 1
}

# The folder with PostgreSQL's programs: Debian keeps them out of PATH, one folder for each major version.
postgres_bin() {
    local folder program candidates
    candidates=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV)
    have initdb && candidates+=$'\n'$(dirname "$(readlink -f "$(command -v initdb)")")
    while IFS= read -r folder; do
        for program in initdb postgres pg_isready createdb; do [ -x "$folder/$program" ] || continue 2; done
        printf '%s\n' "$folder"
        return 0
    done <<<"$candidates"
    return 1
}

# Asks for what is used, not for a package's name: a PostgreSQL of another version or source is as good.
is_there() { # PACKAGE
    case "$1" in
        libhiredis-dev) have_header hiredis/hiredis.h ;;
        libpq-dev) have_header libpq-fe.h || have_header postgresql/libpq-fe.h ;;
        libargon2-dev) have_header argon2.h ;;
        zlib1g-dev) have_header zlib.h ;;
        pkg-config) have pkg-config ;;
        postgresql) postgres_bin >/dev/null ;;
        redis-server) have redis-server ;;
        chromium) have chromium ;;
        nginx | haproxy | openssl) have "$1" ;;
        python3) have python3 ;;
        python3-venv) python3 -c 'import ensurepip, venv' >/dev/null 2>&1 ;;
        util-linux) have setpriv ;;
        *) dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed ;;
    esac
}

# Installs those packages that are missing, and nothing else. Packages that bring a system service are installed without
# starting it, and without having it started at the next boot: the chat runs servers of its own.
ensure_packages() { # PACKAGE...
    local package missing=() as_root=()
    for package in "$@"; do is_there "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    local command="apt-get install --no-install-recommends ${missing[*]}"
    have apt-get || fail "$EX_UNAVAILABLE" "missing: ${missing[*]} (and there is no apt-get to install them)" \
        "install these Debian packages, or what they are called on this system"
    if [ "$(id -u)" -ne 0 ]; then
        if have sudo && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            fail "$EX_UNAVAILABLE" "missing packages: ${missing[*]}" "as root: $command"
        fi
    fi
    headline "Installing ${missing[*]}"
    local log policy=/usr/sbin/policy-rc.d made_policy=no code=0
    log=$(mktemp)
    if [ ! -e "$policy" ]; then
        # Debian's hook to keep package scripts from starting services (invoke-rc.d(8)).
        made_policy=yes
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
    fi
    local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q
        -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}")
    # The package lists may be missing or old: then fetch them and try again.
    "${install[@]}" >"$log" 2>&1 </dev/null ||
        { "${as_root[@]}" apt-get -q update >"$log" 2>&1 </dev/null && "${install[@]}" >>"$log" 2>&1 </dev/null; } || code=$?
    [ "$made_policy" = no ] || "${as_root[@]}" rm -f "$policy"
    for package in postgresql redis-server nginx haproxy; do
        case " ${missing[*]} " in
            *" $package "*) "${as_root[@]}" systemctl disable "$package" >/dev/null 2>&1 || true ;;
        esac
    done
    if [ "$code" -ne 0 ]; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        fail "$EX_UNAVAILABLE" "could not install ${missing[*]}" "try it by hand: $command"
    fi
    rm -f "$log"
    hash -r
}

ensure_swift() {
    have swift || fail "$EX_UNAVAILABLE" "swift is not in PATH" "install Swift 6.2 or later: https://www.swift.org/install/"
}

readonly RUN_PACKAGES=(libhiredis-dev libpq-dev libargon2-dev zlib1g-dev pkg-config postgresql redis-server util-linux)
