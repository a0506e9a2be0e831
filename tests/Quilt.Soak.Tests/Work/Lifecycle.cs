using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>One container from its creation to its removal, with what is done with it; each answer is held against what was answered before.</summary>
internal sealed partial class Lifecycle
{
    private readonly SoakRun _soak;
    private readonly List<string> _history = [];

    internal Lifecycle(SoakRun soak, int number)
    {
        (_soak, Number, Random) = (soak, number, new Random(unchecked((soak.Seed * 31) + number)));
        OverHttp = Random.Next(8) == 0;
        Box = new Box($"soak-{number}") { Lines = Random.Next(3) == 0 ? Random.Next(1, 2000) : 0, Code = Random.Next(1, 100) };
    }

    internal int Number { get; }
    internal Random Random { get; }
    internal Box Box { get; }
    internal List<Belonging> Belongings { get; } = [];
    internal Figures Figures => _soak.Figures;
    internal Trouble Trouble => _soak.Trouble;

    /// <summary>Whether the place of the containers can hold file systems of their own.</summary>
    internal bool Disks => _soak.Disks;

    /// <summary>See <see cref="SoakRun.ClockJumps"/>.</summary>
    internal bool ClockJumps => _soak.ClockJumps;

    /// <summary>Its tools are called over HTTP.</summary>
    internal bool OverHttp { get; }

    /// <summary>Whose calls these are: an agent's token, a session.</summary>
    internal Metadata Headers { get; } = [];

    /// <summary>What is made for it is removed in this order, and has this in its name.</summary>
    internal string NewName(string what) => $"{Box.Name}-{what}{Belongings.Count}";

    internal Task<T> Call<T>(Func<QuiltService.QuiltServiceClient, CallOptions, AsyncUnaryCall<T>> call) => _soak.Daemon.CallAsync(async (client, options) => await call(client, options), Headers);

    internal Task<T> Streaming<T>(Func<QuiltService.QuiltServiceClient, CallOptions, Task<T>> call) => _soak.Daemon.CallAsync(call, Headers);

    internal Task<JsonElement> Tool(string name, object arguments) => _soak.Daemon.ToolAsync(name, arguments, Headers, OverHttp);

    /// <summary>It was told as made: its events have to come.</summary>
    internal void Made(string id) => _soak.Made(id);

    /// <summary>Something that goes through the daemon and is no call: cut off where it dies.</summary>
    internal async Task Through(Func<Task> work)
    {
        int life = _soak.Daemon.Life;
        try
        {
            await work();
        }
        catch (Exception) when (_soak.Daemon.Life != life)
        {
            throw new InterruptedException();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // As a call is refused where the host has no more of something.
            throw new UnexpectedException($"a connection through quiltd was cut off: {e.Message}");
        }
    }

    /// <summary>A script in the container, to its end.</summary>
    internal async Task<ExecResult> Shell(string script, string? container = null, string stdin = "", TimeSpan? timeout = null, long outputLimit = 0)
    {
        ExecRequest request = new() { Container = container ?? Box.Id, Command = { "sh", "-c", script }, Stdin = ByteString.CopyFromUtf8(stdin), OutputLimitBytes = outputLimit };
        if (timeout is { } limit)
        {
            request.Timeout = Duration.FromTimeSpan(limit);
        }

        return (await Call((c, o) => c.ExecAsync(request, o))).Result;
    }

    /// <summary>Makes something that is taken away at the end, whatever becomes of the call.</summary>
    internal async Task<T> Make<T>(Belonging belonging, Task<T> making)
    {
        Belongings.Add(belonging);
        try
        {
            T made = await making;
            belonging.Presence = Presence.There;
            return made;
        }
        catch (RefusedException)
        {
            belonging.Presence = _soak.Trouble.Now % 2 == 1 ? Presence.Unsure : Presence.Gone;
            throw;
        }
    }

    /// <summary>Takes it away before the end.</summary>
    internal async Task Unmake(Belonging belonging)
    {
        belonging.Presence = Presence.Unsure;
        await belonging.RemoveAsync(this);
        belonging.Presence = Presence.Gone;
    }

    /// <summary>Changes a file by a call: until it is answered the file may be either way.</summary>
    internal async Task<T> Write<T>(string path, string? content, Func<Task<T>> call)
    {
        if (!Box.Files.TryGetValue(path, out HashSet<string?>? may))
        {
            Box.Files[path] = may = [null];
        }

        may.Add(content);
        T answer = await call();
        Box.Files[path] = [content];
        return answer;
    }

    /// <summary>As <see cref="Write"/>, by a command that leaves the file as it was, or whole, when it is killed.</summary>
    internal Task<ExecResult> WriteByCommand(string path, string content) => Write(path, content, async () =>
    {
        ExecResult written = await Shell($"printf {content} > {path}.new && mv {path}.new {path}");
        Same((0, ""), (written.ExitCode, written.Stderr.ToStringUtf8()), "writing a file");
        return written;
    });

    internal static void Expect(bool so, string what)
    {
        if (!so)
        {
            throw new UnexpectedException(what);
        }
    }

    internal static void Same<T>(T expected, T actual, string what) =>
        Expect(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: '{Short(actual)}' where '{Short(expected)}' has to be");

    /// <summary>The code of a call that has to be refused.</summary>
    internal static async Task Refused(string code, Func<Task> call, string what)
    {
        try
        {
            await call();
        }
        catch (RefusedException e)
        {
            Same(code, e.Code, what);
            return;
        }

        throw new UnexpectedException($"{what} was not refused");
    }

    private static string Short<T>(T value)
    {
        string text = value?.ToString() ?? "(nothing)";
        return text.Length <= 120 ? text : $"{text[..80]}...{text[^30..]} ({text.Length} characters)";
    }
}
