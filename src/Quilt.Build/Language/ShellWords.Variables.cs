namespace Quilt.Build;

internal sealed partial class ShellWords
{
    private string Dollar()
    {
        int start = _at++;
        if (Peek != '{')
        {
            string bare = Name();
            return bare.Length == 0 ? "$" : lookUp(bare) ?? Unset(bare, "$" + bare);
        }

        _at++;
        if (AtEnd)
        {
            throw new WordException(start, "a '}' is missing");
        }

        if (Peek is '{' or '}' or ':')
        {
            throw new WordException(start, "the substitution has no name");
        }

        string name = Name();
        string? value = lookUp(name);
        char modifier = Next();
        bool emptyIsUnset = modifier == ':';
        if (emptyIsUnset)
        {
            modifier = Next();
        }

        switch (modifier)
        {
            case '}' when !emptyIsUnset:
                return value ?? Unset(name, $"${{{name}}}");
            case '-' or '+' or '?':
                string word = Operand('}', raw: false);
                return value is null && KeepsUnset
                    ? $"${{{name}{(emptyIsUnset ? ":" : "")}{modifier}{word}}}"
                    : Choose(start, name, value, modifier, emptyIsUnset, word);
            case '#' or '%' when !emptyIsUnset:
                string pattern = Operand('}', raw: true);
                return value is null && KeepsUnset ? $"${{{name}{modifier}{pattern}}}" : Trim(value ?? "", modifier, pattern);
            case '/' when !emptyIsUnset:
                return Replaced(name, value);
            case End:
                throw new WordException(start, "a '}' is missing");
            default:
                throw new WordException(start, $"'{(emptyIsUnset ? ":" : "")}{modifier}' is no way to substitute");
        }
    }

    private string Unset(string name, string written)
    {
        Missed?.Invoke(name);
        return KeepsUnset ? written : "";
    }

    /// <summary>Letters, digits and <c>_</c>; digits alone, or one of the shell's special parameters, which are never set.</summary>
    private string Name()
    {
        int start = _at;
        if (Peek is '@' or '*' or '#' or '?' or '-' or '$' or '!')
        {
            _at++;
        }
        else if (char.IsDigit(Peek))
        {
            while (char.IsDigit(Peek))
            {
                _at++;
            }
        }
        else
        {
            while (char.IsLetterOrDigit(Peek) || Peek == '_')
            {
                _at++;
            }
        }

        return _text[start.._at];
    }

    private string Operand(char stop, bool raw)
    {
        bool before = _rawEscapes;
        _rawEscapes = raw;
        try
        {
            return Until(stop, words: null);
        }
        finally
        {
            _rawEscapes = before;
        }
    }

    private static string Choose(int start, string name, string? value, char modifier, bool emptyIsUnset, string word)
    {
        bool set = value is not null && !(emptyIsUnset && value.Length == 0);
        return modifier switch
        {
            '-' => set ? value! : word,
            '+' => set ? word : "",
            _ => set ? value! : throw new WordException(start, $"{name}: {(word.Length > 0 ? word : value is null ? "is not set, and has to be" : "is empty, and may not be")}"),
        };
    }

    private static string Trim(string value, char modifier, string pattern)
    {
        bool longest = pattern.StartsWith(modifier);
        ShellPattern compiled = new(longest ? pattern[1..] : pattern);
        return modifier == '#' ? compiled.TrimStart(value, longest) : compiled.TrimEnd(value, longest);
    }

    private string Replaced(string name, string? value)
    {
        bool all = Peek == '/';
        if (all)
        {
            _at++;
        }

        string pattern = Operand('/', raw: true), replacement = Operand('}', raw: true);
        return value is null && KeepsUnset
            ? $"${{{name}/{(all ? "/" : "")}{pattern}/{replacement}}}"
            : new ShellPattern(pattern).Replace(value ?? "", replacement, all);
    }
}
