using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Volumes as people see them.</summary>
internal static class VolumeRows
{
    internal static void Write(TextWriter to, Style style, IEnumerable<ToolAnswer> volumes, DateTimeOffset now)
    {
        TextTable table = new("ID", "NAME", "TYPE", "SIZE", "USED BY", "CREATED");
        foreach (ToolAnswer volume in volumes)
        {
            table.Add(
                volume["id"].Text, volume["name"].Text, volume["type"].Text, Size(volume["size"].Text),
                string.Join(", ", volume["users"].Items.Select(u => u["containerName"].Text).Distinct()), volume["createdAt"].When(now));
        }

        table.Write(to, style);
    }

    /// <param name="bytes">0 is none.</param>
    internal static string Size(string bytes) => !ByteSize.TryParse(bytes, out ByteSize size) ? bytes : size.Bytes == 0 ? "-" : size.ToString();
}
