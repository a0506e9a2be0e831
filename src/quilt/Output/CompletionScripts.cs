namespace Quilt.Cli;

/// <summary>What makes a shell ask <c>quilt __complete</c>, which answers one candidate a line, a tab and its meaning after it.</summary>
internal static class CompletionScripts
{
    internal const string Bash =
        """
        # bash completion for quilt
        _quilt() {
            local current words
            # '=' and ':' break words in bash; quilt's words are those of the line.
            current="${COMP_WORDS[COMP_CWORD]}"
            words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(command quilt __complete -- "${words[@]}" "$current" 2>/dev/null | cut -f1)" -- "$current"))
        }
        complete -o default -F _quilt quilt

        """;

    internal const string Zsh =
        """
        #compdef quilt
        # zsh completion for quilt
        _quilt() {
            local -a candidates
            local line
            while IFS=$'\t' read -r line meaning; do
                candidates+=("${line//:/\\:}${meaning:+:$meaning}")
            done < <(command quilt __complete -- "${words[@]:1:CURRENT-1}" 2>/dev/null)
            if (( ${#candidates} )); then
                _describe 'quilt' candidates
            else
                _files
            fi
        }
        if [ "$funcstack[1]" = _quilt ]; then _quilt "$@"; else compdef _quilt quilt; fi

        """;

    internal const string Fish =
        """
        # fish completion for quilt
        function __quilt_complete
            set -l words (commandline -opc)
            command quilt __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
        end
        complete -c quilt -f -a '(__quilt_complete)'

        """;
}
