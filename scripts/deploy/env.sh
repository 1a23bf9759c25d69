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
    touch .env
    # A copy first, so that the new file has the permissions of the old.
    cp --preserve=mode,ownership .env .env.new
    NAME="$1" VALUE="$2" awk '
        $0 ~ "^[ \t]*(export[ \t]+)?" ENVIRON["NAME"] "=" { if (!done++) print ENVIRON["NAME"] "=" ENVIRON["VALUE"]; next }
        { print }
        END { if (!done) print ENVIRON["NAME"] "=" ENVIRON["VALUE"] }' .env >.env.new
    mv .env.new .env
}

write_when_unset() { [ -n "$(given "$1")" ] || [ -z "$2" ] || write "$1" "$2"; }
