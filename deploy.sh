#!/usr/bin/env bash
# Install and update CastMind in a container, from a check of this computer to an open page:
#     ./deploy.sh [up|check|status|verify|down]
#
#     look ─▶ choose (GPU or CPU → .env) ─▶ remember the old version ─▶ build or pull ─▶ does a container see the GPU?
#          ─▶ up ─▶ healthy? ─▶ report          not healthy: roll back to the old version and its database
#
# It can be run again at any time. scripts/deploy/ holds the parts; its messages are in en.sh and zh.sh.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/deploy/speak.sh
. scripts/deploy/env.sh
. scripts/deploy/look.sh
. scripts/deploy/roll.sh
# A plain `docker compose up -d` also uses the compose file that .env names.
unset COMPOSE_FILE
# For Compose 1 and engines that still use the legacy builder.
export DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
COMPOSE=(docker compose)

compose() { "${COMPOSE[@]}" "$@"; }

main() {
    local command=up
    without_card='' no_build=''
    while [ $# -gt 0 ]; do
        case $1 in
            up | check | status | verify | down) command=$1 ;;
            --cpu) without_card=yes ;;
            --no-build) no_build=yes ;;
            -h | --help | help) tell plain usage && exit ;;
            *) tell plain usage >&2 && exit 2 ;;
        esac
        shift
    done
    "do_$command"
}

do_check() {
    look
    [ -z "$failed" ] || die stopped
    tell plain nothing_to_stop
}

do_up() {
    look
    [ -z "$failed" ] || die stopped
    remember
    choose
    get_image
    if [ "$kind" = cuda ] && ! try_card; then
        kind=cpu
        choose
        get_image
    fi
    start || roll_back
    report
}

# --- choose -----------------------------------------------------------------------------------------

choose() {
    local file=docker-compose.yml present
    [ "$kind" = cuda ] || file=docker-compose.cpu.yml
    present=$(given COMPOSE_FILE)
    case $present in
        "" | docker-compose.yml | docker-compose.cpu.yml)
            [ "$present" = "$file" ] || write COMPOSE_FILE "$file"
            tell ok "file_$kind" "$file"
            ;;
        *) tell note file_own "$present" ;;
    esac
    write_when_unset PUID "$(own_id -u "${SUDO_UID:-}")"
    write_when_unset PGID "$(own_id -g "${SUDO_GID:-}")"
    write_when_unset TZ "$(time_zone)"
    ! profile ollama || write_when_unset OLLAMA_HOST http://ollama:11434
}

# own_id -u|-g [SUDO_ID]: print the caller's id, "" for root, so that the owner of the data decides
own_id() {
    local id
    id=$(id "$1")
    [ "$(id -u)" != 0 ] || id=$2
    printf '%s' "$id"
}

time_zone() {
    local link
    link=$(readlink --canonicalize /etc/localtime || true)
    case $link in
        */zoneinfo/*) printf '%s' "${link##*/zoneinfo/}" ;;
    esac
}

# --- the image --------------------------------------------------------------------------------------

# An image name with a slash is a published image; one without is built from this clone.
get_image() {
    local image
    image=$(image)
    if [ -n "$no_build" ]; then
        tell plain as_it_is "$image"
        docker image inspect "$image" >/dev/null 2>&1 || die no_image "$image"
    elif [[ $image == */* ]]; then
        tell plain pulling "$image"
        compose pull castmind || die not_pulled "$image"
    else
        tell plain building "$image"
        build || die not_built "$image"
    fi
}

build() {
    compose build --build-arg VERSION="$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)" \
        --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || true)" \
        --build-arg SOURCE="$(git config --get remote.origin.url 2>/dev/null | sed 's#//[^/@]*@#//#' || true)" castmind
}

# Run the application's own GPU check in a container with the GPU.
try_card() {
    local answer
    if answer=$(docker run --rm --gpus all --network none --entrypoint python "$(image)" -c '
from core.speech.models.hardware import look
found = look()
raise SystemExit(found.card_error or print(found.card.name))' 2>&1); then
        tell ok trial_ok "$answer"
        return
    fi
    tell note trial_failed "$(tail -n 1 <<<"$answer")"
    want_card
    [ -z "$failed" ] || die stopped
    return 1
}

# --- the service ------------------------------------------------------------------------------------

# inside COMMAND...: run it in the running container, as CastMind's user
inside() { docker exec "$(container)" castmind "$@"; }

report() {
    local id version
    id=$(container)
    version=$(version_of "$(docker inspect --format '{{.Image}}' "$id")")
    if docker exec "$id" /app/docker/asks 2>/dev/null; then
        tell plain asks "$version" "$(url)"
        return
    fi
    tell plain running "$version" "$(url)"
    tell plain in_container
    # A failed check shows in its line; CastMind runs anyway.
    inside doctor | sed 's/^/  /' || true
}

url() {
    local names
    if profile proxy; then
        names=$(given CASTMIND_ALLOWED_HOSTS)
        names=${names%%,*}
        printf 'https://%s:%s  ' "${names:-localhost}" "$(proxy_port)"
    fi
    printf 'http://%s:%s' "$(address | sed 's/^127\.0\.0\.1$\|^0\.0\.0\.0$/localhost/')" "$(port)"
}

proxy_port() { local port && port=$(given CASTMIND_HTTPS_PORT) && printf '%s' "${port:-8443}"; }

# Exit here without an engine; report the check only when it fails.
need_command() { look_at_command >/dev/null || look_at_command || exit 1; }

need_running() {
    need_command
    local id
    id=$(container)
    if [ -z "$id" ] || [[ $(state "$id") != running* ]]; then
        die not_running
    fi
}

do_status() {
    need_running
    report
}

do_down() {
    need_command
    compose down
    tell plain down "$(data_folder)"
}

do_verify() {
    look
    need_running
    tell plain verifying
    inside doctor --card --fact "engine=$(docker info --format '{{.ServerVersion}}, {{.OperatingSystem}}')" \
        --fact "WSL2=${wsl:-no}" --fact "driver=${driver:-none}" --fact "container toolkit=${toolkit:-none}" ||
        die unproven "$(data_folder)"
    tell plain proven "$(data_folder)"
}

main "$@"
