# shellcheck shell=bash disable=SC2034
# Check this computer and print a remedy for each missing requirement; change nothing.
#
#     look: engine ─▶ compose ─▶ WSL ─▶ card ─▶ toolkit ─▶ port ─▶ disk ─▶ Ollama
#
# Sets: COMPOSE (the command), kind (cuda or cpu), card, driver, wsl (its kernel), failed (yes when CastMind cannot start)

OLDEST_DRIVER=525 # of CUDA 12, by NVIDIA's table of compatibility
# Disk space of a first build: image, layers and caches. Measured: 2.4 GB for cpu, 4.8 GB for cuda with cpu beside it.
BUILD_GB_CPU=3
BUILD_GB_CUDA=6
GIB_IN_KB=1048576

look() {
    failed='' kind=cuda card='' driver='' toolkit='' wsl=''
    tell plain looking
    look_at_command || true
    look_at_wsl
    if ! look_at_card || [ -n "$failed" ] || ! look_at_toolkit; then
        kind=cpu
    fi
    if [ -n "${without_card:-}" ] || [ "$(given CASTMIND_DEVICE)" = cpu ]; then
        kind=cpu
    elif [ "$kind" = cpu ]; then
        want_card
    fi
    [ -z "$failed" ] || return 0
    look_at_port
    look_at_disk
    look_at_ollama
}

want_card() { [ "$(given CASTMIND_DEVICE)" != cuda ] || tell bad card_wanted; }

look_at_command() { look_at_engine && look_at_compose; }

look_at_engine() {
    local answer
    if ! command -v docker >/dev/null; then
        tell bad engine_missing
    elif answer=$(docker version --format '{{.Server.Version}}' 2>&1) && [[ $answer =~ ^[0-9] ]]; then
        tell ok engine_ok "$answer"
        return
    elif [[ $answer == *"permission denied"* ]]; then
        tell bad engine_denied
    else
        tell bad engine_down "$(tail -n 1 <<<"$answer")"
    fi
    return 1
}

look_at_compose() {
    local version
    if version=$(docker compose version --short 2>/dev/null) && [[ $version =~ ^v?[0-9] ]]; then
        COMPOSE=(docker compose)
    elif version=$(docker-compose version --short 2>/dev/null) && is_at_least 1.28 "$version"; then
        COMPOSE=(docker-compose)
    else
        tell bad compose_missing
        return 1
    fi
    tell ok compose_ok "$version"
    can_build || tell bad buildx_missing
}

# Compose 1 delegates building to the docker command, which needs the separate buildx plug-in from version 23 on.
can_build() {
    local client
    [ "${COMPOSE[0]}" = docker-compose ] || return 0
    client=$(docker version --format '{{.Client.Version}}')
    ! is_at_least 23 "$client" || docker buildx version >/dev/null 2>&1
}

is_at_least() { [ "$(printf '%s\n' "$1" "${2#v}" | sort --version-sort | head -n 1)" = "$1" ]; }

look_at_wsl() {
    local kernel folder type
    kernel=$(uname -r)
    case $kernel in
        *WSL2*) wsl=$kernel && tell ok wsl_ok "$kernel" ;;
        # WSL1 has no kernel of its own: it spells "Microsoft" with a capital.
        *-Microsoft*) tell bad wsl_one ;;
        *microsoft*) wsl=$kernel && tell ok wsl_ok "$kernel" ;;
    esac
    folder=$(data_folder)
    [ -d "$folder" ] || folder=.
    type=$(stat --file-system --format %T "$folder")
    case $type in
        v9fs | 9p | drvfs | virtiofs | smb* | cifs | nfs | fuse*) tell note folder_foreign "$folder" "$type" ;;
    esac
}

data_folder() { local folder && folder=$(given CASTMIND_DATA_DIR) && printf '%s' "${folder:-./data}"; }

# Under WSL2 nvidia-smi comes with the Windows driver, and may be missing from PATH.
nvidia_smi() {
    local tool
    tool=$(command -v nvidia-smi) || tool=/usr/lib/wsl/lib/nvidia-smi
    [ -x "$tool" ] || return 127
    timeout 30 "$tool" "$@"
}

