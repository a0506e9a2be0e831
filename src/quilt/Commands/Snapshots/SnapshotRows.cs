namespace Quilt.Cli;

/// <summary>Snapshots as a person sees them.</summary>
internal static class SnapshotRows
{
    private const int ShownDigits = 12;

    internal static string Id(ToolAnswer snapshot) => Short(snapshot["id"]);

    /// <summary>Its name; without one, the id.</summary>
    internal static string Name(ToolAnswer snapshot) => snapshot["name"].IsThere ? snapshot["name"].Text : Id(snapshot);

    internal static string Short(ToolAnswer id) => id.Text.Length > ShownDigits ? id.Text[..ShownDigits] : id.Text;
}
