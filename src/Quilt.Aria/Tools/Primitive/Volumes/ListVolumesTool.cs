using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ListVolumesArguments
{
    [Description("A part of the name.")]
    public string? Name { get; init; }

    [Description("Labels that it has to have; an empty value matches any.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Description("true: only those that no container has; false: only those that one has.")]
    public bool? Unused { get; init; }
}

public sealed record ListVolumesResult
{
    public required IReadOnlyList<VolumeView> Volumes { get; init; }
}

/// <summary>The volumes that the caller has.</summary>
public sealed class ListVolumesTool(ContainerEngine engine) : Tool<ListVolumesArguments, ListVolumesResult>
{
    public override ToolDefinition Definition { get; } = new("listVolumes")
    {
        Title = "List volumes",
        Description = "Your volumes, with the containers that have them.",
        Example = """{"unused": true}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListVolumesResult> RunAsync(ListVolumesArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        bool Matches(Volume volume) => context.Caller.Has(volume.Owner)
            && (string.IsNullOrEmpty(arguments.Name) || volume.Name.Contains(arguments.Name, StringComparison.Ordinal))
            && HasLabels(volume, arguments.Labels)
            && (arguments.Unused is null || arguments.Unused == (engine.UsersOfVolume(volume.Id).Count == 0));
        return Task.FromResult(new ListVolumesResult { Volumes = [.. engine.Volumes.Where(Matches).Select(v => VolumeView.Of(v, engine, context.Caller))] });
    }

    /// <param name="labels">An empty value matches any.</param>
    internal static bool HasLabels(Volume volume, IReadOnlyDictionary<string, string>? labels) =>
        labels is null || labels.All(l => volume.Labels.TryGetValue(l.Key, out string? value) && (l.Value.Length == 0 || l.Value == value));
}
