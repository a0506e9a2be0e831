namespace Quilt.Soak.Tests;

/// <summary>A small piece of work with a running container, and the check of what came of it.</summary>
internal abstract class Step
{
    /// <summary>How often it is chosen, against the others.</summary>
    internal virtual int Weight => 10;

    /// <summary>It takes much longer than others.</summary>
    internal virtual bool IsHeavy => false;

    internal abstract Task RunAsync(Lifecycle life);
}

/// <summary>All of them.</summary>
internal static class Steps
{
    private static readonly Step[] All =
    [
        .. typeof(Steps).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Step))).OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => (Step)Activator.CreateInstance(t)!),
    ];

    /// <summary>Each once.</summary>
    internal static IEnumerable<Step> Each(bool heavy) => All.Where(s => heavy || !s.IsHeavy);

    internal static Step Choose(Random random, bool heavy)
    {
        Step[] those = [.. Each(heavy)];
        int chosen = random.Next(those.Sum(s => s.Weight));
        return those.First(s => (chosen -= s.Weight) < 0);
    }
}
