using System.ComponentModel;
using System.Text;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record SendExecInputArguments
{
    [Description("As execInContainer told it.")]
    public required string ExecId { get; init; }

    [Description("Text for its standard input, at most 2 MiB at once.")]
    [Sensitive]
    public string? Input { get; init; }

    [Description("It shall see the end of its input.")]
    [DefaultValue(false)]
    public bool CloseStdin { get; init; }
}

public sealed record SendExecInputResult
{
    [Description("Bytes that were sent.")]
    public required int Bytes { get; init; }
}

/// <summary>See <see cref="ContainerEngine.SendExecInputAsync"/>.</summary>
public sealed class SendExecInputTool(ContainerEngine engine) : Tool<SendExecInputArguments, SendExecInputResult>
{
    public override ToolDefinition Definition { get; } = new("sendExecInput")
    {
        Title = "Write to a command's input",
        Description = "Sends text to the standard input of a background command, and ends the input with closeStdin.",
        Example = """{"execId": "0123456789abcdef", "input": "yes\n", "closeStdin": true}""",
    };

    protected override async Task<SendExecInputResult> RunAsync(SendExecInputArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        byte[] input = Encoding.UTF8.GetBytes(arguments.Input ?? "");
        await engine.SendExecInputAsync(engine.FindExec(arguments.ExecId, context.Caller.MayUse).Id, arguments.ExecId, input, arguments.CloseStdin, null, cancellation).ConfigureAwait(false);
        return new SendExecInputResult { Bytes = input.Length };
    }
}
