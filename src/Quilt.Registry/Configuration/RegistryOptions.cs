using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

/// <summary>What the operator says of registries: the file <c>registries.json</c> (docs/images.md).</summary>
public sealed record RegistryOptions
{
    /// <summary>By name, as image references have it, such as <c>docker.io</c> or <c>registry.example.com:5000</c>.</summary>
    public IReadOnlyDictionary<string, RegistrySettings> Registries { get; set; } = new Dictionary<string, RegistrySettings>();

    [JsonIgnore]
    public TransferPolicy Transfers { get; set; } = new();

    /// <exception cref="QuiltException">InvalidArgument: which registry and what is wrong. FailedPrecondition: the file cannot be read.</exception>
    public static RegistryOptions Read(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the registries' configuration cannot be read: {e.Message}", "see that the file is there and readable", inner: e);
        }
    }

    /// <exception cref="QuiltException">InvalidArgument: which registry and what is wrong.</exception>
    public static RegistryOptions Parse(ReadOnlySpan<byte> json)
    {
        RegistryOptions options;
        try
        {
            options = JsonSerializer.Deserialize(json, RegistryJson.Default.RegistryOptions) ?? throw Bad("registries", "is null");
        }
        catch (JsonException e)
        {
            throw Bad(Text.Printable(e.Path ?? "$"), $"line {e.LineNumber + 1}: {Text.Printable(e.Message)}");
        }

        foreach ((string name, RegistrySettings? settings) in options.Registries)
        {
            if (settings is null)
            {
                throw Bad(Text.Printable(name), "is null");
            }

            if (!ImageReference.TryParse(name + "/x", out ImageReference reference) || reference.Domain != name)
            {
                throw Bad(Text.Printable(name), "is not a registry's name");
            }

            foreach (string? mirror in settings.Mirrors)
            {
                _ = MirrorAddress.Parse(mirror ?? "", name);
            }

            if (settings.Credentials is { } login && (login.Username.Length == 0 || login.Username.Contains(':', StringComparison.Ordinal) || !Path.IsPathRooted(login.PasswordFile)))
            {
                throw Bad(name, "has credentials without a username, or without a passwordFile that is an absolute path");
            }

            if (settings.CaFile is { } file && !Path.IsPathRooted(file))
            {
                throw Bad(name, "has a caFile that is no absolute path");
            }
        }

        return options;
    }

    internal RegistrySettings For(string registry) => Registries.GetValueOrDefault(registry) ?? RegistrySettings.Usual;

    internal static QuiltException Bad(string where, string why) =>
        QuiltException.Invalid("registries", $"the registries' configuration: '{where}' {why}", "see docs/images.md for what it may say; a registry is written as in image names, such as docker.io or registry.example.com:5000");
}
