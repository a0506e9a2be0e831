using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>Which words are ours, and which are the container's.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData("run --rm -- echo hi", "--rm", "echo hi")]
    [InlineData("run --rm img echo --rm -d", "--rm img", "echo --rm -d")]
    [InlineData("run --rm img -- echo -- hi", "--rm img", "echo -- hi")]
    [InlineData("run -it img sh -c x", "-it img", "sh -c x")]
    [InlineData("run --name img", "--name img", "")]
    [InlineData("run --name=n img ls", "--name=n img", "ls")]
    [InlineData("run -e A=1 -eB=2 -- env", "-e A=1 -eB=2", "env")]
    [InlineData("run -ie A=1 img", "-ie A=1 img", "")]
    [InlineData("run", "", "")]
    [InlineData("run --rm true", "--rm true", "")]
    [InlineData("exec c ls -l --json", "c", "ls -l --json")]
    [InlineData("exec -it c -- sh", "-it c", "sh")]
    [InlineData("exec exec exec", "exec", "exec")]
    [InlineData("rm -f a b", "-f a b", "")]
    public void Words_after_the_image_or_the_container_are_the_commands(string line, string ours, string command)
    {
        string[] words = line.Split(' ');
        (string[] mine, string[] inner) = OptionScan.Split(CommandTable.Find(words[0])!, new GlobalOptions(), words[1..]);
        Assert.Equal(ours, string.Join(' ', mine));
        Assert.Equal(command, string.Join(' ', inner));
    }

    [Fact]
    public void A_flag_takes_no_following_word_for_its_value()
    {
        (CliCommand command, Invocation call) = CommandLine.Parse("run", "--rm", "true");
        ContainerSpec spec = ((RunCommand)command).Request(call).Spec;
        Assert.True(spec.AutoRemove);
        Assert.Equal("true", spec.Image);
    }

    [Fact]
    public void A_container_named_as_the_command_is_a_container()
    {
        (CliCommand command, Invocation call) = CommandLine.Parse("inspect", "inspect");
        Assert.Equal("inspect", call.Get((System.CommandLine.Argument<string>)command.Arguments[0]));
    }

    [Fact]
    public void A_word_with_an_at_sign_is_no_response_file()
    {
        (CliCommand command, Invocation call) = CommandLine.Parse("run", "@image", "@word");
        ContainerSpec spec = ((RunCommand)command).Request(call).Spec;
        Assert.Equal("@image", spec.Image);
        Assert.Equal(["@word"], spec.Command);
    }

    [Fact]
    public void Global_options_may_come_before_the_command()
    {
        (CliCommand command, Invocation call) = CommandLine.Parse("--host", "unix:///a/b", "--json", "ps", "-a");
        Assert.Equal("ps", command.Name);
        Assert.True(call.Json);
        Assert.Equal("/a/b", call.Address.SocketPath);
    }

    [Fact]
    public void Every_option_of_the_container_reaches_its_spec()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "# comment\n\nFROM_FILE=1\nA=file\n");
        Environment.SetEnvironmentVariable("QUILT_TEST_PASSED_ON", "yes");
        (CliCommand command, Invocation call) = CommandLine.Parse(
            "run", "-d", "-i", "-t", "--rm", "--name", "n", "-e", "A=b=c", "-e", "QUILT_TEST_PASSED_ON", "-e", "QUILT_TEST_UNSET", "-e", "EMPTY=", "--env-file", file,
            "-w", "/w", "-u", "1:2", "--memory", "512MiB", "--cpus", "1.5", "--pids", "-1", "--read-only", "--hostname", "h", "-l", "k=v", "-l", "bare", "--ttl", "30m",
            "--strategy", "task", "--task", "k1", "--entrypoint", "/e", "--cap-add", "NET_RAW", "--cap-drop", "ALL", "--ulimit", "nofile=10:20", "--ulimit", "core=0", "--ulimit", "nproc=unlimited",
            "--tmpfs", "/t", "--tmpfs", "/u:size=1MiB", "--secret", "key", "--no-init", "--stop-signal", "INT", "--stop-timeout", "2s", "image", "sh", "-c", "x");
        CreateContainerRequest request = ((RunCommand)command).Request(call);
        File.Delete(file);
        Assert.True(request.AutoStart);
        Snapshot.Check("run-spec.json", Google.Protobuf.JsonFormatter.Default.Format(Ordered(request.Spec)) + "\n");
    }

    [Fact]
    public void An_empty_entrypoint_clears_the_images()
    {
        (CliCommand command, Invocation call) = CommandLine.Parse("create", "--entrypoint", "", "image", "ls");
        ContainerSpec spec = ((CreateCommand)command).Request(call).Spec;
        Assert.True(spec.ClearEntrypoint);
        Assert.Empty(spec.Entrypoint);
    }

    [Theory]
    [InlineData("--memory", "lots")]
    [InlineData("--cpus", "-1")]
    [InlineData("--pids", "-2")]
    [InlineData("--ttl", "soon")]
    [InlineData("--ulimit", "nofile")]
    [InlineData("--ulimit", "nofile=1:2:3")]
    [InlineData("--ulimit", "=1")]
    [InlineData("--tmpfs", "/t:mode=1")]
    [InlineData("--env", "=x")]
    [InlineData("--env-file", "/nonexistent")]
    [InlineData("--stop-timeout", "x")]
    [InlineData("--io", "read-bps=1MiB,read-bps=2MiB")]
    [InlineData("--io", "8:0:write-iops=1,write-iops=1")]
    public void A_bad_value_is_named_with_its_option_and_a_remedy(string option, string value)
    {
        (CliCommand command, Invocation call) = CommandLine.Parse("run", option, value, "image");
        QuiltException e = Assert.Throws<QuiltException>(() => ((RunCommand)command).Request(call));
        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
        Assert.Equal(option, e.Field);
        Assert.Contains(value, e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    /// <summary>Maps have no order; the first of a few entries would be by chance.</summary>
    private static ContainerSpec Ordered(ContainerSpec spec)
    {
        KeyValuePair<string, string>[] env = [.. spec.Env.OrderBy(e => e.Key, StringComparer.Ordinal)];
        spec.Env.Clear();
        spec.Env.Add(env.ToDictionary());
        return spec;
    }
}
