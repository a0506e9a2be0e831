namespace Quilt.Cli;

/// <summary>What makes a shell ask <c>quilt __complete</c>, which answers one candidate a line, a tab and its meaning after it.</summary>
internal static class CompletionScripts
{
    internal const string Bash =
        """
        # bash completion for quilt
        _quilt() {
            # bash ends words at ':' and '=' too (COMP_WORDBREAKS): here they are what blanks are between.
            local rest="${COMP_LINE:0:COMP_POINT}" i
            local -a words=()
            for ((i = 0; i <= COMP_CWORD; i++)); do
                local trimmed="${rest#"${rest%%[![:space:]]*}"}" word="${COMP_WORDS[i]}"
                ((i == COMP_CWORD)) && word="$trimmed"
                if ((i == 0)) || [ "$trimmed" != "$rest" ]; then words+=("$word"); else words[-1]+="$word"; fi
                rest="${trimmed#"$word"}"
            done
            mapfile -t COMPREPLY < <(command quilt __complete -- "${words[@]:1}" 2>/dev/null | cut -f1)
            # What it replaces is only what follows the last of them.
            local whole="${words[-1]}"
            local before="${whole%"${whole##*[:=]}"}"
            for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do COMPREPLY[i]="${COMPREPLY[i]#"$before"}"; done
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
