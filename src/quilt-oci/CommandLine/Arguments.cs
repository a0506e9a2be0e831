using System.Globalization;
using Quilt.Core;

namespace Quilt.OciRuntime;

/// <summary>A command line, taken apart: options anywhere before the rest, as <c>--name value</c>, <c>--name=value</c> or <c>-n value</c>.</summary>
internal sealed class Arguments
{
    private readonly List<(string Name, string Value)> _values = [];
    private readonly List<string> _positionals = [];

    internal Command? Command { get; private set; }

    /// <exception cref="QuiltException">Not a command line of ours; <see cref="Command"/> and what was read before it are there all the same.</exception>
    internal void Parse(string[] args, Func<string, Command?> find)
    {
        for (int i = 0; i < args.Length; i++)
        {
            string arg = args[i];
            if (Command is { TakesRest: true } taking && _positionals.Count == taking.Required)
            {
                // Engines call 'exec [options] ID COMMAND [its options]' without a '--', which is understood too.
                _positionals.AddRange(args[(arg == "--" ? i + 1 : i)..]);
                break;
            }

            if (arg.Length > 1 && arg[0] == '-')
            {
                i += Take(args, i);
            }
            else if (Command is null)
            {
                Command = find(arg) ?? throw Wrong($"command '{arg}' is unknown");
            }
            else
            {
                _positionals.Add(arg);
            }
        }

        if (Command is { } command && !Flag("help"))
        {
            CheckCount(command);
        }
    }

    internal bool Flag(string name) => Value(name) is "true";

    /// <summary>The last one given.</summary>
    internal string? Value(string name)
    {
        for (int i = _values.Count - 1; i >= 0; i--)
        {
            if (_values[i].Name == name)
            {
                return _values[i].Value;
            }
        }

        return null;
    }

    internal IReadOnlyList<string> Values(string name) => [.. _values.Where(v => v.Name == name).Select(v => v.Value)];

    internal T? Number<T>(string name)
        where T : struct, IParsable<T> =>
        Value(name) is not { } text ? null
        : T.TryParse(text, CultureInfo.InvariantCulture, out T number) ? number
        : throw QuiltException.Invalid(name, $"--{name} '{text}' is not a number it can have", "give a whole number");

    internal string Positional(int index) => _positionals[index];

    internal string? Optional(int index) => index < _positionals.Count ? _positionals[index] : null;

    internal IReadOnlyList<string> Rest => _positionals[Command!.Required..];

    /// <summary>Reads the option at a place and returns how many arguments more it took.</summary>
    private int Take(string[] args, int at)
    {
        ReadOnlySpan<char> text = args[at].AsSpan().TrimStart('-');
        int equals = text.IndexOf('=');
        ReadOnlySpan<char> name = equals < 0 ? text : text[..equals];
        Option option = Find(name) ?? throw Wrong($"option '{args[at]}' is unknown");
        if (equals >= 0)
        {
            _values.Add((option.Name, text[(equals + 1)..].ToString()));
            return 0;
        }

        if (option.Value is null)
        {
            _values.Add((option.Name, "true"));
            return 0;
        }

        _values.Add((option.Name, at + 1 < args.Length ? args[at + 1] : throw Wrong($"option '{args[at]}' has no value")));
        return 1;
    }

    private Option? Find(ReadOnlySpan<char> name)
    {
        foreach (Option option in Command?.Options ?? [])
        {
            if (option.IsCalled(name))
            {
                return option;
            }
        }

        foreach (Option option in Option.Common)
        {
            if (option.IsCalled(name))
            {
                return option;
            }
        }

        return null;
    }

    private void CheckCount(Command command)
    {
        if (_positionals.Count < command.Required)
        {
            throw Wrong($"'{command.Name}' needs {command.Positionals[_positionals.Count]}");
        }

        if (!command.TakesRest && _positionals.Count > command.Positionals.Length)
        {
            throw Wrong($"'{command.Name}' does not take '{_positionals[command.Positionals.Length]}'");
        }
    }

    private QuiltException Wrong(string message) =>
        QuiltException.Invalid("arguments", message, Command is null ? "'quilt-oci --help' lists the commands" : $"'quilt-oci {Command.Name} --help' tells what it takes");
}
