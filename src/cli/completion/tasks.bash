# Completion of tasks for bash: eval "$(tasks completion bash)"

_tasks_completion() {
  local answer
  local -a lines
  COMPREPLY=()
  # What is on the line is handed over as it is written: nothing of it is expanded here, and nothing of the answer either.
  answer=$(command tasks __complete bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)
  mapfile -t lines <<<"$answer"
  case ${lines[0]} in
    words) COMPREPLY=("${lines[@]:1}") ;;
    files) compopt -o default ;;
  esac
}

# Older ones lack what this uses.
((BASH_VERSINFO[0] < 4)) || complete -F _tasks_completion tasks
