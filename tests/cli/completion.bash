# Prints what bash offers for a line: bash --norc completion.bash SCRIPT WORD…, the words split as readline does.
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_petit
printf '%s\n' "${COMPREPLY[@]}"
