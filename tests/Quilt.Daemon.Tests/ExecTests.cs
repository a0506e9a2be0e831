using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;
using TerminalSize = Quilt.Api.V1.TerminalSize;

namespace Quilt.Daemon.Tests;

public sealed class ExecTests(DaemonFixture fixture) : IAsyncLifetime
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;
    private string _container = "";

    public async ValueTask InitializeAsync() => _container = (await _client.Run()).Id;

    public async ValueTask DisposeAsync() => await _client.Remove(_container);

    private async Task<ExecResult> Exec(ExecRequest request)
    {
        request.Container = _container;
        return (await _client.ExecAsync(request, cancellationToken: Cancellation)).Result;
    }

    [Fact]
    public async Task Output_exit_code_and_signal_of_a_command_come_back()
    {
        Assert.Equal((3, "out\n", "err\n"), await _client.Exec(_container, "echo out; echo err >&2; exit 3"));
        ExecResult killed = await Exec(new ExecRequest { Command = { "sh", "-c", "kill -9 $$" } });
        Assert.Equal((137, 9), (killed.ExitCode, killed.Signal));
    }

    [Fact]
    public async Task A_stream_that_is_left_ends_without_an_exit_and_its_command_goes_on()
    {
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.ExecStream(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(
            new StreamInput { Exec = new ExecRequest { Container = _container, Command = { "sh", "-c", "until test -e /go; do sleep 0.02; done; echo unheard; echo done > /done" }, StdinOpen = true } }, Cancellation);
        StreamReader stream = new(call);
        StreamOutput started = await stream.Next();
        Assert.Equal(StreamOutput.OutputOneofCase.Started, started.OutputCase);
        await call.RequestStream.WriteAsync(new StreamInput { Leave = true }, Cancellation);
        Assert.False(await call.ResponseStream.MoveNext(Cancellation));
        ListExecsResponse left = await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation);
        Assert.Contains(left.Execs, e => e.ExecId == started.Started.ExecId && e.Running); // as one in the background, it counts for its agent
        Assert.Equal((0, "done\n", ""), await _client.Exec(_container, "touch /go; until test -s /done; do sleep 0.02; done; cat /done"));
        GetExecResponse read = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = started.Started.ExecId, Follow = true }, cancellationToken: Cancellation);
        Assert.Equal("unheard\n", Assert.Single(read.Output).Data.ToStringUtf8());
    }

    [Fact]
    public async Task A_command_that_was_left_is_signalled_by_its_id_as_one_in_the_background()
    {
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.ExecStream(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = _container, Command = { "cat" }, StdinOpen = true, Tty = true } }, Cancellation);
        StreamReader stream = new(call);
        string id = (await stream.Next()).Started.ExecId;
        await call.RequestStream.WriteAsync(new StreamInput { Leave = true }, Cancellation);
        Assert.False(await call.ResponseStream.MoveNext(Cancellation));
        await _client.Tool("sendExecInput", new { execId = id, input = "still there\n" });
        await Eventually(async () => (await _client.Tool("getExec", new { execId = id })).GetProperty("output").EnumerateArray().Any(l => l.Text("text").Contains("still there", StringComparison.Ordinal)));
        await _client.Tool("killExec", new { execId = id });
        JsonElement ended = await _client.Tool("getExec", new { execId = id, wait = "10s", cursor = (await _client.Tool("getExec", new { execId = id })).Text("cursor") });
        Assert.Equal(137, ended.GetProperty("exec").GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task Commands_and_their_outputs_are_there_when_their_container_has_ended()
    {
        string[] command = ["sh", "-c", "echo done; exit 4"];
        string id = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { command }, Background = true }, cancellationToken: Cancellation)).ExecId;
        string killed = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "sleep", "1000" }, Background = true }, cancellationToken: Cancellation)).ExecId;
        string large = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "head", "-c", "5000000", "/dev/zero" }, OutputLimitBytes = 1000 }, cancellationToken: Cancellation)).ExecId;
        await _client.StopContainerAsync(new StopContainerRequest { Container = _container, Timeout = Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        ExecInfo[] execs = [.. (await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation)).Execs];
        Assert.Equal([id, killed, large], execs.Select(e => e.ExecId));
        Assert.Equal(command, execs[0].Command);
        Assert.Equal([4, 137, 0], execs.Select(e => e.ExitCode));
        Assert.Equal("done\n", Assert.Single((await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id }, cancellationToken: Cancellation)).Output).Data.ToStringUtf8());
        await _client.Start(_container);
        Assert.Equal([id, killed, large], (await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation)).Execs.Select(e => e.ExecId));
    }

    [Fact]
    public async Task Of_commands_that_have_ended_the_last_outputs_are_kept_and_not_too_much_of_them()
    {
        string folder = Path.Combine(fixture.Daemon.StateDir, "containers", _container, "execs");
        List<string> ended = [];
        for (int i = 0; i < 66; i++)
        {
            ended.Add(await Ended());
        }

        await Deadline.Until(() => Directory.GetDirectories(folder).Length <= 65); // 64, and the newest
        Assert.Equal("not_found", (await _client.ToolRefused("getExec", new { execId = ended[0] })).Code);
        Assert.DoesNotContain((await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation)).Execs, e => e.ExecId == ended[0]);
        foreach (string large in ended[^3..^1])
        {
            await using FileStream output = File.Create(Path.Combine(folder, large, "output.large"));
            output.SetLength(200 << 20);
        }

        string last = await Ended();
        await Deadline.Until(() => !Directory.Exists(Path.Combine(folder, ended[^3])));
        Assert.All((string[])[ended[^2], ended[^1], last], id => Assert.True(Directory.Exists(Path.Combine(folder, id)), id));

        async Task<string> Ended()
        {
            string id = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "true" }, Background = true }, cancellationToken: Cancellation)).ExecId;
            await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, Follow = true }, cancellationToken: Cancellation);
            return id;
        }
    }

    [Fact]
    public async Task One_answer_of_much_output_is_of_one_mebibyte_and_says_that_there_is_more()
    {
        string id = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "sh", "-c", "head -c 5000000 /dev/zero" }, Background = true }, cancellationToken: Cancellation)).ExecId;
        GetExecResponse part = new() { Exec = new ExecInfo { Running = true } };
        long total = 0;
        do
        {
            part = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, SinceCursor = part.Cursor, Follow = true }, cancellationToken: Cancellation);
            int length = part.Output.Sum(l => l.Data.Length);
            Assert.InRange(length, 0, 1 << 20);
            total += length;
        }
        while (part.Exec.Running || part.Output.Count > 0);
        Assert.Equal(5_000_000, total);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1000")]
    public async Task Standard_streams_can_be_opened_by_name(string user)
    {
        const string script = "cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr";
        ExecResult result = await Exec(new ExecRequest { Command = { "sh", "-c", script }, User = user, Stdin = ByteString.CopyFromUtf8("in ") });
        Assert.Equal((0, "in out\n", "err\n"), (result.ExitCode, result.Stdout.ToStringUtf8(), result.Stderr.ToStringUtf8()));
        Container own = await _client.Run(new ContainerSpec { Command = { "sh", "-c", "echo out > /dev/stdout" }, User = user });
        Assert.Equal(0, (await _client.WaitExited(own.Id)).ExitCode);
        Assert.Equal("out\n", await _client.Logs(own.Id));
        await _client.Remove(own.Id);
    }

    [Fact]
    public async Task A_command_ends_though_others_that_it_leaves_write_on_and_on()
    {
        ExecResult result = await Exec(new ExecRequest { Command = { "sh", "-c", "for i in 1 2 3 4 5 6; do yes & done; sleep 0.1; exit 5" } });
        Assert.Equal(5, result.ExitCode);
        Assert.Equal((0, "well\n", ""), await _client.Exec(_container, "echo well"));
    }

    [Fact]
    public async Task Input_of_any_size_arrives_whole()
    {
        byte[] input = new byte[3 << 20];
        new Random(1).NextBytes(input);
        ExecResult result = await Exec(new ExecRequest { Command = { "sha256sum" }, Stdin = ByteString.CopyFrom(input) });
        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input)), result.Stdout.ToStringUtf8(), StringComparison.Ordinal);
        ExecResult unread = await Exec(new ExecRequest { Command = { "true" }, Stdin = ByteString.CopyFrom(input) });
        Assert.Equal(0, unread.ExitCode);
    }

    [Fact]
    public async Task Long_output_keeps_its_head_and_tail_and_says_what_is_left_out()
    {
        ExecResult result = await Exec(new ExecRequest { Command = { "sh", "-c", "echo first; seq 1 100000; echo last" }, OutputLimitBytes = 1000 });
        string text = result.Stdout.ToStringUtf8();
        Assert.True(result.Truncated);
        Assert.Equal(588895 + "first\nlast\n".Length, result.StdoutBytes);
        Assert.StartsWith("first\n1\n", text, StringComparison.Ordinal);
        Assert.EndsWith("100000\nlast\n", text, StringComparison.Ordinal);
        Assert.Contains("bytes left out", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_folder_and_user_are_as_asked_and_otherwise_the_containers()
    {
        ExecResult result = await Exec(new ExecRequest
        {
            Command = { "sh", "-c", "echo $A; pwd; id -u; id -g; echo $PATH" }, Env = { ["A"] = "b" }, WorkingDir = "/tmp", User = "1000:1001",
        });
        Assert.Equal("b\n/tmp\n1000\n1001\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n", result.Stdout.ToStringUtf8());
        Assert.Equal((0, "/\n0\n", ""), await _client.Exec(_container, "pwd; id -u"));
    }

    [Fact]
    public async Task A_user_that_the_container_made_can_be_named()
    {
        Assert.Equal((0, "", ""), await _client.Exec(_container, "echo anna:x:1234:1234::/home/anna:/bin/sh >> /etc/passwd"));
        ExecResult result = await Exec(new ExecRequest { Command = { "sh", "-c", "id -u; echo $HOME" }, User = "anna" });
        Assert.Equal("1234\n/home/anna\n", result.Stdout.ToStringUtf8());
    }

    [Fact]
    public async Task A_command_beyond_its_time_is_killed_and_told_as_such()
    {
        ExecResult result = await Exec(new ExecRequest { Command = { "sh", "-c", "echo begun; sleep 1000" }, Timeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(200)) });
        Assert.True(result.TimedOut);
        Assert.Equal((137, "begun\n"), (result.ExitCode, result.Stdout.ToStringUtf8()));
    }

    [Fact]
    public async Task A_missing_command_and_one_that_cannot_run_have_codes_of_their_own()
    {
        ErrorDetail missing = await Fails(() => Exec(new ExecRequest { Command = { "no-such-command" } }));
        Assert.Equal(("command_not_found", "command"), (missing.Code, missing.Field));
        Assert.Contains("'no-such-command'", missing.Message, StringComparison.Ordinal);
        ErrorDetail unusable = await Fails(() => Exec(new ExecRequest { Command = { "/etc/passwd" } }));
        Assert.Equal(("command_not_executable", "command"), (unusable.Code, unusable.Field));
    }

    [Fact]
    public async Task A_stream_carries_input_and_output_both_ways_and_ends_with_the_exit()
    {
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.ExecStream(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = _container, Command = { "sh", "-c", "while read x; do echo got $x; done; exit 4" }, StdinOpen = true } }, Cancellation);
        StreamReader stream = new(call);
        Assert.True((await stream.Next()).Started.Pid > 0);
        foreach (string word in (string[])["one", "two"])
        {
            await call.RequestStream.WriteAsync(new StreamInput { Stdin = ByteString.CopyFromUtf8(word + "\n") }, Cancellation);
            Assert.Equal($"got {word}\n", await stream.ReadLine());
        }

        await call.RequestStream.WriteAsync(new StreamInput { CloseStdin = true }, Cancellation);
        Assert.Equal(4, (await stream.Next()).Exit.ExitCode);
        Assert.False(await call.ResponseStream.MoveNext(Cancellation));
    }

    [Fact]
    public async Task A_terminal_has_the_size_it_is_given_also_later()
    {
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.ExecStream(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new StreamInput
        {
            Exec = new ExecRequest
            {
                Container = _container, Command = { "sh", "-c", "stty size; read x; stty size; exit 0" }, Tty = true, StdinOpen = true,
                TerminalSize = new TerminalSize { Columns = 100, Rows = 30 },
            },
        }, Cancellation);
        StreamReader stream = new(call);
        await stream.Next();
        Assert.Equal("30 100\r\n", await stream.ReadLine());
        await call.RequestStream.WriteAsync(new StreamInput { Resize = new TerminalSize { Columns = 50, Rows = 10 } }, Cancellation);
        await call.RequestStream.WriteAsync(new StreamInput { Stdin = ByteString.CopyFromUtf8("\n") }, Cancellation);
        string rest = await stream.ReadToExit();
        Assert.EndsWith("10 50\r\n", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_on_the_daemons_socket_can_have_the_outputs_pipes()
    {
        using FileDescriptor channel = OpenChannel(out string id);
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.ExecStream(new Metadata { { "quilt-descriptor-channel", id } }, cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = _container, Command = { "sh", "-c", "echo out; echo err >&2; exit 4" } } }, Cancellation);
        StreamReader stream = new(call);
        Assert.True((await stream.Next()).Started.OutputByDescriptor);
        List<FileDescriptor> outputs = [];
        Sys.ReceiveWithFds(channel, new byte[1], outputs);
        Assert.Equal(["out\n", "err\n"], outputs.Select(o => Encoding.UTF8.GetString(Sys.ReadFile(o, "output"))));
        Assert.Equal(4, (await stream.Next()).Exit.ExitCode);
        outputs.ForEach(o => o.Dispose());

        // Used once; and a terminal's output is in the call.
        using FileDescriptor open = OpenChannel(out string another);
        foreach ((string unusable, bool terminal) in ((string, bool)[])[(id, false), ("0123456789abcdef0123456789abcdef", false), (another, true)])
        {
            using AsyncDuplexStreamingCall<StreamInput, StreamOutput> usual = _client.ExecStream(new Metadata { { "quilt-descriptor-channel", unusable } }, cancellationToken: Cancellation);
            await usual.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = _container, Command = { "echo", "out" }, Tty = terminal } }, Cancellation);
            StreamReader reader = new(usual);
            Assert.False((await reader.Next()).Started.OutputByDescriptor);
            Assert.Equal("out", (await reader.ReadToExit()).Trim());
        }
    }

    private FileDescriptor OpenChannel(out string id)
    {
        FileDescriptor channel = Sys.Connect(fixture.Daemon.Socket, stream: true);
        Sys.WriteAll(channel, "QUILT DESCRIPTORS\n"u8, "quiltd");
        byte[] answer = new byte[32];
        for (int got = 0; got < answer.Length;)
        {
            got += Sys.ReadShared(channel, answer.AsSpan(got), "quiltd");
        }

        id = Encoding.ASCII.GetString(answer);
        return channel;
    }

    [Fact]
    public async Task A_client_that_goes_takes_its_command_with_it()
    {
        using (AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.ExecStream(cancellationToken: Cancellation))
        {
            await call.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = _container, Command = { "sleep", "4321" } } }, Cancellation);
            await new StreamReader(call).Next();
        }

        await Eventually(async () => (await _client.Exec(_container, "ps | grep '[s]leep 4321'")).ExitCode == 1);
    }

    [Fact]
    public async Task A_background_command_is_listed_fed_read_and_ended()
    {
        string id = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "sh", "-c", "echo begun; cat; exit 5" }, Background = true, StdinOpen = true }, cancellationToken: Cancellation)).ExecId;
        Assert.Contains(id, (await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation)).Execs.Select(e => e.ExecId));
        GetExecResponse first = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, Follow = true }, cancellationToken: Cancellation);
        Assert.Equal("begun\n", Assert.Single(first.Output).Data.ToStringUtf8());
        await _client.SendExecInputAsync(new SendExecInputRequest { Container = _container, ExecId = id, Input = ByteString.CopyFromUtf8("more\n"), CloseStdin = true }, cancellationToken: Cancellation);
        GetExecResponse second = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, SinceCursor = first.Cursor, Follow = true }, cancellationToken: Cancellation);
        Assert.Equal("more\n", second.Output[0].Data.ToStringUtf8());
        GetExecResponse last = second;
        while (last.Exec.Running)
        {
            last = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, SinceCursor = last.Cursor, Follow = true }, cancellationToken: Cancellation);
        }

        Assert.Equal(5, last.Exec.ExitCode);
    }

    /// <summary>The last of it is kept, and whoever reads it is told.</summary>
    [Fact]
    public async Task Output_of_a_background_command_that_is_not_kept_any_more_is_told()
    {
        string id = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "sh", "-c", "yes 'a line of sixteen bytes and more' | head -c 60000000; echo; echo END" }, Background = true }, cancellationToken: Cancellation)).ExecId;
        await Eventually(async () => !(await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation)).Execs.Single(e => e.ExecId == id).Running);
        GetExecResponse part = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id }, cancellationToken: Cancellation);
        Assert.True(part.Missed);
        string last = "";
        while (part.Output.Count > 0)
        {
            last = part.Output[^1].Data.ToStringUtf8();
            part = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, SinceCursor = part.Cursor }, cancellationToken: Cancellation);
            Assert.False(part.Missed);
        }

        Assert.Equal("END\n", last);
    }

    [Fact]
    public async Task A_working_folder_that_is_not_there_and_a_word_that_is_too_long_are_named()
    {
        ErrorDetail folder = await Fails(async () => await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "true" }, WorkingDir = "/no/such" }, cancellationToken: Cancellation));
        Assert.Equal(("invalid_argument", "workingDir"), (folder.Code, folder.Field));
        Assert.Contains("'/no/such'", folder.Message, StringComparison.Ordinal);
        ErrorDetail command = await Fails(async () => await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "echo", Enumerable.Repeat(new string('a', 100_000), 30) } }, cancellationToken: Cancellation));
        Assert.Equal(("invalid_argument", "command"), (command.Code, command.Field));
        Assert.Contains("shorter", command.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_that_is_too_long_for_one_message_is_refused_and_harms_nobody()
    {
        string id = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "cat" }, Background = true, StdinOpen = true }, cancellationToken: Cancellation)).ExecId;
        ByteString tooMuch = ByteString.CopyFrom(new byte[(2 << 20) + 1]);
        ErrorDetail error = await Fails(async () => await _client.SendExecInputAsync(new SendExecInputRequest { Container = _container, ExecId = id, Input = tooMuch }, cancellationToken: Cancellation));
        Assert.Equal(("invalid_argument", "input"), (error.Code, error.Field));
        ErrorDetail refused = await _client.ToolRefused("execInContainer", new { container = _container, command = new[] { "cat" }, background = true, stdin = new string('x', (2 << 20) + 1) });
        Assert.Equal(("invalid_argument", "stdin"), (refused.Code, refused.Field));
        await _client.SendExecInputAsync(new SendExecInputRequest { Container = _container, ExecId = id, Input = ByteString.CopyFrom(new byte[2 << 20]), CloseStdin = true }, cancellationToken: Cancellation);
        Assert.Equal([id], (await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation)).Execs.Select(e => e.ExecId));
        Assert.Equal((0, "here\n", ""), await _client.Exec(_container, "echo here"));
    }

    [Fact]
    public async Task A_background_command_that_ends_before_its_input_comes_was_run_all_the_same()
    {
        // Whether the input or the end comes first differs from one to the next.
        for (int i = 0; i < 20; i++)
        {
            JsonElement begun = await _client.Tool("execInContainer", new { container = _container, command = new[] { "true" }, background = true, stdin = "for nobody" });
            Assert.NotEmpty(begun.Text("execId"));
        }
    }

    [Fact]
    public async Task Commands_too_long_to_be_told_are_listed_by_their_beginnings()
    {
        const int count = 70;
        string script = ": " + new string('"', 60_000); // each of which is six bytes as JSON
        for (int i = 0; i < count; i++)
        {
            await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "sleep", "1000", script }, Background = true }, cancellationToken: Cancellation);
        }

        ExecInfo[] execs = [.. (await _client.ListExecsAsync(new ContainerRequest { Container = _container }, cancellationToken: Cancellation)).Execs];
        Assert.InRange(execs.Length, 64, count);
        Assert.All(execs, e => Assert.Matches("^: \"{1000,5000}…$", e.Command[^1]));
        ErrorDetail error = await Fails(async () => await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "true", script + script[2..], script, script, script, script, script, script, script, script, script, script, script } }, cancellationToken: Cancellation));
        Assert.Equal(("invalid_argument", "command"), (error.Code, error.Field));
        await _client.StopContainerAsync(new StopContainerRequest { Container = _container }, cancellationToken: Cancellation);
        Assert.Equal(ContainerState.Exited, (await _client.Get(_container)).State);
    }

    [Fact]
    public async Task Input_that_is_not_read_is_refused_in_time_and_holds_up_neither_a_size_nor_a_signal()
    {
        string id = (await _client.ExecAsync(
            new ExecRequest { Container = _container, Command = { "sh", "-c", "trap 'stty size; exit 6' TERM; while :; do sleep 0.05; done" }, Background = true, StdinOpen = true, Tty = true },
            cancellationToken: Cancellation)).ExecId;
        ByteString much = ByteString.CopyFrom(new byte[1 << 20]);
        ErrorDetail error = await Fails(async () =>
        {
            for (int sent = 0; sent < 64; sent++)
            {
                await _client.SendExecInputAsync(new SendExecInputRequest { Container = _container, ExecId = id, Input = much }, cancellationToken: Cancellation);
            }
        });
        Assert.Equal("resource_exhausted", error.Code);
        await _client.SendExecInputAsync(new SendExecInputRequest { Container = _container, ExecId = id, Resize = new TerminalSize { Columns = 123, Rows = 45 } }, cancellationToken: Cancellation);
        await _client.KillExecAsync(new KillExecRequest { Container = _container, ExecId = id, Signal = "TERM" }, cancellationToken: Cancellation);
        GetExecResponse ended = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, Follow = true }, cancellationToken: Cancellation);
        string output = string.Concat(ended.Output.Select(l => l.Data.ToStringUtf8()));
        while (ended.Exec.Running)
        {
            ended = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, SinceCursor = ended.Cursor, Follow = true }, cancellationToken: Cancellation);
            output += string.Concat(ended.Output.Select(l => l.Data.ToStringUtf8()));
        }

        Assert.Equal(6, ended.Exec.ExitCode);
        Assert.Contains("45 123", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_background_command_can_be_killed_and_an_unknown_one_is_not_found()
    {
        string id = (await _client.ExecAsync(new ExecRequest { Container = _container, Command = { "sleep", "1000" }, Background = true }, cancellationToken: Cancellation)).ExecId;
        await _client.KillExecAsync(new KillExecRequest { Container = _container, ExecId = id }, cancellationToken: Cancellation);
        GetExecResponse ended = await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = id, Follow = true }, cancellationToken: Cancellation);
        Assert.Equal((137, 9), (ended.Exec.ExitCode, ended.Exec.Signal));
        foreach (string unknown in (string[])["0123456789abcdef", "../../secret", ""])
        {
            ErrorDetail error = await Fails(async () => await _client.GetExecAsync(new GetExecRequest { Container = _container, ExecId = unknown }, cancellationToken: Cancellation));
            Assert.Equal(("not_found", "execId"), (error.Code, error.Field));
        }
    }

    [Fact]
    public async Task Many_commands_run_at_once()
    {
        (int ExitCode, string Stdout, string Stderr)[] results = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => _client.Exec(_container, $"echo {n}; exit {n}")));
        Assert.Equal(Enumerable.Range(0, 64).Select(n => (n, $"{n}\n", "")), results);
    }
}
