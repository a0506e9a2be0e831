using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record CopyToContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id. It may run, be paused or stopped.")]
    public required string Container { get; init; }

    [Description("Absolute path in the container: the file's for content, a folder's that is there for an archive.")]
    public required string Path { get; init; }

    [Description("A file's content.")]
    [Sensitive]
    public string? Content { get; init; }

    [Description("What content is: text, or bytes in base64.")]
    [AllowedValues("text", "base64")]
    [DefaultValue("text")]
    public string? Encoding { get; init; }

    [Description("A tar archive, plain or compressed by gzip or zstd, whose entries come into the folder at path.")]
    public ArchiveArguments? Archive { get; init; }

    [Description("A file or folder of the host, where your grant has it.")]
    public string? HostPath { get; init; }

    [Description("into: the archive's entries come into the folder at path. as: the archive is one file or folder, which is placed as cp does: into a folder that is there, else under path itself. A hostPath is placed as cp does in any case.")]
    [AllowedValues("into", "as")]
    [DefaultValue("into")]
    public string? Placing { get; init; }

    [Description("The file's permissions for content, in octal such as \"0755\". Those of the file that it replaces, else 0644, where it is left out.")]
    public string? Mode { get; init; }

    [Description("Whose all of it becomes: USER or UID, with :GROUP or :GID where wanted, by the container's own accounts. Root where it is left out; a file that content replaces keeps its owner.")]
    public string? Owner { get; init; }

    [Description("Keep the owners that the archive has.")]
    [DefaultValue(false)]
    public bool KeepOwners { get; init; }

    [Description("Make the folders that are missing on the way.")]
    [DefaultValue(false)]
    public bool Parents { get; init; }
}

public sealed record CopyToContainerResult
{
    [Description("Files, folders and links that were made or replaced.")]
    public required long Entries { get; init; }

    [Description("Of files' content.")]
    public required long Bytes { get; init; }

    [Description("What was not copied, such as devices, and why; at most 16 of them.")]
    public IReadOnlyList<string>? LeftOut { get; init; }
}

/// <summary>See <see cref="RootWriter"/>.</summary>
public sealed class CopyToContainerTool(ContainerEngine engine, TransferFiles transfers) : Tool<CopyToContainerArguments, CopyToContainerResult>
{
    public override ToolDefinition Definition { get; } = new("copyToContainer")
    {
        Title = "Copy files into a container",
        Description = "Writes a file of the given content, or unpacks an archive, in a container that runs, is paused or stopped; nothing is executed in it. Each file appears whole or not at all. It never replaces a folder by a file or a file by a folder. For a few changes of text, content is the cheapest; for trees, upload an archive.",
        Example = """{"container": "dev", "path": "/app/main.py", "content": "print('hello')\n", "parents": true}""",
        Idempotent = true,
    };

    protected override async Task<CopyToContainerResult> RunAsync(CopyToContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        if (((object?[])[arguments.Content, arguments.Archive, arguments.HostPath]).Count(g => g is not null) != 1)
        {
            throw QuiltException.Invalid("content", "what is to be copied has to be given in one way", "give content, archive or hostPath");
        }

        string path = CopyFields.Path(arguments.Path);
        CopyInOptions options = CopyFields.Options(arguments);
        byte[]? content = arguments.Content is { } text ? CopyFields.Content(text, arguments.Encoding) : null;
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Use);
        IProgress<CopyProgress>? progress = CopyTelling.To(context.Progress);
        CopyReport Unpack(LiveRoot root, Stream archive, CancellationToken token)
        {
            using RootWriter writer = new(root, CopyFields.Owned(options, root, arguments.Owner), progress, token);
            return content is null ? writer.Unpack(archive, path) : writer.Write(content, path);
        }

        if (arguments.HostPath is { } hostPath)
        {
            using HostTree from = HostTree.OpenToRead(context.Caller.Agent, hostPath, "hostPath");
            return Told(await StreamPipe.RunAsync(
                (to, token) => from.PackAsync(to, token),
                (archive, token) => engine.UseFilesAsync(record.Id, (root, over) => Unpack(root, archive, over), token),
                cancellation).ConfigureAwait(false));
        }

        await using Stream stream = arguments.Archive?.Open(context.Caller, transfers, "archive") ?? Stream.Null;
        return Told(await engine.UseFilesAsync(record.Id, (root, over) => Unpack(root, stream, over), cancellation).ConfigureAwait(false));
    }

    private static CopyToContainerResult Told(CopyReport report) => new() { Entries = report.Entries, Bytes = report.Bytes, LeftOut = CopyFields.LeftOut(report) };
}
