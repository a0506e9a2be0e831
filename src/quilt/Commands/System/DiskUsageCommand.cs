namespace Quilt.Cli;

internal sealed class DiskUsageCommand() : ToolCommand("system df", "Show what takes space on the disk")
{
    internal override string Usage => "";

    internal override IReadOnlyList<Example> Examples => [new("quilt system df", "Images, containers, volumes, snapshots and what builds keep")];

    protected override string Tool => "getDiskUsage";

    internal override ToolArguments ArgumentsOf(Invocation call) => new();

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("WHAT", "COUNT", "IN USE", "SIZE", "RECLAIMABLE");
        foreach (ToolAnswer row in answer["items"].Items)
        {
            table.Add(row["what"].Text, row["count"].Text, row["inUse"].Text, ImageRows.Size(row["bytes"]), ImageRows.Size(row["reclaimableBytes"]));
        }

        table.Write(to, style);
    }
}
