using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Reads one command's words. Only that command's symbols are ever built: parsing is a part of each start.</summary>
internal static class CommandParser
{
    // '@file' is a word like any other here: it may be meant for the command in the container.
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    internal static ParseResult Parse(CliCommand command, GlobalOptions globals, string[] words)
    {
        // A symbol has no space in its name.
        Command symbols = new(command.Name.Replace(' ', '-'));
        foreach (Option option in command.Options.Concat(globals.All))
        {
            symbols.Options.Add(option);
        }

        foreach (Argument argument in command.Arguments)
        {
            symbols.Arguments.Add(argument);
        }

        // The parser skips a first word that is the command's name; without it, a container of that name would be skipped.
        ParseResult result = symbols.Parse([symbols.Name, .. words], Configuration);
        if (result.GetValue(globals.Help))
        {
            return result;
        }

        string remedy = $"usage: quilt {command.Name} {command.Usage}";
        if (result.UnmatchedTokens.Count > 0)
        {
            throw QuiltException.Invalid("argument", $"{command.Name} does not take '{result.UnmatchedTokens[0]}'", remedy);
        }

        foreach (Argument argument in command.Arguments)
        {
            if (argument.Arity.MinimumNumberOfValues > 0 && result.GetResult(argument) is not { Tokens.Count: > 0 })
            {
                throw QuiltException.Invalid(argument.Name, $"{command.Name} needs {argument.Name}", remedy);
            }
        }

        return result.Errors.Count == 0 ? result : throw QuiltException.Invalid("argument", result.Errors[0].Message.TrimEnd('.'), remedy);
    }
}
