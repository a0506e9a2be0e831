namespace Quilt.Cli;

/// <summary>A first word, or two, that commands share: <c>agent</c> of <c>agent ls</c>.</summary>
internal sealed record CommandGroup(string Name, string Summary)
{
    private static readonly CommandGroup[] All =
    [
        new("network", "Make, list and remove networks, and take containers in and out"),
        new("volume", "Make, list, save and remove volumes, and give them to containers"),
        new("port", "Open, list and close ports of the host that lead to containers, and of containers in their networks"),
        new("snapshot", "Keep what containers are at a moment, list and remove it"),
        new("image", "Show, check and tidy up images"),
        new("system", "Show the daemon and what takes space, and tidy up"),
        new("tool", "List, describe and call tools"),
        new("agent", "Make, list, run and remove agents"),
        new("agent token", "Make, list and revoke the tokens of agents"),
        new("session", "Begin, list and end sessions"),
        new("task", "Begin, list and end tasks"),
        new("mcp", "Speak the Model Context Protocol"),
    ];

    /// <summary>The full names of its commands.</summary>
    internal IEnumerable<string> Commands => CommandTable.Names.Where(n => n.StartsWith(Name + ' ', StringComparison.Ordinal));

    internal static CommandGroup? Find(string name) => Array.Find(All, g => g.Name == name);

    /// <summary>What can follow the words so far: commands and groups, each with what it does.</summary>
    /// <param name="words">Empty at the beginning of the line.</param>
    internal static IEnumerable<Candidate> Next(string words)
    {
        string before = words.Length == 0 ? "" : words + ' ';
        return CommandTable.Names
            .Where(n => n.StartsWith(before, StringComparison.Ordinal))
            .Select(n => n[before.Length..].Split(' ')[0])
            .Distinct()
            .Select(w => new Candidate(w, Find(before + w)?.Summary ?? CommandTable.Find(before + w)!.Summary));
    }

    /// <summary>How many of the words are a command's name, beginning at <paramref name="first"/>, and that name.</summary>
    internal static (string Name, int Count) Join(string[] words, int first)
    {
        string name = words[first];
        int next = first + 1;

        // A group that is a command itself takes in the next word only where that makes a command.
        while (next < words.Length && !OptionScan.IsOption(words[next]) && Find(name) is not null
            && (CommandTable.Find(name) is null || CommandTable.Find($"{name} {words[next]}") is not null))
        {
            name = $"{name} {words[next++]}";
        }

        return (name, next - first);
    }
}
