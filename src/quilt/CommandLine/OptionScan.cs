using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>
/// A first look over a command's words: which are options, which are values of them, and where the command to run in the
/// container begins. What is no option of ours is named here, with the nearest that is.
/// </summary>
internal sealed class OptionScan
{
    private readonly CliCommand _command;
    private readonly Dictionary<string, Option> _known = new(StringComparer.Ordinal);
    private readonly HashSet<Option> _seen = [];

    private OptionScan(CliCommand command, GlobalOptions globals)
    {
        _command = command;
        foreach (Option option in command.Options.Concat(globals.All))
        {
            _known[option.Name] = option;
            foreach (string alias in option.Aliases)
            {
                _known[alias] = option;
            }
        }
    }

    /// <summary>Where the words that are ours end and those of the command to run begin; a '--' between them belongs to neither.</summary>
    internal static (string[] Ours, string[] Command) Split(CliCommand command, GlobalOptions globals, string[] words)
    {
        OptionScan scan = new(command, globals);
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (word == "--")
            {
                return command.TakesCommand ? (words[..i], words[(i + 1)..]) : (words, []);
            }

            if (!IsOption(word))
            {
                if (command.TakesCommand)
                {
                    int rest = i + 1 < words.Length && words[i + 1] == "--" ? i + 2 : i + 1;
                    return (words[..(i + 1)], words[rest..]);
                }

                continue;
            }

            if (scan.TakesNext(word) && ++i >= words.Length)
            {
                throw QuiltException.Invalid(word, $"{word} needs a value", $"see 'quilt {command.Name} --help'");
            }
        }

        return (words, []);
    }

    internal static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    /// <summary>Whether the next word is this option's value.</summary>
    private bool TakesNext(string word) => word.StartsWith("--", StringComparison.Ordinal) ? LongTakesNext(word) : ShortTakesNext(word);

    private bool LongTakesNext(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? word : word[..equals];
        Option option = Known(name);
        if (!TakesValue(option))
        {
            return equals < 0 ? false : throw QuiltException.Invalid(name, $"{name} takes no value", $"write {name} alone");
        }

        return equals < 0;
    }

    /// <summary>Short options may be joined: <c>-it</c>; the last may have its value with it: <c>-eNAME=value</c>.</summary>
    private bool ShortTakesNext(string word)
    {
        for (int i = 1; i < word.Length; i++)
        {
            if (TakesValue(Known($"-{word[i]}")))
            {
                return i + 1 == word.Length;
            }
        }

        return false;
    }

    private static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0;

    private Option Known(string name)
    {
        if (!_known.TryGetValue(name, out Option? option))
        {
            string see = $"see 'quilt {_command.Name} --help'";
            string? remedy = _command.Instead(name) ?? (Near(name) is { } near ? $"did you mean {near}? Else {see}" : null);
            throw QuiltException.Invalid(name, $"{_command.Name} has no option '{name}'", remedy ?? see);
        }

        if (!_seen.Add(option) && option.Arity.MaximumNumberOfValues == 1)
        {
            throw QuiltException.Invalid(option.Name, $"{option.Name} is given twice", "give it once");
        }

        return option;
    }

    /// <summary>Every letter is as near to every other: of those only the other case is meant.</summary>
    private string? Near(string name) => name.StartsWith("--", StringComparison.Ordinal)
        ? Nearest.To(name, _known.Keys)
        : _known.Keys.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase));
}
