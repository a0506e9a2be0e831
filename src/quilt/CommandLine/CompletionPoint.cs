using System.CommandLine;

namespace Quilt.Cli;

internal sealed record Candidate(string Text, string Meaning);

/// <summary>What can come at a place in the command line.</summary>
/// <param name="Wants">Names that only the daemon knows; else <see cref="ArgumentKind.None"/>.</param>
/// <param name="Candidates">What can come, where the daemon is not needed to tell.</param>
/// <param name="Host">The --host given so far.</param>
internal sealed record CompletionPoint(ArgumentKind Wants, IReadOnlyList<Candidate> Candidates, string? Host)
{
    internal static CompletionPoint Of(string[] before, string current)
    {
        GlobalOptions globals = new();
        Walk walk = new(before, globals);
        if (walk.InValue || walk.InContainerCommand)
        {
            return new CompletionPoint(ArgumentKind.None, [], walk.Host);
        }

        if (current.StartsWith('-'))
        {
            IEnumerable<Option> options = (walk.Command?.Options ?? []).Concat(globals.All);
            return new CompletionPoint(ArgumentKind.None, [.. options.SelectMany(Names)], walk.Host);
        }

        return walk.Command?.Completes switch
        {
            null or ArgumentKind.CommandName => new CompletionPoint(ArgumentKind.None, [.. CommandGroup.Next(walk.Before)], walk.Host),
            ArgumentKind.Shell => new CompletionPoint(ArgumentKind.None, [.. CompletionCommand.Shells.Select(s => new Candidate(s, ""))], walk.Host),
            ArgumentKind.McpClient => new CompletionPoint(ArgumentKind.None, [.. McpClient.All.Select(c => new Candidate(c.Name, c.Title))], walk.Host),
            ArgumentKind kind => new CompletionPoint(kind, [], walk.Host),
        };
    }

    private static IEnumerable<Candidate> Names(Option option) =>
        option.Aliases.Append(option.Name).Where(n => n.StartsWith("--", StringComparison.Ordinal)).Select(n => new Candidate(n, option.Description ?? ""));

    /// <summary>Goes over the finished words; forgiving, for they may be wrong.</summary>
    private sealed class Walk
    {
        internal Walk(string[] words, GlobalOptions globals)
        {
            for (int i = 0; i < words.Length && !InContainerCommand; i++)
            {
                string word = words[i];
                if (word == "--")
                {
                    InContainerCommand = Command is { TakesCommand: true };
                }
                else if (OptionScan.IsOption(word))
                {
                    Option? option = (Command?.Options ?? []).Concat(globals.All).FirstOrDefault(o => o.Name == word || o.Aliases.Contains(word));
                    if (option is { Arity.MaximumNumberOfValues: > 0 })
                    {
                        i++;
                        InValue = i == words.Length;
                        Host = option == globals.Host && !InValue ? words[i] : Host;
                    }
                }
                else if (Command is null || CommandTable.Find($"{Words} {word}") is not null)
                {
                    Words = Words.Length == 0 ? word : $"{Words} {word}";
                    Command = CommandTable.Find(Words);
                }
                else if (Command.Completes == ArgumentKind.CommandName)
                {
                    Named = Named.Length == 0 ? word : $"{Named} {word}";
                }
                else
                {
                    InContainerCommand = Command.TakesCommand;
                }
            }
        }

        /// <summary>The command's name so far.</summary>
        private string Words { get; set; } = "";

        /// <summary>The name of a command that the command is asked about.</summary>
        private string Named { get; set; } = "";

        /// <summary>Words that a command's name can go on after.</summary>
        internal string Before => Command is HelpCommand ? Named : Words;

        internal CliCommand? Command { get; }

        internal bool InValue { get; }

        internal bool InContainerCommand { get; }

        internal string? Host { get; }
    }
}
