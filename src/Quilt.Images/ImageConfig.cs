using System.Globalization;
using System.Text;

namespace Quilt.Images;

/// <summary>How containers of an image run where nothing else is asked. Nothing is null.</summary>
public sealed record ImageConfig
{
    /// <summary>NAME=VALUE.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>Arguments of the entrypoint, or the command where there is none. Both empty: a container of it idles.</summary>
    public IReadOnlyList<string> Cmd { get; init; } = [];

    /// <summary>Absolute.</summary>
    public string WorkingDir { get; init; } = "/";

    /// <summary>USER[:GROUP], names or numbers; empty is root. See <see cref="UserLookup"/>.</summary>
    public string User { get; init; } = "";

    /// <summary>A name or number, such as <c>SIGQUIT</c>; empty where the image does not say.</summary>
    public string StopSignal { get; init; } = "";

    /// <summary>Such as <c>80/tcp</c>. What is exposed is not published.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary>Absolute paths that the image wants on volumes.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Null where the image says nothing of it.</summary>
    public ImageHealthcheck? Healthcheck { get; init; }

    /// <summary>Instructions for a build that begins with the image.</summary>
    public IReadOnlyList<string> OnBuild { get; init; } = [];

    /// <summary>What runs commands that are given as text; empty where the image does not say.</summary>
    public IReadOnlyList<string> Shell { get; init; } = [];

    /// <summary>In Go's names, such as <c>amd64</c>.</summary>
    public string Architecture { get; init; } = "";

    internal static ImageConfig From(ImageDocument document)
    {
        ImageDocumentConfig config = document.Config ?? new ImageDocumentConfig();
        return new ImageConfig
        {
            Env = config.Env ?? [],
            Entrypoint = config.Entrypoint ?? [],
            Cmd = config.Cmd ?? [],
            WorkingDir = string.IsNullOrEmpty(config.WorkingDir) ? "/" : config.WorkingDir,
            User = config.User ?? "",
            StopSignal = config.StopSignal ?? "",
            ExposedPorts = [.. config.ExposedPorts?.Keys ?? []],
            Volumes = [.. config.Volumes?.Keys ?? []],
            Labels = config.Labels ?? new Dictionary<string, string>(),
            Healthcheck = config.Healthcheck,
            OnBuild = config.OnBuild ?? [],
            Shell = config.Shell ?? [],
            Architecture = document.Architecture,
        };
    }

    // The environment may hold secrets: how many there are is printed, not what.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Env = {Env.Count}, User = {User}, WorkingDir = {WorkingDir}, Entrypoint = ")
            .AppendJoin(' ', Entrypoint).Append(", Cmd = ").AppendJoin(' ', Cmd);
        return true;
    }
}
