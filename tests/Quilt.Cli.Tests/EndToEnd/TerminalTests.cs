using System.Diagnostics;
using Quilt.Linux;

namespace Quilt.Cli.Tests;

/// <summary>What a person at a terminal sees.</summary>
public sealed class TerminalTests(CliDaemon daemon)
{
    private const string ControlC = "\x03", ControlD = "\x04", ControlP = "\u0010", DetachingKeys = ControlP + "\u0011";
    private static readonly TerminalSize Usual = new(91, 33);

    [Fact]
    public async Task In_bash_a_tag_is_completed_though_a_colon_ends_words_there()
    {
        await daemon.Run("tag", "quilt/busybox", "completed:first");
        using TerminalSession bash = TerminalSession.OfBash(daemon);
        bash.Type("source <(quilt completion bash)\n");
        bash.Type("quilt image inspect completed:f\t | head -c 40; echo __ended\n");
        await bash.Until("completed:first ");
        await bash.Until("__ended\r\n");
        bash.Type("exit\n");
        Assert.Equal(0, await bash.Ended());
        await daemon.Run("rmi", "completed:first");
    }

    [Fact]
    public async Task A_shell_in_a_new_container_reads_keys_knows_the_size_and_gives_the_terminal_back()
    {
        using TerminalSession session = new(daemon, Usual, "run", "--rm", "-it", "--", "sh", "-c", "stty size; read word; echo got:$word; exit 6");
        await session.Until("33 91");
        Assert.False(session.IsAsBefore);
        session.Type("abc\r");
        await session.Until("got:abc");
        Assert.Equal(6, await session.Ended());
        Assert.True(session.IsAsBefore);
    }

    [Fact]
    public async Task Control_c_goes_to_the_command_in_the_container()
    {
        using TerminalSession session = new(daemon, Usual, "run", "--rm", "-it", "--", "sh", "-c", "trap 'echo caught; exit 4' INT; echo ready; while :; do sleep 0.05; done");
        await session.Until("ready");
        session.Type(ControlC);
        await session.Until("caught");
        Assert.Equal(4, await session.Ended());
        Assert.True(session.IsAsBefore);
    }

    [Fact]
    public async Task A_new_size_reaches_the_command()
    {
        using TerminalSession session = new(daemon, Usual, "run", "--rm", "-it", "--", "sh", "-c", "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done");
        await session.Until("ready");
        session.Size = new TerminalSize(123, 45);
        await session.Until("45 123");
        Assert.Equal(0, await session.Ended());
    }

    [Fact]
    public async Task An_exec_has_a_terminal_too_and_ends_with_the_input()
    {
        string name = $"t-{Guid.NewGuid():N}";
        await daemon.Run("run", "-d", "--name", name);
        using TerminalSession session = new(daemon, Usual, "exec", "-it", name, "sh", "-c", "tty; stty size; cat; echo end");
        await session.Until("/dev/pts/");
        await session.Until("33 91");
        session.Type(ControlD);
        await session.Until("end");
        Assert.Equal(0, await session.Ended());
        Assert.True(session.IsAsBefore);
        await daemon.Run("rm", "-f", name);
    }

    [Fact]
    public async Task A_command_that_cannot_run_leaves_the_terminal_as_it_was()
    {
        using TerminalSession session = new(daemon, Usual, "run", "--rm", "-it", "--", "nonexistent-command");
        await session.Until("remedy:");
        Assert.Equal(127, await session.Ended());
        Assert.True(session.IsAsBefore);
    }

    [Fact]
    public async Task Statistics_are_live_until_interrupted()
    {
        string name = $"t-{Guid.NewGuid():N}";
        await daemon.Run("run", "-d", "--name", name);
        using TerminalSession session = new(daemon, new TerminalSize(150, 40), "stats", "--interval", "100ms", name);
        await session.Until(name);
        await session.Until(name);
        session.Type(ControlC);
        Assert.Equal(0, await session.Ended());
        await daemon.Run("rm", "-f", name);
    }

