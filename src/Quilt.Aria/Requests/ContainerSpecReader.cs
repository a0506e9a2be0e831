using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Oci;

namespace Quilt.Aria;

/// <summary>Makes a valid specification of a request, or says which field is wrong, and how to right it.</summary>
public static class ContainerSpecReader
{
    private const string EmbeddedImage = "quilt/busybox";
    private const int LongestHostname = 63, LongestLabel = 4096;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static ContainerSpec Read(CreateContainerArguments asked) => new()
    {
        Name = string.IsNullOrEmpty(asked.Name) ? null : ContainerName.Parse(asked.Name),
        Image = ImageReference.Parse(string.IsNullOrEmpty(asked.Image) ? EmbeddedImage : asked.Image),
        Command = ProcessFields.Arguments("command", asked.Command ?? []),
        Entrypoint = asked.Entrypoint is null ? null : ProcessFields.Arguments("entrypoint", asked.Entrypoint),
        Environment = ProcessFields.Environment(asked.Env),
        WorkingDirectory = ProcessFields.AbsolutePath("workingDir", asked.WorkingDir),
        User = asked.User ?? "",
        Labels = Labels(asked.Labels),
        Hostname = Hostname(asked.Hostname ?? ""),
        Strategy = asked.Strategy,
        Ttl = asked.Ttl is { } ttl ? Positive("ttl", ttl) : null,
        Limits = LimitsReader.Read(asked),
        Ulimits = LimitsReader.Ulimits(asked, [.. (asked.Ulimits ?? []).Select(LimitsReader.Read)]),
        ReadOnlyRootfs = asked.ReadOnlyRootfs,
        Capabilities = Capabilities(asked.Capabilities?.Add ?? [], asked.Capabilities?.Drop ?? []),
        Init = asked.Init ?? true,
        StopSignal = string.IsNullOrEmpty(asked.StopSignal) ? null : ProcessFields.Signal("stopSignal", asked.StopSignal),
        StopTimeout = asked.StopTimeout is { } patience ? NotNegative("stopTimeout", patience) : TimeSpan.FromSeconds(10),
        StopOrder = asked.StopOrder ?? 0,
        HealthCheck = asked.Healthcheck is { } health ? HealthCheckReader.Read(health) : null,
        Terminal = asked.Tty,
        StdinOpen = asked.StdinOpen,
        AutoRemove = asked.AutoRemove || asked.Strategy == ContainerStrategy.Ephemeral,
        Tmpfs = MountsReader.Tmpfs(asked.Mounts ?? []),
    };

    public static ContainerStrategy Strategy(string text) => text switch
    {
        "" or "session" => ContainerStrategy.Session,
        "ephemeral" => ContainerStrategy.Ephemeral,
        "task" => ContainerStrategy.Task,
        "service" => ContainerStrategy.Service,
        _ => throw QuiltException.Invalid("strategy", $"strategy '{text}' is unknown", "use ephemeral, task, session or service"),
    };

    internal static Dictionary<string, string> Labels(IReadOnlyDictionary<string, string>? labels)
    {
        foreach ((string name, string value) in labels ?? new Dictionary<string, string>())
        {
            if (name.Length == 0 || name.Length > LongestLabel || value.Length > LongestLabel)
            {
                throw QuiltException.Invalid("labels", $"the label '{(name.Length > 64 ? name[..64] + "…" : name)}' is empty or too long", $"give each a name and a value of at most {LongestLabel} characters");
            }
        }

        return new Dictionary<string, string>(labels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
    }

    private static string? Hostname(string hostname)
    {
        bool valid = hostname.Length <= LongestHostname && !hostname.StartsWith('-') && !hostname.StartsWith('.')
            && hostname.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
        return hostname.Length == 0 ? null : valid
            ? hostname
            : throw QuiltException.Invalid("hostname", $"hostname '{hostname}' is not valid", $"use 1 to {LongestHostname} letters, digits, '-' or '.', starting with a letter or digit (hostname(7))");
    }

    private static List<string> Capabilities(IReadOnlyCollection<string> added, IReadOnlyCollection<string> dropped)
    {
        IEnumerable<string> Names(string field, IEnumerable<string> names) => names.SelectMany(name =>
            name.Equals("ALL", StringComparison.OrdinalIgnoreCase)
                ? Linux.Capabilities.All
                : Linux.Capabilities.NumberOf(name) is >= 0 and int number
                    ? [Linux.Capabilities.All[number]]
                    : throw QuiltException.Invalid(field, $"capability '{name}' is unknown", "use names such as NET_RAW or CAP_NET_RAW, or ALL (capabilities(7))"));
        HashSet<string> without = [.. Names("capabilities.drop", dropped)], with = [.. Names("capabilities.add", added)];

        // What is named by itself wins over ALL: '--cap-drop ALL --cap-add CHOWN' is one capability.
        bool dropsAll = dropped.Any(d => d.Equals("ALL", StringComparison.OrdinalIgnoreCase));
        return [.. StandardCapabilities.All.Where(c => !without.Contains(c)).Concat(dropsAll ? with : with.Where(c => !without.Contains(c))).Distinct().Order(StringComparer.Ordinal)];
    }

    internal static TimeSpan Positive(string field, TimeSpan time) => time > TimeSpan.Zero
        ? time
        : throw QuiltException.Invalid(field, $"{field} {time.TotalSeconds:0.###} s is not in the future", "give more than 0 seconds");

    public static TimeSpan NotNegative(string field, TimeSpan time) => time >= TimeSpan.Zero
        ? time
        : throw QuiltException.Invalid(field, $"{field} {time.TotalSeconds:0.###} s is negative", "give 0 or more seconds");
}
