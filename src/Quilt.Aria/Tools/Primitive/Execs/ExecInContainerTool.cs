using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json.Serialization;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

public sealed record ExecInContainerArguments
{
    [Description("The running container: name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("Program and arguments, no shell text; for a shell: [\"sh\", \"-c\", \"…\"].")]
    [Items(1, 16384)]
    public required IReadOnlyList<string> Command { get; init; }

    [Description("Environment variables, added to the container's.")]
    [Sensitive]
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    [Description("Absolute path in the container.")]
    public string? WorkingDir { get; init; }

    [Description("NAME or UID, with :GROUP or :GID where wanted.")]
    public string? User { get; init; }

    [Description("All of its input; of a background command at most 2 MiB: sendExecInput sends more.")]
    [Sensitive]
    public string? Stdin { get; init; }

    [Description("With a terminal.")]
    [DefaultValue(false)]
    public bool Tty { get; init; }

    [Description("It is killed after that long: seconds, or a text such as \"30s\".")]
    public TimeSpan? Timeout { get; init; }

    [Description("Answer at once with an execId: getExec reads on, sendExecInput writes to it, killExec ends it.")]
    [DefaultValue(false)]
    public bool Background { get; init; }

    [Description("So much of each stream is in the answer, 64 KiB where it is left out, at most 1 MiB; what is left out can be read with getExec.")]
    public ByteSize? OutputLimit { get; init; }

    // Of the faces that have streams.
    [JsonIgnore]
    public bool StdinOpen { get; init; }

    [JsonIgnore]
    public WindowSize? Window { get; init; }
}

public sealed record ExecInContainerResult
{
    [Description("128 + signal where a signal ended it. Not 0 is a result, no error of the call. Left out in the background.")]
    public int? ExitCode { get; init; }

    [Description("What ended it; left out where it ended by itself.")]
    public string? Signal { get; init; }
    public string? Stdout { get; init; }
    public string? Stderr { get; init; }

    [Description("Output is left out of its middle: all of it can be read with getExec and the execId, unless the disk had no space for it: then there is none.")]
    public bool? Truncated { get; init; }
    public bool? TimedOut { get; init; }
    public double? DurationMs { get; init; }

    [Description("Of a background command, or of one whose output did not fit.")]
    public string? ExecId { get; init; }
}

/// <summary>See <see cref="ContainerEngine.ExecAsync"/>.</summary>
public sealed class ExecInContainerTool(ContainerEngine engine, Workloads workloads) : Tool<ExecInContainerArguments, ExecInContainerResult>
{
    public override ToolDefinition Definition { get; } = new("execInContainer")
    {
        Title = "Run a command in a container",
        Description = "Runs a command in a running container, in a few milliseconds beside its own time, and answers with its exit code and output. The command has the container's confinement. A command that is not there is the error command_not_found.",
        Example = """{"container": "web", "command": ["sh", "-c", "ls /srv | wc -l"], "timeout": "30s"}""",
    };

    /// <summary>The same arguments, for a face that streams.</summary>
    public sealed record Stream(ExecSpec Spec, byte[] Stdin);

    /// <param name="container">Named by the face.</param>
    public Stream ReadForStream(System.Text.Json.JsonElement arguments, string container)
    {
        ExecInContainerArguments read = Read(Schema.With(arguments, "container", container));
        return new Stream(ExecSpecReader.Read(read), Encoding.UTF8.GetBytes(read.Stdin ?? ""));
    }

    protected override async Task<ExecInContainerResult> RunAsync(ExecInContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Use);
        ExecSpec spec = ExecSpecReader.Read(arguments);
        byte[] stdin = arguments.Stdin is { } text ? Encoding.UTF8.GetBytes(text) : [];
        using IDisposable? place = await workloads.EnterExecAsync(context.Caller, arguments.Background, cancellation).ConfigureAwait(false);
        if (arguments.Background)
        {
            return new ExecInContainerResult { ExecId = await engine.ExecInBackgroundAsync(record.Id, spec with { StdinOpen = true }, stdin, cancellation).ConfigureAwait(false) };
        }

        ExecOutcome outcome = await engine.ExecAsync(record.Id, spec, stdin, ExecSpecReader.OutputLimit(arguments), cancellation).ConfigureAwait(false);
        return new ExecInContainerResult
        {
            ExitCode = outcome.Exit.ExitCode,
            Signal = outcome.Exit.Signal > 0 ? Linux.Signals.NameOf(outcome.Exit.Signal) : null,
            Stdout = Encoding.UTF8.GetString(outcome.Stdout.ToArray()),
            Stderr = Encoding.UTF8.GetString(outcome.Stderr.ToArray()),
            Truncated = outcome.Truncated,
            TimedOut = outcome.Exit.TimedOut,
            DurationMs = Math.Round(outcome.Duration.TotalMilliseconds, 3),
            ExecId = outcome.KeptAs,
        };
    }
}
