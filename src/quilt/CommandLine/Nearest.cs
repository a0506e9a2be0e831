namespace Quilt.Cli;

/// <summary>What somebody who mistyped a word may have meant.</summary>
internal static class Nearest
{
    /// <summary>The known word that needs the fewest changes, or null where none is like it.</summary>
    internal static string? To(string word, IEnumerable<string> known)
    {
        int allowed = Math.Max(1, word.TrimStart('-').Length / 3) + 1;
        string? best = null;
        foreach (string candidate in known.Order(StringComparer.Ordinal))
        {
            int distance = Distance(word, candidate);
            if (distance < allowed)
            {
                (best, allowed) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>Letters to insert, remove, replace or exchange with their neighbour (optimal string alignment).</summary>
    internal static int Distance(string from, string to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                cost[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[from.Length, to.Length];
    }
}
