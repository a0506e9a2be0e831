using System.CommandLine;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>From the process's arguments to its exit code.</summary>
internal static class CommandLineHost
{
    internal static async Task<int> RunAsync(string[] arguments, StandardStreams streams)
    {
        bool endsAsItsCommand = false, json = false;
        try
        {
            GlobalOptions globals = new();
            (string name, string[] words) = FindCommand(arguments, globals);
            if (name == "--version")
            {
                streams.Out.WriteLine($"quilt {VersionCommand.Client}");
                streams.Flush();
                return 0;
            }

            // Known before anything can be wrong, so that what is wrong is told in the form that was asked for.
            json = arguments.TakeWhile(a => a != "--").Contains(GlobalOptions.JsonName);
            if (CommandTable.Find(name) is not { } command)
            {
                return HelpOfGroup(name, words, streams);
            }

            endsAsItsCommand = command.EndsAsItsCommand;
            (string[] ours, string[] containerCommand) = OptionScan.Split(command, globals, words);
            json = ours.Contains(GlobalOptions.JsonName);
            ParseResult parsed = CommandParser.Parse(command, globals, ours);
            int exitCode = 0;
            if (parsed.GetValue(globals.Help))
            {
                HelpText.Write(streams.Out, streams.Style, command);
            }
            else
            {
                // A program that reads JSON there gets the error alone.
                Action<string> tell = json ? _ => { } : text => Try(() => streams.Error.WriteLine($"quilt: warning: not traced: {text}"));
                using CommandTrace? trace = CommandTrace.Begin(command.Name, tell);
                using Invocation call = new(command, parsed, globals, containerCommand, streams);
                exitCode = await command.RunAsync(call);
                trace?.End(exitCode);
            }

            streams.Flush();
            return exitCode;
        }
        catch (BrokenPipeException)
        {
            return ExitCodes.BrokenPipe;
        }
        catch (Exception e)
        {
            return Tell(e, streams, json, endsAsItsCommand);
        }
    }

    /// <summary>The command's name and what is given to it; global options before the name are put after it.</summary>
    internal static (string Name, string[] Words) FindCommand(string[] arguments, GlobalOptions globals)
    {
        int i = 0;
        while (i < arguments.Length && OptionScan.IsOption(arguments[i]))
        {
            string word = arguments[i];
            if (word is "--help" or "-h")
            {
                return ("help", arguments[..i]);
            }

            if (word == "--version")
            {
                return (word, []);
            }

            string name = word.Split('=')[0];
            Option? option = globals.All.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));
            if (option is null)
            {
                throw QuiltException.Invalid(name, $"quilt has no option '{name}' before the command", "options of a command come after its name; see 'quilt help'");
            }

            i += option.Arity.MaximumNumberOfValues > 0 && name.Length == word.Length ? 2 : 1;
        }

        if (i >= arguments.Length)
        {
            return ("help", arguments);
        }

        (string command, int count) = CommandGroup.Join(arguments, i);
        return (command, [.. arguments[..i], .. arguments[(i + count)..]]);
    }

    /// <summary>The name is no command's: a group's, whose help may be asked for, or nothing's.</summary>
    private static int HelpOfGroup(string name, string[] words, StandardStreams streams)
    {
        if (CommandGroup.Find(name) is not { } group || !(words.Contains("--help") || words.Contains("-h")))
        {
            throw HelpText.NoSuchCommand(name);
        }

        HelpText.WriteGroup(streams.Out, streams.Style, group);
        streams.Flush();
        return 0;
    }

    private static int Tell(Exception e, StandardStreams streams, bool json, bool endsAsItsCommand)
    {
        QuiltException failure = Failure.From(e);
        Try(streams.Flush); // what did not fail is still to be read
        Try(() => ErrorText.Write(streams.Error, failure, json));
        return ExitCodes.Of(failure.Code, endsAsItsCommand);
    }

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is BrokenPipeException or SyscallException or IOException)
        {
            // Nobody is there to be told, or the disk is full; the exit code still says it.
        }
    }
}
