using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The options of run and create that mount volumes and paths of the host.</summary>
internal sealed class MountOptions(CliCommand command)
{
    private const string VolumeField = "--volume", MountField = "--mount";
    private readonly Option<string[]> _volume = command.Values("NAME:PATH[:ro]", "Mount a volume, or a path of the host", VolumeField, "-v");
    private readonly Option<string[]> _mount = command.Values("KEY=VALUE,...", "As -v: type=volume|bind|tmpfs, source, target, readonly, size", MountField);

    internal void AddTo(ContainerSpec spec, Invocation call)
    {
        spec.Mounts.AddRange((call.Get(_volume) ?? []).Select(v => ReadVolume(v, VolumeField)));
        foreach (string text in call.Get(_mount) ?? [])
        {
            ReadMount(text, spec);
        }
    }

    /// <summary>What begins with '/' is a path of the host.</summary>
    internal static Mount ReadVolume(string text, string field) =>
        TryReadVolume(text) ?? throw QuiltException.Invalid(field, $"{field} '{text}' is no volume and path", "give NAME:/path or NAME:/path:ro; for a path of the host /host/path:/path");

    internal static Mount? TryReadVolume(string text)
    {
        string[] parts = text.Split(':');
        bool valid = parts.Length is 2 or 3 && parts[0].Length > 0 && parts[1].Length > 0 && (parts.Length == 2 || parts[2] is "ro" or "rw");
        return valid ? Of(parts[0], parts[1], parts is [_, _, "ro"], parts[0].StartsWith('/') ? "bind" : "volume") : null;
    }

    internal static void ReadMount(string text, ContainerSpec spec)
    {
        Dictionary<string, string> given = new(StringComparer.Ordinal);
        foreach (string pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            (string key, string? value) = KeyValues.Split(pair, MountField);
            string known = key switch
            {
                "type" or "size" => key,
                "source" or "src" => "source",
                "target" or "dst" or "destination" => "target",
                "readonly" or "ro" => "readonly",
                _ => throw QuiltException.Invalid(MountField, $"{MountField} '{text}' has an unknown key '{key}'", "give type, source, target, readonly or size"),
            };
            given[known] = value ?? "true";
        }

        string type = given.GetValueOrDefault("type", "volume"), target = given.GetValueOrDefault("target") ?? throw Lacks(text, "target");
        bool readOnly = given.GetValueOrDefault("readonly") is "true" or "1";
        if (type == "tmpfs")
        {
            spec.Tmpfs.Add(new Tmpfs { Path = target, SizeBytes = given.TryGetValue("size", out string? size) ? ByteSize.Parse(size, MountField).Bytes : 0 });
        }
        else
        {
            spec.Mounts.Add(Of(given.GetValueOrDefault("source") ?? throw Lacks(text, "source"), target, readOnly, type));
        }
    }

    private static Mount Of(string source, string path, bool readOnly, string type) => new()
    {
        Type = type, Path = path, ReadOnly = readOnly, Volume = type == "volume" ? source : "", Source = type == "volume" ? "" : source,
    };

    private static QuiltException Lacks(string text, string key) => QuiltException.Invalid(MountField, $"{MountField} '{text}' has no {key}", "give it as type=volume,source=NAME,target=/path");
}
