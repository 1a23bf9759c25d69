# shellcheck shell=bash disable=SC2154,SC2034
# Start a version, and roll back to the old one if the new one is not healthy in time.
#
#     remember (the running image, under the tag `previous`) ─▶ up ─▶ healthy? ─▶ done
#                                                                        │ no
#     restore .env and tag ◀── restore the backup from before the migration ◀── stop

LOG_LINES=30
TOO_MANY_RESTARTS=3

# container: print the id of CastMind's container, running or not; skip one-off containers of `compose run`
container() {
    local id
    for id in $(compose ps --all --quiet castmind 2>/dev/null); do
        if [ "$(docker inspect --format '{{index .Config.Labels "com.docker.compose.oneoff"}}' "$id")" = False ]; then
            printf '%s' "$id"
            return
        fi
    done
}

# image: print the name of CastMind's image in the compose files
image() { compose config | awk '/^  [a-z]/ { here = $1 == "castmind:" } here && $1 == "image:" { print $2 }'; }

# untagged IMAGE: print it without tag and digest; a colon before a slash is a port
untagged() {
    local name=${1%@*}
    [[ ${name##*/} != *:* ]] || name=${name%:*}
    printf '%s' "$name"
}

state() {
    docker inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}} {{.RestartCount}} {{.State.ExitCode}}' "$1"
}

version_of() { docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.version"}}' "$1"; }

# Choose the version to roll back to: the running one if healthy, else the image last tagged as good.
remember() {
    local id
    old_file=$(given COMPOSE_FILE)
    old_image=$(image)
    previous=$(untagged "$old_image"):previous
    id=$(container)
    if [ -n "$id" ] && [[ $(state "$id") == "running healthy "* ]]; then
        old_image=$(docker inspect --format '{{.Config.Image}}' "$id")
        previous=$(untagged "$old_image"):previous
        docker tag "$(docker inspect --format '{{.Image}}' "$id")" "$previous"
    elif [ -z "$id" ] && docker image inspect "$old_image" >/dev/null 2>&1; then
        docker tag "$old_image" "$previous"
    fi
    docker image inspect "$previous" >/dev/null 2>&1 || previous=
}

start() {
    started=$(date +%s)
    tell plain starting
    compose up --detach --no-build && wait_until_healthy
}

wait_until_healthy() {
    local limit from=$SECONDS status health restarts code id
    limit=$(given CASTMIND_DEPLOY_WAIT)
    limit=${limit:-180}
    id=$(container)
    while :; do
        read -r status health restarts code < <(state "$id" | sed 's/^\([a-z]*\)  /\1 none /')
        why="$status, $health, restarts: $restarts, exit status: $code"
        if [ "$status $health" = "running healthy" ]; then
            meter_end
            tell plain healthy "$((SECONDS - from))"
            return
        fi
        if [ "$status" = exited ] || [ "$restarts" -ge "$TOO_MANY_RESTARTS" ] || [ $((SECONDS - from)) -ge "$limit" ]; then
            meter_end
            return 1
        fi
        meter "$((SECONDS - from))" "$limit"
        sleep 1
    done
}

# Show the wait: on a terminal one line that updates, in a file one line every ten seconds.
meter() {
    if [ -t 1 ]; then
        printf '\r%s' "$(filled waiting "$@")"
    elif [ "$1" -gt 0 ] && [ $(($1 % 10)) = 0 ]; then
        tell plain waiting "$@"
    fi
}

meter_end() { [ ! -t 1 ] || printf '\r\033[K'; }

show_log() { docker logs --tail "$LOG_LINES" "$(container)" 2>&1 | sed 's/^/  | /'; }

roll_back() {
    tell plain unhealthy "$why"
    show_log
    compose stop castmind
    [ -n "$previous" ] || die first_failed
    tell plain rolling "$(version_of "$previous")"
    put_back_image
    put_back_database
    if start; then
        die rolled "$(version_of "$previous")"
    fi
    tell plain unhealthy "$why"
    show_log
    die not_rolled "$why" "$(data_folder)"
}

# Point the tag and .env to the old version, so that a plain `docker compose up -d` starts it too.
put_back_image() {
    if [ "$(given COMPOSE_FILE)" != "$old_file" ]; then
        write COMPOSE_FILE "$old_file"
    fi
    if [ "$(image)" != "$old_image" ]; then
        write CASTMIND_IMAGE "$old_image"
    fi
    docker tag "$previous" "$old_image"
}

# in_service COMMAND...: run it with the service's user, mounts and settings while the service is stopped
in_service() { compose run --rm --no-deps -T castmind "$@" </dev/null; }

# A version that migrated the database and then failed left a backup from before the migration.
put_back_database() {
    local backup
    backup=$(in_service find /app/data/backups -name 'castmind-migration-*.zip' -newermt "@$started" -printf '%f\n' 2>/dev/null | sort | head -n 1)
    [ -n "$backup" ] || return 0
    tell plain restoring "$backup"
    in_service python -m core restore "$backup" --yes || tell plain not_restored "$backup"
}
