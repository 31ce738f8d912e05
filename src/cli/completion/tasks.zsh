#compdef tasks
# Completion of tasks for zsh: eval "$(tasks completion zsh)", or as a file _tasks in a folder of $fpath

_tasks() {
  local answer value width=0
  local -a lines values summaries shown
  # Quotes are taken away, and nothing that stood inside them is expanded.
  answer="$(command tasks __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)"
  lines=("${(@f)answer}")
  if [[ $lines[1] == files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P 1 '*='
    _files
    return
  fi
  [[ $lines[1] == words ]] || return 1
  values=("${(@)${(@)lines[2,-1]}%%$'\t'*}")
  summaries=("${(@)${(@)lines[2,-1]}#*$'\t'}")
  for value in "${(@)values}"; do (( $#value > width )) && width=$#value; done
  local -i at
  for (( at = 1; at <= $#values; at++ )); do
    shown+=("${(r:width:)values[at]}${summaries[at]:+  -- $summaries[at]}")
  done
  (( $#values )) && compadd -l -d shown -a -- values
}

# Read as a file of $fpath it is the function itself; else it makes itself known, where need be with the system that knows it.
if [[ $funcstack[1] == _tasks ]]; then
  _tasks "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i -D }
  compdef _tasks tasks
fi
