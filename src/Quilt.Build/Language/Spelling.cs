namespace Quilt.Build;

/// <summary>What somebody may have meant.</summary>
internal static class Spelling
{
    private const int LongestWord = 40;

    /// <summary>The candidate with the fewest differences, at most a third of the word's letters; empty where there is none.</summary>
    internal static string Nearest(string word, IReadOnlyCollection<string> candidates)
    {
        if (word.Length is 0 or > LongestWord)
        {
            return "";
        }

        string lower = word.ToLowerInvariant();
        (int Distance, string Candidate) best = candidates
            .Select(candidate => (Distance(lower, candidate.ToLowerInvariant()), candidate))
            .DefaultIfEmpty((int.MaxValue, ""))
            .MinBy(c => c.Item1);
        return best.Distance <= Math.Max(1, word.Length / 3) ? best.Candidate : "";
    }

    /// <summary>Levenshtein's, with two letters exchanged as one difference.</summary>
    private static int Distance(string a, string b)
    {
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distance[i, j] = i + j;
                    continue;
                }

                int change = a[i - 1] == b[j - 1] ? 0 : 1;
                int least = Math.Min(Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1, distance[i - 1, j - 1] + change);
                bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                distance[i, j] = exchanged ? Math.Min(least, distance[i - 2, j - 2] + 1) : least;
            }
        }

        return distance[a.Length, b.Length];
    }
}
