using System.Text.RegularExpressions;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

public sealed partial class HelpTests
{
    /// <summary>docs/cli.md holds all of it: what is documented is what the program says.</summary>
    [Fact]
    public void The_help_of_every_command_is_in_the_manual_as_it_is()
    {
        string all = CommandLine.Write(to =>
        {
            foreach (CliCommand command in CommandTable.Names.Select(n => CommandTable.Find(n)!))
            {
                to.WriteLine($"\n### quilt {command.Name}\n\n```text");
                string help = CommandLine.Write(text => HelpText.Write(text, Style.Plain, command));
                to.Write(help.Replace(GlobalPart, "", StringComparison.Ordinal));
                to.WriteLine("```");
            }

            to.WriteLine();
        });
        Snapshot.CheckPart("docs/cli.md", "help", all);
    }

    /// <summary>In the running text of README.md and docs, where no block has it run.</summary>
    [Fact]
    public void Every_command_that_the_manual_speaks_of_is_there() => Assert.All(
        Sources.Pages.SelectMany(page => Spoken().Matches(File.ReadAllText(Sources.PathOf(page))).Select(m => (page, m.Groups[1].Value))),
        spoken => Assert.True(IsCommand(spoken.Value), $"{spoken.page}: quilt {spoken.Value}"));

    [Fact]
    public void The_overview_lists_every_command()
    {
        string overview = CommandLine.Write(to => HelpText.WriteOverview(to, Style.Plain));
        Snapshot.Check("overview.txt", overview);
        Assert.All(CommandTable.Names, name => Assert.Contains($"  {name} ", overview, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_command_has_a_summary_a_usage_line_and_an_example() => Assert.All(CommandTable.Names, name =>
    {
        CliCommand command = CommandTable.Find(name)!;
        Assert.Equal(name, command.Name);
        Assert.DoesNotContain('\n', command.Summary);
        Assert.NotEmpty(command.Examples);
        Assert.All(command.Examples, e => Assert.Contains($"quilt {name}", e.Line, StringComparison.Ordinal));
        Assert.All(command.Options, o => Assert.NotEmpty(o.Description!));
    });

    [Theory]
    [InlineData("run", "--help")]
    [InlineData("run", "-h")]
    [InlineData("help", "run")]
    [InlineData("run", "--rm", "--help", "-it")]
    public async Task Help_on_a_command_is_the_same_however_it_is_asked_for(params string[] words)
    {
        (int code, string stdout, string stderr) = await CommandLine.Run(words);
        Assert.Equal(0, code);
        Assert.Empty(stderr);
        Assert.Equal(CommandLine.Write(to => HelpText.Write(to, Style.Plain, new RunCommand())), stdout);
    }

    [Theory]
    [InlineData("agent", "--help")]
    [InlineData("help", "agent")]
    public async Task Help_on_a_group_lists_its_commands(params string[] words)
    {
        (int code, string stdout, string stderr) = await CommandLine.Run(words);
        Assert.Equal((0, ""), (code, stderr));
        Assert.All(CommandTable.AgentNames.Where(n => n.StartsWith("agent ", StringComparison.Ordinal)), n => Assert.Contains($"  {n} ", stdout, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Without_a_command_the_overview_is_shown(params string[] words)
    {
        (int code, string stdout, _) = await CommandLine.Run(words);
        Assert.Equal(0, code);
        Assert.Equal(CommandLine.Write(to => HelpText.WriteOverview(to, Style.Plain)), stdout);
    }

    [Fact]
    public void Help_of_the_commands_own_words_is_not_ours()
    {
        (_, Invocation call) = CommandLine.Parse("run", "image", "tool", "--help");
        Assert.Equal(["tool", "--help"], call.ContainerCommand);
    }

    private static bool IsCommand(string words)
    {
        (string name, _) = CommandLineHost.FindCommand(words.Split(' '), new GlobalOptions());
        return CommandTable.Find(name) is not null || CommandTable.Names.Any(n => n.StartsWith(name + " ", StringComparison.Ordinal)) || name == "help";
    }

    [GeneratedRegex("(?<!`)`quilt ([a-z]+(?: [a-z]+)*)")]
    private static partial Regex Spoken();

    /// <summary>The same under each command; the manual has it once.</summary>
    private static string GlobalPart
    {
        get
        {
            string help = CommandLine.Write(to => HelpText.Write(to, Style.Plain, new InfoCommand("info")));
            int from = help.IndexOf("Options of every command:", StringComparison.Ordinal);
            return help[from..help.IndexOf("Examples:", StringComparison.Ordinal)];
        }
    }
}
