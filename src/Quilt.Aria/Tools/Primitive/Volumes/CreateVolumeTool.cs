using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record CreateVolumeArguments
{
    [Description("Your name for it: 1 to 63 letters, digits and '-'.")]
    public required string Name { get; init; }

    [Description("local: on the disk; tmpfs: in memory, empty again when the host has started anew.")]
    [AllowedValues("local", "tmpfs")]
    [DefaultValue("local")]
    public string? Type { get; init; }

    [Description("Bytes, or a text such as \"1GiB\"; at least 16 MiB, some of it for the file system itself. At its end writing fails (ENOSPC). Left out: no limit but the disk's, or of a tmpfs 64 MiB.")]
    public ByteSize? Size { get; init; }

    [Description("Names and values of your own.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>See <see cref="Workloads.CreateVolumeAsync"/>.</summary>
public sealed class CreateVolumeTool(ContainerEngine engine, Workloads workloads) : Tool<CreateVolumeArguments, VolumeResult>
{
    public override ToolDefinition Definition { get; } = new("createVolume")
    {
        Title = "Create a volume",
        Description = "Makes a named folder that outlives containers, and that several may have at once: mounts of createContainer, or attachVolume while it runs. What root of one writes is root's in all. It is kept until removeVolume.",
        Example = """{"name": "data", "size": "1GiB"}""",
    };

    protected override async Task<VolumeResult> RunAsync(CreateVolumeArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        NewVolume asked = NewVolumeReader.Read(context.Caller, arguments.Name, arguments.Type, arguments.Size, arguments.Labels);
        Volume volume = await workloads.CreateVolumeAsync(context.Caller, asked, null, cancellation).ConfigureAwait(false);
        return new VolumeResult { Volume = VolumeView.Of(volume, engine, context.Caller) };
    }
}
