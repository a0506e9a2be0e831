using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record ListContainersArguments
{
    [Description("In this state alone.")]
    [AllowedValues("creating", "created", "running", "paused", "stopping", "exited", "removing")]
    public string? State { get; init; }

    [Description("With this label: NAME or NAME=VALUE.")]
    public string? Label { get; init; }

    [Description("With this strategy alone.")]
    public ContainerStrategy? Strategy { get; init; }

    [Description("Of this task alone, by its id.")]
    public string? Task { get; init; }

    [Description("Of this session alone, by its id.")]
    public string? Session { get; init; }

    [Description("Of this image alone.")]
    public string? Image { get; init; }

    [Description("With this part in the name.")]
    public string? Name { get; init; }

    [Description("At most so many.")]
    [Range(1, 1000)]
    [DefaultValue(100)]
    public int? Limit { get; init; }

    [Description("The cursor of the answer before, for those that come after it.")]
    public string? Cursor { get; init; }
}

public sealed record ListContainersResult
{
    [Description("Oldest first.")]
    public required IReadOnlyList<ContainerView> Containers { get; init; }

    [Description("Give it for the rest; left out where there is none.")]
    public string? Cursor { get; init; }
}

/// <summary>See <see cref="ContainerEngine.ListAsync"/>.</summary>
public sealed class ListContainersTool(ContainerEngine engine) : Tool<ListContainersArguments, ListContainersResult>
{
    private const int UsualPage = 100;

    public override ToolDefinition Definition { get; } = new("listContainers")
    {
        Title = "List containers",
        Description = "Your containers, those of agents you delegated to, and those shared with you, in whatever state, oldest first.",
        Example = """{"state": "running"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<ListContainersResult> RunAsync(ListContainersArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        string[] label = arguments.Label?.Split('=', 2) ?? [];
        ImageReference? image = string.IsNullOrEmpty(arguments.Image) ? null : ImageReference.Parse(arguments.Image);
        IReadOnlyList<ContainerRecord> found = await engine.ListAsync(
            r => context.Caller.MayUse(r)
                && (arguments.State is null || r.State.Name == arguments.State)
                && (arguments.Strategy is null || r.Spec.Strategy == arguments.Strategy)
                && (arguments.Task is null || r.Owner.Tasks.Contains(arguments.Task))
                && (arguments.Session is null || r.Owner.Session == arguments.Session)
                && (arguments.Name is null || r.Name.Value.Contains(arguments.Name, StringComparison.Ordinal))
                && (image is null || r.Spec.Image == image)
                && (label.Length == 0 || (r.Spec.Labels.TryGetValue(label[0], out string? value) && (label.Length == 1 || value == label[1]))),
            cancellation).ConfigureAwait(false);
        (IReadOnlyList<ContainerRecord> page, string? cursor) = Page(found, arguments.Cursor ?? "", arguments.Limit ?? UsualPage);
        return new ListContainersResult { Containers = [.. page.Select(ContainerView.Of)], Cursor = cursor };
    }

    /// <summary>By the id of the last one told: what was removed meanwhile does not shift the rest.</summary>
    public static (IReadOnlyList<ContainerRecord> Page, string? Cursor) Page(IReadOnlyList<ContainerRecord> found, string cursor, int limit)
    {
        IEnumerable<ContainerRecord> rest = cursor.Length == 0 ? found : found.SkipWhile(r => r.Id.Value != cursor).Skip(1);
        List<ContainerRecord> page = [.. rest.Take(limit + 1)];
        return (page.Count > limit ? page[..limit] : page, page.Count > limit ? page[limit - 1].Id.Value : null);
    }
}
