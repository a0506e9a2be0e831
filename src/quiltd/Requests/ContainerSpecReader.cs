using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Oci;
using EngineSpec = Quilt.Engine.ContainerSpec;

namespace Quilt.Daemon;

/// <summary>Makes a valid specification of a request, or says which field is wrong, and how to right it.</summary>
internal static class ContainerSpecReader
{
    private const string EmbeddedImage = "quilt/busybox";
    private const int LongestHostname = 63, LongestLabel = 4096;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static EngineSpec Read(Api.V1.ContainerSpec? request)
    {
        request ??= new Api.V1.ContainerSpec();
        ContainerStrategy strategy = Strategy(request.Strategy);
        return new EngineSpec
        {
            Name = request.Name.Length > 0 ? ContainerName.Parse(request.Name) : null,
            Image = ImageReference.Parse(request.Image.Length > 0 ? request.Image : EmbeddedImage),
            Command = ProcessFields.Arguments("command", request.Command),
            Entrypoint = request.ClearEntrypoint || request.Entrypoint.Count > 0 ? ProcessFields.Arguments("entrypoint", request.Entrypoint) : null,
            Environment = ProcessFields.Environment(request.Env),
            WorkingDirectory = ProcessFields.AbsolutePath("working_dir", request.WorkingDir),
            User = request.User,
            Labels = Labels(request.Labels),
            Hostname = Hostname(request.Hostname),
            Strategy = strategy,
            Ttl = request.Ttl is null ? null : Positive("ttl", request.Ttl.ToTimeSpan()),
            Limits = LimitsReader.Read(request.Resources),
            Ulimits = [.. request.Ulimits.Select(LimitsReader.Read)],
            ReadOnlyRootfs = request.ReadOnlyRootfs,
            Capabilities = Capabilities(request.CapAdd, request.CapDrop),
            Init = !request.HasInit || request.Init,
            StopSignal = request.StopSignal.Length > 0 ? ProcessFields.Signal("stop_signal", request.StopSignal) : null,
            StopTimeout = request.StopTimeout is null ? TimeSpan.FromSeconds(10) : NotNegative("stop_timeout", request.StopTimeout.ToTimeSpan()),
            Terminal = request.Tty,
            StdinOpen = request.StdinOpen,
            AutoRemove = request.AutoRemove || strategy == ContainerStrategy.Ephemeral,
            Tmpfs = [.. request.Tmpfs.Select(Tmpfs)],
        };
    }

    internal static ContainerStrategy Strategy(string text) => text switch
    {
        "" or "session" => ContainerStrategy.Session,
        "ephemeral" => ContainerStrategy.Ephemeral,
        "task" => ContainerStrategy.Task,
        "service" => ContainerStrategy.Service,
        _ => throw QuiltException.Invalid("strategy", $"strategy '{text}' is unknown", "use ephemeral, task, session or service"),
    };

    private static Dictionary<string, string> Labels(IDictionary<string, string> labels)
    {
        foreach ((string name, string value) in labels)
        {
            if (name.Length == 0 || name.Length > LongestLabel || value.Length > LongestLabel)
            {
                throw QuiltException.Invalid("labels", $"the label '{(name.Length > 64 ? name[..64] + "…" : name)}' is empty or too long", $"give each a name and a value of at most {LongestLabel} characters");
            }
        }

        return new Dictionary<string, string>(labels, StringComparer.Ordinal);
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
        HashSet<string> without = [.. Names("cap_drop", dropped)], with = [.. Names("cap_add", added)];

        // What is named by itself wins over ALL: '--cap-drop ALL --cap-add CHOWN' is one capability.
        bool dropsAll = dropped.Any(d => d.Equals("ALL", StringComparison.OrdinalIgnoreCase));
        return [.. StandardCapabilities.All.Where(c => !without.Contains(c)).Concat(dropsAll ? with : with.Where(c => !without.Contains(c))).Distinct().Order(StringComparer.Ordinal)];
    }

    private static TmpfsMount Tmpfs(Tmpfs tmpfs)
    {
        string path = ProcessFields.AbsolutePath("tmpfs.path", tmpfs.Path)
            ?? throw QuiltException.Invalid("tmpfs.path", "a tmpfs has no path", "give an absolute path in the container");
        if (path.Split('/').Any(part => part == "..") || path.Trim('/').Length == 0)
        {
            throw QuiltException.Invalid("tmpfs.path", $"a tmpfs cannot be at '{path}'", "give an absolute path below the root, without '..'");
        }

        return tmpfs.SizeBytes >= 0
            ? new TmpfsMount(path, tmpfs.SizeBytes)
            : throw QuiltException.Invalid("tmpfs.size_bytes", $"size {tmpfs.SizeBytes} is negative", "give bytes, or 0 for no limit but the container's memory");
    }

    private static TimeSpan Positive(string field, TimeSpan time) => time > TimeSpan.Zero
        ? time
        : throw QuiltException.Invalid(field, $"{field} {time.TotalSeconds:0.###} s is not in the future", "give more than 0 seconds");

    internal static TimeSpan NotNegative(string field, TimeSpan time) => time >= TimeSpan.Zero
        ? time
        : throw QuiltException.Invalid(field, $"{field} {time.TotalSeconds:0.###} s is negative", "give 0 or more seconds");
}
