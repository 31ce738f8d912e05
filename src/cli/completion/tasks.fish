# Completion of tasks for fish: tasks completion fish | source

function __tasks_complete
    # Words are taken as they are written: nothing of them is expanded.
    set -l current (commandline -ct | string collect)
    set -l before (commandline -opc)
    set -l lines (command tasks __complete fish $before[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case words
            printf '%s\n' $lines[2..-1]
        case files
            set -l flag (string match -r -- '^--[^=]+=' "$current")
            for file in (__fish_complete_path (string replace -r -- '^--[^=]+=' '' "$current"))
                printf '%s\n' "$flag$file"
            end
    end
end

complete -c tasks -f -a '(__tasks_complete)'
