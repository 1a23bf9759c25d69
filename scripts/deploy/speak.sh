# shellcheck shell=bash disable=SC2034
# Print deploy.sh's messages in the terminal's language:  tell LEVEL KEY [ARGUMENT...]     LEVEL: ok, note, bad, plain

declare -A TEXT
language=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}
case $language in
    zh*) language=zh ;;
    *) language=en ;;
esac
# shellcheck source=/dev/null
. "scripts/deploy/$language.sh"

# filled KEY [ARGUMENT...]: print the text with {1}, {2}, ... replaced
filled() {
    local text=${TEXT[$1]} n=1
    shift
    for argument in "$@"; do
        text=${text//"{$n}"/"$argument"}
        n=$((n + 1))
    done
    printf '%s' "$text"
}

tell() {
    local level=$1 indent=
    shift
    if [ "$level" != plain ]; then
        printf '  %s  ' "${TEXT[$level]}"
        indent='        '
    fi
    printf '%s\n' "$(filled "$@")"
    [ -z "${TEXT[$1.fix]:-}" ] || filled "$1.fix" "${@:2}" | sed "s/^/$indent/; \$a\\"
    [ "$level" != bad ] || failed=yes
}

die() {
    tell plain "$@" >&2
    exit 1
}
