using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>What a container finds at a path beside its own root.</summary>
public sealed record ContainerMount
{
    private readonly string _volume = "", _source = "";

    private ContainerMount(string volume, string source, string path, bool readOnly) => (_volume, _source, Path, ReadOnly) = (volume, source, path, readOnly);

    /// <summary>Absolute, in the container; made where it is missing.</summary>
    public string Path { get; }
    public bool ReadOnly { get; }

    /// <param name="volume">Its name or id.</param>
    public static ContainerMount OfVolume(string volume, string path, bool readOnly = false) => new(volume, "", path, readOnly);

    /// <param name="source">Absolute, on the daemon's host; the caller's grant has to have it.</param>
    public static ContainerMount OfHost(string source, string path, bool readOnly = true) => new("", source, path, readOnly);

    internal Wire.Mount ToWire() => new() { Type = _volume.Length > 0 ? "volume" : "bind", Volume = _volume, Source = _source, Path = Path, ReadOnly = ReadOnly };
}
