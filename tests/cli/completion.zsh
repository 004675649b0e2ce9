# Prints what zsh offers for a line: zsh -f completion.zsh SCRIPT LINE. A real line editor on a terminal of its own is asked.
zmodload zsh/zpty
zpty line zsh -f -i
zpty -w line "PS1=; autoload -Uz compinit && compinit -u -D; source ${(q)1}"
zpty -w line "zstyle ':completion:*' list-prompt ''; LISTMAX=0; setopt no_list_ambiguous; bindkey '^I' complete-word"
# Every match that would be offered is written between marks instead.
zpty -w line 'compadd() { local -a m; builtin compadd -A m "$@"; (( $#m )) && print -rn -- "<M>${(j:<M>:)m}<M>"; return 1 }'
# What is typed before the line editor reads is at the mercy of the terminal, whose own keys would erase the line: the
# editor says itself that it is there. The marks are written in two pieces, so that the echo is not taken for them.
zpty -w line "zle-line-init() print -n REA''DY; zle -N zle-line-init"
zpty -r line output '*READY'
zpty -w -n line "$2"$'\t'
zpty -w -n line $'\x15'"print DO''NE"$'\n'
zpty -r line output '*DONE'
print -r -- "$output"
