namespace Quilt.Cli;

/// <summary>What became of the containers and tasks of a session or a task that has ended.</summary>
internal static class EndReport
{
    internal static void Write(TextWriter to, Style style, ToolAnswer report)
    {
        if (report["containers"].Items.Any())
        {
            TextTable table = new("CONTAINER ID", "NAME", "OUTCOME", "EXIT CODE");
            foreach (ToolAnswer container in report["containers"].Items)
            {
                string id = container["id"].Text, forced = container["forced"].Text == "true" ? " by force" : "";
                table.Add(id.Length > 12 ? id[..12] : id, container["name"].Text, container["outcome"].Text + forced, container["exitCode"].Text);
            }

            table.Write(to, style);
        }

        foreach (ToolAnswer task in report["tasks"].Items)
        {
            to.WriteLine($"task {(task["id"].IsThere ? task["id"].Text : task.Text)} ended");
        }
    }
}