    [Fact]
    public async Task Attaching_joins_the_streams_of_a_container_in_the_background()
    {
        string name = $"t-{Guid.NewGuid():N}";
        await daemon.Run("run", "-d", "-i", "--name", name, "--", "sh", "-c", "read word; echo got:$word; exit 6");
        CliResult result = await daemon.Run(["attach", name], "hello\n"u8.ToArray());
        Assert.Equal((6, "got:hello\n"), (result.ExitCode, result.Stdout));
        Assert.Equal(125, (await daemon.Run("attach", name)).ExitCode);
        await daemon.Run("rm", name);
    }

    [Fact]
    public async Task Keys_let_go_of_a_container_which_goes_on_and_can_be_joined_again()
    {
        string name = $"t-{Guid.NewGuid():N}";
        using (TerminalSession session = new(daemon, Usual, "run", "-it", "--name", name, "--", "sh", "-c", "echo ready; read word; echo got:$word; exit 6"))
        {
            await session.Until("ready");
            session.Type($"a{DetachingKeys}");
            await session.Until($"let go of {name}");
            Assert.Equal(0, await session.Ended());
            Assert.True(session.IsAsBefore);
        }

        using (TerminalSession session = new(daemon, Usual, "attach", "--detach-keys", "x,y", name))
        {
            await session.HasTheKeys();
            session.Type($"b{ControlP}cxz"); // none of these keys, and not both
            session.Type("xy");
            await session.Until($"let go of {name}");
            Assert.Equal(0, await session.Ended());
        }

        using (TerminalSession session = new(daemon, Usual, "attach", name))
        {
            await session.HasTheKeys();
            session.Type("\r");
            await session.Until("got:ab\u0010cxz");
            Assert.Equal(6, await session.Ended());
        }

        await daemon.Run("rm", name);
    }

    [Fact]
    public async Task Keys_let_go_of_an_exec_which_goes_on()
    {
        string name = $"t-{Guid.NewGuid():N}";
        await daemon.Run("run", "-d", "--name", name);
        using TerminalSession session = new(daemon, Usual, "exec", "-it", name, "sh", "-c", "echo ready; until test -e /go; do sleep 0.02; done; yes | head -n 100000; echo done > /done");
        await session.Until("ready");
        session.Type(DetachingKeys);
        await session.Until("let go of the command");
        Assert.Equal(0, await session.Ended());
        Assert.True(session.IsAsBefore);

        // Nobody takes what it writes any more: that does not hold it up, and does not end it.
        CliResult after = await daemon.Run("exec", "--timeout", "30s", name, "sh", "-c", "touch /go; until test -s /done; do sleep 0.02; done; cat /done");
        Assert.Equal((0, "done\n"), (after.ExitCode, after.Stdout));
        await daemon.Run("rm", "-f", name);
    }

    [Theory]
    [InlineData("rm {0}", "{1}")]
    [InlineData("exec -it {0}", "{1}")]
    [InlineData("run quilt/busy", "quilt/busybox")] // others build images meanwhile
    [InlineData("inspe", "inspect")]
    [InlineData("ps --fil", "--filter")]
    public async Task Bash_completes_commands_options_containers_and_images(string line, string expected)
    {
        string name = $"t-{Guid.NewGuid():N}";
        await daemon.Run("create", "--name", name);
        string[] words = string.Format(System.Globalization.CultureInfo.InvariantCulture, line, name[..20]).Split(' ');
        ProcessStartInfo quilt = daemon.Start();
        string script = "source <(quilt completion bash); COMP_WORDS=(quilt \"$@\"); COMP_CWORD=$#; COMP_LINE=\"quilt $*\"; COMP_POINT=${#COMP_LINE}; _quilt; printf '%s\\n' \"${COMPREPLY[@]}\"";
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", script, "bash", .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["QUILT_HOST"] = daemon.Host, ["PATH"] = $"{Path.GetDirectoryName(quilt.FileName)}:{Environment.GetEnvironmentVariable("PATH")}" },
        })!;
        CliResult result = await CliDaemon.Finish(bash);
        Assert.Empty(result.Stderr);
        Assert.StartsWith(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, "", name), result.Stdout, StringComparison.Ordinal);
        await daemon.Run("rm", name);
    }
}
