# shellcheck shell=bash
# Read and write .env: variables set in the shell win, as they do for Compose; other lines stay untouched.

# given NAME: print its value from the shell or .env, "" when neither sets it
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

# write NAME VALUE: set it in .env, replacing a line that sets it already
write() {
    touch .env
    # Copy first, so that the new file keeps the old one's permissions.
    cp --preserve=mode,ownership .env .env.new
    NAME="$1" VALUE="$2" awk '
        $0 ~ "^[ \t]*(export[ \t]+)?" ENVIRON["NAME"] "=" { if (!done++) print ENVIRON["NAME"] "=" ENVIRON["VALUE"]; next }
        { print }
        END { if (!done) print ENVIRON["NAME"] "=" ENVIRON["VALUE"] }' .env >.env.new
    mv .env.new .env
}

write_when_unset() { [ -n "$(given "$1")" ] || [ -z "$2" ] || write "$1" "$2"; }
