using System.CommandLine;

namespace Quilt.Cli;

/// <summary>What a new volume is to be, made empty or of an archive.</summary>
internal sealed class VolumeFields(CliCommand command)
{
    internal const string Usage = "[--size SIZE] [--tmpfs] [-l KEY=VALUE]...";
    private readonly Option<string?> _size = command.Value("SIZE", "What fits into it, such as 1GiB (else no limit but the disk's)", "--size");
    private readonly Option<bool> _memory = command.Flag("Keep it in memory: it is empty again when the host has started anew", "--tmpfs");
    private readonly Option<string[]> _label = command.Values("KEY[=VALUE]", "Label", "--label", "-l");

    internal ToolArguments AddTo(ToolArguments arguments, Invocation call) => arguments
        .Add("type", call.Get(_memory) ? "tmpfs" : null)
        .Add("size", call.Get(_size))
        .Add("labels", KeyValues.Labels(call.Get(_label)));
}
