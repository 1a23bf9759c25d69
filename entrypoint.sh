#!/usr/bin/env bash
# The container's entry point:  entrypoint.sh [COMMAND...]      (default: the app)
#
#     root ─▶ which user? PUID:PGID, else the owner of the data, else 1000:1000 ─▶ wrong owners fixed ─▶ become that user
#     any user ─▶ UMASK ─▶ test write in each folder ─▶ migrate ─▶ exec the app
#
# A user given by --user skips the first line. Commands other than the app (python -m core doctor) get only the user and
# the umask, so that they can run beside the server.
set -euo pipefail

data=/app/data
app=(python castmind_app.py)

say() { printf 'CastMind: %s\n' "$@" >&2; }

die() {
    say "$@"
    exit 1
}

# --- which user -----------------------------------------------------------------------------------

number() {
    [[ ${2:-} =~ ^[0-9]{1,10}$ ]] || die "$1 is '${2:-}', which is not a number. Set it to what \`id\` prints on the host, or leave it out."
}

# Rootless engines map their user to root inside the container: that root owns the folder and has no rights outside it.
is_rootless() {
    local inside outside
    read -r inside outside _ </proc/self/uid_map
    [ "$inside" = 0 ] && [ "$outside" != 0 ]
}

choose_user() {
    uid=${PUID:-}
    gid=${PGID:-}
    if [ -z "$uid" ]; then
        uid=$(stat --format %u "$data")
        gid=${gid:-$(stat --format %g "$data")}
        if [ "$uid" = 0 ] && ! is_rootless; then
            uid=1000
            gid=${PGID:-1000}
        fi
    fi
    gid=${gid:-$uid}
    number PUID "$uid"
    number PGID "$gid"
}

capabilities() { sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status; }

# has CAPABILITY_BIT: 0 is CHOWN, 6 is SETGID, 7 is SETUID
has() { (((16#$(capabilities) >> $1) & 1)); }

become_user() {
    choose_user
    if [ "$uid" = 0 ]; then
        return
    fi
    if ! has 6 || ! has 7; then
        stay_root
        return
    fi
    if is_app "$@" && has 0; then
        python3 /app/docker/owners.py "$data" "$uid" "$gid"
    fi
    exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs "$0" "$@"
}

# Root without any capability is like any other user; with some it is privileged, and the app never runs as such a root.
stay_root() {
    local remedy="Give the container the capabilities CHOWN, SETUID and SETGID (cap_add), or start it with --user $uid:$gid."
    if [ -n "${PUID:-}" ]; then
        die "it may not become the user $uid:$gid that PUID and PGID name. $remedy"
    fi
    [[ $(capabilities) =~ ^0+$ ]] || die "it may not leave root, which still has capabilities. $remedy"
    say "no capability is left to change the user with, so it runs as uid 0, which without them is a user like others."
}

# --- test write in each folder ------------------------------------------------------------------------

mounted_below() { awk -v below="$data/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo; }

folders() {
    printf '%s\n' "$data"
    find "$data" -mindepth 1 -maxdepth 1 -type d 2>/dev/null || true
    mounted_below
}

# cannot_write FOLDER: print the system's reason if a file cannot be created there
cannot_write() {
    local probe="$1/.castmind-write-$$" error
    error=$({ printf x >"$probe"; } 2>&1) || printf '%s\n' "${error##*: }"
    rm -f "$probe" 2>/dev/null || true
}

remedy() {
    local folder=$1 reason=$2 there="the folder on the host that is mounted on $1"
    [ "$folder" = "$data" ] || [[ $(mounted_below) == *"$folder"* ]] || there="${folder#"$data"/} in the folder on the host that is mounted on $data"
    case $reason in
        *'Read-only file system'*)
            if [ "$folder" = "$data" ] && ! awk -v p="$data" '$5 == p { found = 1 } END { exit !found }' /proc/self/mountinfo; then
                echo "Nothing is mounted there: add a folder of the host, such as --volume ./data:$data"
            else
                echo "It is mounted read-only: take :ro (or read_only) away from that mount."
            fi
            ;;
        *'No space left'* | *'quota'*) echo "Free some space where that folder lies." ;;
        *) echo "On the host:  sudo chown -R $(id -u):$(id -g) FOLDER   where FOLDER is $there." ;;
    esac
}

test_folders() {
    local folder reason failed=
    while IFS= read -r folder; do
        reason=$(cannot_write "$folder")
        [ -n "$reason" ] || continue
        failed=yes
        say "cannot write in $folder as uid $(id -u), gid $(id -g) (${reason}; it belongs to $(stat --format '%u:%g, mode %a' "$folder" 2>/dev/null || echo 'nobody who can be seen'))."
        say "$(remedy "$folder" "$reason")"
    done < <(folders | sort -u)
    [ -z "$failed" ] || die "not started; nothing was changed."
}

# --- migrate, then the app -------------------------------------------------------------------------

# Bash as the container's first process forwards no signals by itself. Wait until the migration has really ended: when the
# first process exits, the kernel kills all others.
migrate() {
    local child status
    python -m core migrate >&2 &
    child=$!
    trap 'kill -TERM "$child" 2>/dev/null || true' TERM INT
    while true; do
        status=0
        wait "$child" || status=$?
        kill -0 "$child" 2>/dev/null || break
    done
    trap - TERM INT
    # 5: recordings or backups exist, but no library that can be opened. The app asks the user on its page.
    [ "$status" = 0 ] || [ "$status" = 5 ] || exit "$status"
}

is_app() { [ "$*" = "${app[*]}" ]; }

main() {
    [ $# -gt 0 ] || set -- "${app[@]}"
    [ "$(id -u)" != 0 ] || become_user "$@"
    umask_given
    if is_app "$@"; then
        test_folders
        migrate
    fi
    exec "$@"
}

umask_given() {
    [[ ${UMASK:-022} =~ ^0?[0-7]{3}$ ]] || die "UMASK is '$UMASK', which is not three octal digits such as 022."
    umask "${UMASK:-022}"
}

main "$@"
