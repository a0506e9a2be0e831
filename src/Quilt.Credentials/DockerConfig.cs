using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Credentials;

/// <summary>
/// Docker's configuration of a user, as far as it concerns credentials: <c>auths</c>, <c>credHelpers</c> and <c>credsStore</c> of
/// <c>config.json</c>. Read anew at each call.
/// </summary>
/// <seealso href="https://docs.docker.com/reference/cli/docker/login/"/>
public sealed partial class DockerConfig
{
    private const string FileName = "config.json";
    private const long LongestBytes = 4 << 20;
    private readonly string _folder;

    private DockerConfig(string folder) => _folder = folder;

    private string FilePath => Path.Combine(_folder, FileName);

    /// <param name="folder">Null: what DOCKER_CONFIG names, else <c>.docker</c> in the user's home.</param>
    public static DockerConfig Open(string? folder = null)
    {
        folder ??= Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } named ? named : null;
        return new DockerConfig(Path.GetFullPath(folder ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker")));
    }

    /// <summary>The credentials for a registry: its own helper's, else the common helper's, else those in the file.</summary>
    /// <param name="registry">As image references have it, such as <c>docker.io</c> or <c>localhost:5000</c>.</param>
    /// <returns>Null where there are none.</returns>
    /// <exception cref="QuiltException">The file or the helper cannot be used; the message says why.</exception>
    public async Task<RegistryCredential?> FindAsync(string registry, CancellationToken cancellation)
    {
        registry = ServerAddress.RegistryOf(registry);
        JsonObject config = Read();
        if (HelperOf(config, registry) is { } own)
        {
            return await CredentialHelper.Find(own).GetAsync(ServerAddress.Of(registry), cancellation).ConfigureAwait(false);
        }

        RegistryCredential? kept = StringOf(config, "credsStore") is { } common
            ? await CredentialHelper.Find(common).GetAsync(ServerAddress.Of(registry), cancellation).ConfigureAwait(false)
            : null;
        return kept ?? Entries(config, registry).Select(e => ReadEntry(e.Key, e.Value)).FirstOrDefault(c => c is not null);
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Entries(JsonObject config, string registry) => MeaningOf(config, "auths", registry);

    /// <summary>The entries of a part that mean a registry, its usual key first.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> MeaningOf(JsonObject config, string part, string registry) =>
        (ObjectOf(config, part) ?? []).Where(e => ServerAddress.RegistryOf(e.Key) == registry)
            .OrderByDescending(e => e.Key == ServerAddress.Of(registry));

    private static string? HelperOf(JsonObject config, string registry) =>
        MeaningOf(config, "credHelpers", registry).Select(e => TextOf(e.Value)).FirstOrDefault(h => h is not null);

    private static RegistryCredential? ReadEntry(string key, JsonNode? value)
    {
        JsonObject entry = value as JsonObject ?? [];
        (string user, string password) = StringOf(entry, "auth") is { } auth
            ? Decode(key, auth)
            : (StringOf(entry, "username") ?? "", StringOf(entry, "password") ?? "");
        if (StringOf(entry, "identitytoken") is { } token)
        {
            return new RegistryCredential { Username = user, Secret = token, IsIdentityToken = true };
        }

        return password.Length == 0 ? null : new RegistryCredential { Username = user, Secret = password };
    }

    private static (string User, string Password) Decode(string key, string auth)
    {
        byte[] bytes = new byte[auth.Length];
        string text = Convert.TryFromBase64String(auth, bytes, out int count) ? Encoding.UTF8.GetString(bytes, 0, count) : "";
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? throw QuiltException.Invalid("auths", $"Docker's config.json: the auth of {Text.Printable(key)} is not USER:PASSWORD in base64", "log in to the registry again")
            : (text[..colon], text[(colon + 1)..].TrimEnd('\0'));
    }

    /// <exception cref="QuiltException">InvalidArgument: no JSON object. FailedPrecondition: cannot be read.</exception>
    private JsonObject Read()
    {
        try
        {
            if (new FileInfo(FilePath) is { Exists: true, Length: > LongestBytes })
            {
                throw Bad($"it has more than {LongestBytes} bytes");
            }

            byte[] content = File.ReadAllBytes(FilePath);
            if (!JsonUnicode.IsWhole(content))
            {
                throw Bad("it holds half a character");
            }

            return JsonNode.Parse(content, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw Bad("it is no object");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException e)
        {
            // The parser's message quotes no more than a character.
            throw Bad($"line {e.LineNumber + 1}, byte {e.BytePositionInLine}: it is not JSON, or names something twice");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"Docker's configuration cannot be read: {e.Message}", $"make {FilePath} readable, or set DOCKER_CONFIG to another folder", inner: e);
        }
    }

    private QuiltException Bad(string why) => QuiltException.Invalid("DOCKER_CONFIG", $"{FilePath} cannot be used: {why}", "correct the file, or set DOCKER_CONFIG to another folder");

    private static JsonObject? ObjectOf(JsonObject from, string name) => from[name] as JsonObject;

    private static string? StringOf(JsonObject from, string name) => TextOf(from[name]);

    /// <returns>Null where it is missing, empty, or no text.</returns>
    private static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
}