look_at_card() {
    local answer status=0 memory
    answer=$(nvidia_smi --query-gpu=name,memory.total,driver_version --format=csv,noheader,nounits 2>&1) || status=$?
    if [ "$status" = 127 ]; then
        tell note card_none
    elif [ "$status" != 0 ] || [[ $answer != *,*,* ]]; then
        tell note card_broken "$(tr '\n' ' ' <<<"$answer")"
    else
        IFS=, read -r card memory driver <<<"$answer"
        driver=${driver# }
        if is_at_least "$OLDEST_DRIVER" "$driver"; then
            tell ok card_ok "$card" "${memory# }" "$driver"
            return
        fi
        tell note card_old "$driver"
    fi
    return 1
}

# Whether a container really gets the GPU is tested later, with the image.
look_at_toolkit() {
    local runtimes system
    runtimes=$(docker info --format '{{json .Runtimes}}')
    system=$(docker info --format '{{.OperatingSystem}}')
    if [[ $runtimes == *'"nvidia"'* ]]; then
        toolkit="runtime nvidia"
    elif [[ $system == *"Docker Desktop"* ]]; then
        toolkit="Docker Desktop"
    elif nvidia-ctk cdi list 2>/dev/null | grep --quiet 'nvidia\.com/gpu'; then
        toolkit=CDI
    else
        tell note toolkit_missing
        return 1
    fi
    tell ok toolkit_ok "$toolkit"
}

# --- port, disk, Ollama ---------------------------------------------------------------------------

address() { local bind && bind=$(given CASTMIND_BIND) && printf '%s' "${bind:-127.0.0.1}"; }
port() { local port && port=$(given CASTMIND_PORT) && printf '%s' "${port:-8501}"; }

# shellcheck disable=SC2016 # expanded by another shell, which a timeout can stop
# reachable HOST PORT: a listener on 0.0.0.0 is tried on the local address
reachable() { timeout 2 bash -c ': <>"/dev/tcp/$0/$1"' "${1/#0.0.0.0/127.0.0.1}" "$2" 2>/dev/null; }

look_at_port() {
    local address port
    address=$(address)
    port=$(port)
    if [ -n "$(container)" ] && docker port "$(container)" 8501 2>/dev/null | grep --quiet ":$port\$"; then
        tell ok port_own "$port" "$address"
    elif reachable "$address" "$port"; then
        tell bad port_taken "$port" "$address" "$(holder "$port")"
    else
        tell ok port_ok "$port" "$address"
    fi
}

# holder PORT: print " (NAME)" of the listening program, "" if this user may not see it
holder() {
    local name
    command -v ss >/dev/null || return 0
    name=$(ss --listening --tcp --numeric --processes --no-header "sport = :$1" | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -n 1)
    printf '%s' "${name:+ ($name)}"
}

look_at_disk() {
    local folder need=1
    folder=$(docker info --format '{{.DockerRootDir}}')
    # Docker Desktop's folder is in another file system.
    [ -d "$folder" ] || folder=.
    if ! docker image inspect "$(image)" >/dev/null 2>&1; then
        need=$BUILD_GB_CPU
        [ "$kind" = cpu ] || need=$BUILD_GB_CUDA
    fi
    look_at_free "$folder" "$need"
    folder=$(data_folder)
    [ ! -d "$folder" ] || look_at_free "$folder" 1
}

# look_at_free FOLDER GB
look_at_free() {
    local free
    free=$(df --portability --block-size=1024 "$1" | awk 'NR == 2 { print $4 }')
    if [ "$((free / GIB_IN_KB))" -ge "$2" ]; then
        tell ok disk_ok "$((free / GIB_IN_KB))" "$1"
    else
        tell bad disk_small "$((free / GIB_IN_KB))" "$1" "$2"
    fi
}

# shellcheck disable=SC2016 # the same
# ollama_at HOST: print its version
ollama_at() {
    timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/11434" && printf "GET /api/version HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3 && cat <&3' "$1" 2>/dev/null |
        sed -n 's/.*"version": *"\([^"]*\)".*/\1/p'
}

# Print the address of host.docker.internal. An engine with a fresh bridge reports only the network.
bridge_address() {
    local gateway subnet
    read -r gateway subnet < <(docker network inspect bridge --format '{{range .IPAM.Config}}{{or .Gateway "-"}} {{.Subnet}}{{end}}')
    [ "$gateway" != - ] || gateway=${subnet%.*}.1
    printf '%s' "$gateway"
}

profile() { [[ ",$(given COMPOSE_PROFILES)," == *",$1,"* ]]; }

look_at_ollama() {
    local bridge version given
    given=$(given OLLAMA_HOST)
    bridge=$(bridge_address)
    if profile ollama; then
        tell ok ollama_profile
    elif [ -n "$given" ]; then
        tell ok ollama_given "$given"
    elif version=$(ollama_at "$bridge") && [ -n "$version" ]; then
        tell ok ollama_ok "$version" "$bridge:11434"
    elif [ -n "$(ollama_at 127.0.0.1)" ]; then
        tell note ollama_local "$bridge"
    elif [ -n "$wsl" ]; then
        tell note ollama_windows "$(ip -4 route show default 2>/dev/null | awk '{ print $3; exit }')"
    else
        tell note ollama_none
    fi
}
