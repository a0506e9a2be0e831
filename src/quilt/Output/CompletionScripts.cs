namespace Quilt.Cli;

/// <summary>What makes a shell ask <c>quilt __complete</c>, which answers one candidate a line, a tab and its meaning after it.</summary>
internal static class CompletionScripts
{
    internal const string Bash =
        """
        # bash completion for quilt
        _quilt() {
            mapfile -t COMPREPLY < <(command quilt __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
        }
        complete -o default -F _quilt quilt

        """;

    internal const string Zsh =
        """
        #compdef quilt
        # zsh completion for quilt
        _quilt() {
            local -a candidates
            local line meaning
            while IFS=$'\t' read -r line meaning; do
                candidates+=("${line//:/\\:}${meaning:+:$meaning}")
            done < <(command quilt __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
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
