using System.CommandLine;

namespace Quilt.Cli;

/// <summary>A line to try, and what it does.</summary>
internal sealed record Example(string Line, string Effect);

/// <summary>What the positional arguments of a command are, for the shell's completion.</summary>
internal enum ArgumentKind
{
    None,
    Container,
    Image,
    Shell,
    CommandName,
    Tool,
    Agent,
    Session,
    Task,
    McpClient,
}

/// <summary>One command of quilt: what it takes, how its help reads and what it does.</summary>
internal abstract class CliCommand
{
    private readonly List<Option> _options = [];
    private readonly List<Argument> _arguments = [];

    protected CliCommand(string name, string summary)
    {
        Name = name;
        Summary = summary;
    }

    internal string Name { get; }

    /// <summary>One line, beginning with a verb.</summary>
    internal string Summary { get; }

    /// <summary>The usage line after <c>quilt NAME</c>.</summary>
    internal abstract string Usage { get; }

    /// <summary>What a reader needs to know beside the options; empty where nothing.</summary>
    internal virtual string Details => "";

    internal virtual IReadOnlyList<Example> Examples => [];

    internal virtual ArgumentKind Completes => ArgumentKind.None;

    /// <summary>All after the first word that is no option (or after '--') is the command to run in the container, its options too.</summary>
    internal virtual bool TakesCommand => false;

    /// <summary>Its exit code is that of the command it runs, so failures of our own are 125 (126, 127) as docker's are.</summary>
    internal virtual bool EndsAsItsCommand => false;

    /// <summary>What does here what an option does that this command has not, and others who do the same have; null where nothing.</summary>
    internal virtual string? Instead(string option) => null;

    internal IReadOnlyList<Option> Options => _options;

    internal IReadOnlyList<Argument> Arguments => _arguments;

    /// <returns>The exit code.</returns>
    internal abstract Task<int> RunAsync(Invocation call);

    /// <summary>An option without a value.</summary>
    protected internal Option<bool> Flag(string description, string name, params string[] aliases) =>
        Add(new Option<bool>(name, aliases) { Description = description, Arity = ArgumentArity.Zero });

    /// <summary>An option with a value, given at most once.</summary>
    protected internal Option<string?> Value(string valueName, string description, string name, params string[] aliases) =>
        Add(new Option<string?>(name, aliases) { Description = description, HelpName = valueName, Arity = ArgumentArity.ExactlyOne });

    /// <summary>An option with a value, given as often as wanted.</summary>
    protected internal Option<string[]> Values(string valueName, string description, string name, params string[] aliases) =>
        Add(new Option<string[]>(name, aliases) { Description = description + " (repeatable)", HelpName = valueName, Arity = ArgumentArity.OneOrMore });

    protected Argument<string> Word(string name)
    {
        Argument<string> argument = new(name);
        _arguments.Add(argument);
        return argument;
    }

    protected Argument<string?> OptionalWord(string name)
    {
        Argument<string?> argument = new(name) { Arity = ArgumentArity.ZeroOrOne };
        _arguments.Add(argument);
        return argument;
    }

    protected Argument<string[]> Words(string name, bool required = true)
    {
        Argument<string[]> argument = new(name) { Arity = required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore };
        _arguments.Add(argument);
        return argument;
    }

    private T Add<T>(T option)
        where T : Option
    {
        _options.Add(option);
        return option;
    }
}
