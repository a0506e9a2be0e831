using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Help, for a person and a model alike: what it does, how it is called, its options, examples.</summary>
internal static class HelpText
{
    private const string Indent = "  ";

    internal static string UsageOf(CliCommand command) => $"quilt {command.Name} {command.Usage}".TrimEnd();

    internal static QuiltException NoSuchCommand(string name) => CommandGroup.Find(name) is { } group ? QuiltException.Invalid(
        "command", $"{name} is no command by itself", $"use one of: {string.Join(", ", group.Commands.Select(c => $"quilt {c}"))}") : QuiltException.Invalid(
        "command", $"there is no command '{name}'",
        Nearest.To(name, CommandTable.Names) is { } near ? $"did you mean '{near}'? 'quilt help' lists all" : "'quilt help' lists all");

    internal static void WriteOverview(TextWriter to, Style style)
    {
        to.WriteLine("quilt: hermetic containers for agents");
        to.WriteLine();
        to.WriteLine($"{style.Heading("Usage:")} quilt [--host ADDRESS] [--token TOKEN] [--json] COMMAND [OPTIONS] [ARGUMENTS]");
        to.WriteLine();
        to.WriteLine(style.Heading("Commands:"));
        WritePairs(to, Summaries(CommandTable.ContainerNames));
        to.WriteLine();
        to.WriteLine(style.Heading("Agents, their tools and sessions:"));
        WritePairs(to, Summaries(CommandTable.AgentNames));
        to.WriteLine();
        WriteOptions(to, style, "Options of every command:", new GlobalOptions().All);
        to.WriteLine();
        WriteExamples(to, style,
        [
            new("quilt run --rm -- echo hi", "Run a command in a throw-away container"),
            new("quilt help run", "All about one command"),
        ]);
        to.WriteLine();
        to.WriteLine("A CONTAINER is a name, an id, or the beginning of an id. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found,");
        to.WriteLine("4 exists already, 5 not in a state for it, 6 too much, 124 out of time; run and exec end as their command does.");
    }

    internal static void Write(TextWriter to, Style style, CliCommand command)
    {
        to.WriteLine(command.Summary);
        to.WriteLine();
        to.WriteLine($"{style.Heading("Usage:")} {UsageOf(command)}");
        if (command.Details.Length > 0)
        {
            to.WriteLine();
            to.WriteLine(command.Details);
        }

        if (command.Options.Count > 0)
        {
            to.WriteLine();
            WriteOptions(to, style, "Options:", command.Options);
        }

        to.WriteLine();
        WriteOptions(to, style, "Options of every command:", new GlobalOptions().All);
        if (command.Examples.Count > 0)
        {
            to.WriteLine();
            WriteExamples(to, style, command.Examples);
        }
    }

    internal static void WriteGroup(TextWriter to, Style style, CommandGroup group)
    {
        to.WriteLine(group.Summary);
        to.WriteLine();
        to.WriteLine($"{style.Heading("Usage:")} quilt {group.Name} COMMAND [OPTIONS] [ARGUMENTS]");
        to.WriteLine();
        to.WriteLine(style.Heading("Commands:"));
        WritePairs(to, Summaries(group.Commands));
    }

    /// <summary>Such as <c>-e, --env NAME=VALUE</c>.</summary>
    internal static string NamesOf(Option option)
    {
        IEnumerable<string> names = option.Aliases.Append(option.Name).OrderBy(n => n.Length);
        string joined = string.Join(", ", names);
        string aligned = joined.StartsWith("--", StringComparison.Ordinal) ? "    " + joined : joined;
        return option.HelpName is null ? aligned : $"{aligned} {option.HelpName}";
    }

    private static IEnumerable<(string Name, string Text)> Summaries(IEnumerable<string> names) => names.Select(n => (n, CommandTable.Find(n)!.Summary));

    private static void WriteOptions(TextWriter to, Style style, string heading, IReadOnlyList<Option> options)
    {
        to.WriteLine(style.Heading(heading));
        WritePairs(to, options.Select(o => (NamesOf(o), o.Description ?? "")));
    }

    private static void WritePairs(TextWriter to, IEnumerable<(string Name, string Text)> pairs)
    {
        (string Name, string Text)[] all = [.. pairs];
        int width = all.Max(p => p.Name.Length);
        foreach ((string name, string text) in all)
        {
            to.WriteLine($"{Indent}{name.PadRight(width)}  {text}");
        }
    }

    private static void WriteExamples(TextWriter to, Style style, IReadOnlyList<Example> examples)
    {
        to.WriteLine(style.Heading("Examples:"));
        foreach (Example example in examples)
        {
            to.WriteLine($"{Indent}{example.Line}");
            to.WriteLine($"{Indent}{Indent}{style.Faint(example.Effect)}");
        }
    }
}
