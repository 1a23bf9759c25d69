# shellcheck shell=bash
# .env as deploy.sh reads and writes it: what the shell has set wins, as it does for Compose; other lines are left alone.

# given NAME: its value from the shell or .env, "" when neither has it
given() {
    local line
    if [ -n "${!1:-}" ]; then
        printf '%s' "${!1}"
        return
    fi
    [ -f .env ] || return 0
    line=$(sed -n "s/^[[:space:]]*\(export[[:space:]]\+\)\?$1=//p" .env | tail -n 1)
    line=${line%$'\r'}
    line=${line#[\"\']}
    printf '%s' "${line%[\"\']}"
}

# write NAME VALUE: into .env, in place of a line that sets it
write() {
    local lines=
    [ ! -f .env ] || lines=$(NAME="$1" VALUE="$2" awk '
        $0 ~ "^[ \t]*(export[ \t]+)?" ENVIRON["NAME"] "=" { if (!done++) print ENVIRON["NAME"] "=" ENVIRON["VALUE"]; next }
        { print }
        END { if (!done) print ENVIRON["NAME"] "=" ENVIRON["VALUE"] }' .env)
    printf '%s\n' "${lines:-$1=$2}" >.env.new
    mv .env.new .env
}

write_when_unset() { [ -n "$(given "$1")" ] || [ -z "$2" ] || write "$1" "$2"; }
