using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

public sealed record LoadVolumeArguments
{
    [Description("A tar archive, compressed or not, such as saveVolume writes it.")]
    public required ArchiveArguments Archive { get; init; }

    [Description("The new volume's name: 1 to 63 letters, digits and '-'.")]
    public required string Name { get; init; }

    [Description("local: on the disk; tmpfs: in memory, empty again when the host has started anew.")]
    [AllowedValues("local", "tmpfs")]
    [DefaultValue("local")]
    public string? Type { get; init; }

    [Description("As of createVolume.")]
    public ByteSize? Size { get; init; }

    [Description("Names and values of your own.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

public sealed record LoadVolumeResult
{
    public required VolumeView Volume { get; init; }

    [Description("What the volume does not have of the archive, such as devices, and why; at most 16 of them.")]
    public IReadOnlyList<string>? LeftOut { get; init; }
}

/// <summary>Brings a volume back: a new one, filled from an archive.</summary>
public sealed class LoadVolumeTool(ContainerEngine engine, Workloads workloads, TransferFiles transfers) : Tool<LoadVolumeArguments, LoadVolumeResult>
{
    public override ToolDefinition Definition { get; } = new("loadVolume")
    {
        Title = "Make a volume of an archive",
        Description = "Makes a volume that begins with what a tar archive holds. Where that is damaged, hostile or too much, there is no volume.",
        Example = """{"archive": {"upload": "UPLOAD-ID"}, "name": "data"}""",
    };

    protected override async Task<LoadVolumeResult> RunAsync(LoadVolumeArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        NewVolume asked = NewVolumeReader.Read(context.Caller, arguments.Name, arguments.Type, arguments.Size, arguments.Labels);
        await using Stream archive = arguments.Archive.Open(context.Caller, transfers, "archive");
        CopyReport? report = null;
        Volume volume = await workloads.CreateVolumeAsync(
            context.Caller, asked, async (folder, token) => report = await FillAsync(archive, folder, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return new LoadVolumeResult { Volume = VolumeView.Of(volume, engine, context.Caller), LeftOut = CopyFields.LeftOut(report!) };
    }

    private static async Task<CopyReport> FillAsync(Stream archive, string folder, CancellationToken cancellation)
    {
        using LiveRoot root = new(Sys.Open(folder, OpenMode.Path | OpenMode.Directory));
        try
        {
            return await FileThread.RunAsync(null, () =>
            {
                using RootWriter writer = new(root, new CopyInOptions { KeepOwners = true, TellsWhatStays = false }, null, cancellation);
                return writer.Unpack(archive, "/");
            }).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Field == "path")
        {
            throw new QuiltException(e.Code, e.Message, e.Remedy, "archive", e);
        }
    }
}
