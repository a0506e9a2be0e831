namespace Quilt.Soak.Tests;

/// <summary>Whether something is there, as far as answers have told.</summary>
internal enum Presence
{
    Gone,
    There,

    /// <summary>A call about it was not answered.</summary>
    Unsure,
}

/// <summary>A lifecycle's container, and what was answered about it: what has to be so.</summary>
internal sealed class Box(string name)
{
    internal string Name { get; } = name;
    internal string Id { get; set; } = "";
    internal Presence Presence { get; set; } = Presence.Gone;

    /// <summary>It goes without being removed.</summary>
    internal bool GoesByItself { get; set; }

    /// <summary>Null: a call that changes it was not answered.</summary>
    internal bool? Runs { get; set; } = false;

    /// <summary>Of its command, where it has ended; null while that is not known.</summary>
    internal int? ExitCode { get; set; }

    /// <summary>Its first process on the host: by it a shim is found to be killed.</summary>
    internal int Pid { get; set; }

    /// <summary>Set before its shim is killed: from now on it may be found ended, and what runs in it with it.</summary>
    internal volatile bool ShimKilled;

    /// <summary>What each file may hold: more than one where a write was not answered; null is no file.</summary>
    internal Dictionary<string, HashSet<string?>> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What runs in the background, to be read later.</summary>
    internal List<BackgroundExec> Execs { get; } = [];

    /// <summary>How many lines its command writes at each start, and with what it exits after <c>/end</c> is there.</summary>
    internal int Lines { get; init; }
    internal int Code { get; init; }

    /// <summary>See <see cref="Soak.Tests.Trouble.Now"/>, when it was started last: what there was no space for is not in its log.</summary>
    internal int StartedIn { get; set; }
}

/// <summary>A command in the background that counts to <paramref name="Lines"/>.</summary>
/// <param name="Trouble">See <see cref="Soak.Tests.Trouble.Now"/>, when it began.</param>
internal sealed record BackgroundExec(string Id, int Lines, int Code, int Trouble);

/// <summary>Something that a lifecycle has made beside its container, and how it is taken away.</summary>
internal sealed class Belonging(string kind, string name, Func<Lifecycle, Task> remove)
{
    internal string Kind => kind;
    internal string Name => name;

    /// <summary>A session or an agent: what lives as long as it goes with it.</summary>
    internal bool IsOwner { get; init; }
    internal Presence Presence { get; set; } = Presence.Unsure;
    internal Task RemoveAsync(Lifecycle life) => remove(life);
}
