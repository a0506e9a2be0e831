using System.Globalization;
using System.Text;
using Quilt.Images;

namespace Quilt.Build;

/// <summary>What is to be built, of what, and what the build may.</summary>
public sealed record BuildRequest
{
    /// <summary>UTF-8; at most 1 MiB.</summary>
    public required ReadOnlyMemory<byte> Dockerfile { get; init; }

    /// <summary>For messages; also, with <c>.dockerignore</c> behind it, the name of an ignore file in the context that goes before the usual one.</summary>
    public string DockerfileName { get; init; } = "Dockerfile";

    /// <summary>The files that COPY and ADD take; null for none.</summary>
    public BuildContext? Context { get; init; }

    /// <summary>By name, in lower case; one goes before a stage or an image of its name.</summary>
    public IReadOnlyDictionary<string, BuildContext> NamedContexts { get; init; } = new Dictionary<string, BuildContext>();

    /// <summary>Names that the image gets; none for an image by digest alone.</summary>
    public IReadOnlyList<ImageReference> Tags { get; init; } = [];

    /// <summary>A stage's name or number; null for the last one.</summary>
    public string? Target { get; init; }

    /// <summary>Values for ARG. Of names that no ARG declares, those of proxies and SOURCE_DATE_EPOCH are known.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Set on the image after its own labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Null for the host's.</summary>
    public Platform? Platform { get; init; }

    /// <summary>By id; in memory, and never in the image, in the cache's keys or in an event.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Secrets { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();

    /// <summary>By id (<c>default</c> where a mount names none): the socket of an agent.</summary>
    public IReadOnlyDictionary<string, string> SshSockets { get; init; } = new Dictionary<string, string>();

    /// <summary>Builds of one scope share steps and cache mounts; nobody else sees them.</summary>
    public string CacheScope { get; init; } = "";

    /// <summary>Where the build may go outside, in the words of whoever grants it: what a step came to with one is another's not. RUN has it unless it says <c>--network=none</c>. Empty: the build is hermetic.</summary>
    public IReadOnlyList<string> Egress { get; init; } = [];

    /// <summary>What the base has for whoever builds on it (ONBUILD) is kept and not run: only settings of the base are changed.</summary>
    public bool KeepsTriggers { get; init; }

    /// <summary>No step's earlier outcome is taken.</summary>
    public bool IgnoresCache { get; init; }

    // Arguments may hold secrets, as much as they should not.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Dockerfile = {DockerfileName}, Target = {Target}, Tags = ").AppendJoin(' ', Tags);
        return true;
    }
}

/// <summary>Files that a build is made of beside its images.</summary>
public abstract record BuildContext
{
    private BuildContext()
    {
    }

    /// <summary>A folder as it is, its ignore file heeded. Its owners are not: what is copied of it belongs to root.</summary>
    /// <param name="Path">Absolute. Nothing in it may change until the build has ended.</param>
    public sealed record Folder(string Path) : BuildContext;

    /// <summary>An image's files.</summary>
    public sealed record Image(ImageReference Reference) : BuildContext;
}
