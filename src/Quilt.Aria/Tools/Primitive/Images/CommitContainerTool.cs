using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record CommitContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("The new image's name.")]
    public required string Reference { get; init; }

    [Description("How its containers run, as instructions of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR.")]
    [Items(0, 256)]
    public IReadOnlyList<string>? Changes { get; init; }

    [Description("Kept in its history.")]
    public string? Message { get; init; }
    public string? Author { get; init; }

    [Description("Pause the container while its files are read, so that the image is of one moment.")]
    [DefaultValue(true)]
    public bool? Pause { get; init; }
}

/// <summary>See <see cref="ContainerEngine.CommitAsync"/>.</summary>
public sealed class CommitContainerTool(ContainerEngine engine) : Tool<CommitContainerArguments, ImageResult>
{
    public override ToolDefinition Definition { get; } = new("commitContainer")
    {
        Title = "Make an image of a container",
        Description = "Keeps what a container has written as a new image, on top of the one that it was made of. Environment and command are the old image's unless changes say otherwise; what lies on volumes and mounts is not in it. For what is to be made again, write a Dockerfile and use buildImage.",
        Example = """{"container": "dev", "reference": "app:1", "changes": ["CMD [\"/srv/run\"]"]}""",
    };

    protected override async Task<ImageResult> RunAsync(CommitContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        NewCommit asked = new(ImageAccess.ToBeNamed(context.Caller, arguments.Reference, "reference"))
        {
            Author = arguments.Author,
            Message = arguments.Message,
            Pause = arguments.Pause ?? true,
            Changes = arguments.Changes ?? [],
        };
        return new ImageResult { Image = ImageView.Of(await engine.CommitAsync(record.Id, asked, cancellation).ConfigureAwait(false)) };
    }
}
