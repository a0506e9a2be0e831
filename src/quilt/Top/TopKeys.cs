namespace Quilt.Cli;

internal enum TopKey
{
    None,
    Quit,
    Up,
    Down,
    OnlySelected,
    Reverse,
    SortByName,
    SortByCpu,
    SortByMemory,
    SortByPids,
    SortByDisk,
    SortByNetwork,
}

/// <summary>What the bytes mean that a terminal sends for keys.</summary>
internal static class TopKeys
{
    /// <summary>Of one read, which begins and ends between keys as terminals send them.</summary>
    internal static IEnumerable<TopKey> Read(string typed)
    {
        for (int i = 0; i < typed.Length; i++)
        {
            if (typed[i] == '\e' && i + 2 < typed.Length && typed[i + 1] is '[' or 'O')
            {
                yield return typed[i + 2] switch { 'A' => TopKey.Up, 'B' => TopKey.Down, _ => TopKey.None };
                i += 2;
                continue;
            }

            yield return typed[i] switch
            {
                'q' or 'Q' or '\e' or '\x03' or '\x04' => TopKey.Quit,
                'k' => TopKey.Up,
                'j' => TopKey.Down,
                '\r' or '\n' or ' ' => TopKey.OnlySelected,
                'r' => TopKey.Reverse,
                'n' => TopKey.SortByName,
                'c' => TopKey.SortByCpu,
                'm' => TopKey.SortByMemory,
                'p' => TopKey.SortByPids,
                'd' => TopKey.SortByDisk,
                't' => TopKey.SortByNetwork,
                _ => TopKey.None,
            };
        }
    }
}
