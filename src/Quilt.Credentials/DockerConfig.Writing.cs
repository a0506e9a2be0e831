using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Credentials;

public sealed partial class DockerConfig
{
    /// <summary>Keeps credentials for a registry: in the helper that the configuration names, else in the file, which its user alone can read then.</summary>
    /// <param name="registry">As image references have it.</param>
    /// <returns>Where they are: the helper's program, or the file. Somebody may want to know that the latter is not encrypted.</returns>
    /// <exception cref="QuiltException">The file or the helper cannot be used; what was there is as it was.</exception>
    public async Task<string> SaveAsync(string registry, RegistryCredential credential, CancellationToken cancellation)
    {
        if (credential.Username.Contains(':', StringComparison.Ordinal))
        {
            throw QuiltException.Invalid("username", "the user name has a ':' in it, which separates it from the password", "give the name alone");
        }

        registry = ServerAddress.RegistryOf(registry);
        JsonObject config = Read();
        string server = ServerAddress.Of(registry);
        JsonObject entry = [];
        string place = FilePath;
        if (AnyHelperOf(config, registry) is { } helper)
        {
            await CredentialHelper.Find(helper).StoreAsync(server, credential, cancellation).ConfigureAwait(false);
            place = "docker-credential-" + helper;
        }
        else
        {
            string secret = credential.IsIdentityToken ? "" : credential.Secret;
            entry["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.Username}:{secret}"));
            if (credential.IsIdentityToken)
            {
                entry["identitytoken"] = credential.Secret;
            }
        }

        RemoveEntries(config, registry);
        if (ObjectOf(config, "auths") is not { } auths)
        {
            config["auths"] = auths = [];
        }

        auths[server] = entry; // empty where a helper has the secret, as Docker writes it
        Write(config);
        return place;
    }

    /// <summary>Forgets the credentials for a registry, in the helper and in the file.</summary>
    /// <returns>Whether the file had any or named a helper that was told.</returns>
    /// <exception cref="QuiltException">The file or the helper cannot be used.</exception>
    public async Task<bool> RemoveAsync(string registry, CancellationToken cancellation)
    {
        registry = ServerAddress.RegistryOf(registry);
        JsonObject config = Read();
        string? helper = AnyHelperOf(config, registry);
        if (helper is not null)
        {
            await CredentialHelper.Find(helper).EraseAsync(ServerAddress.Of(registry), cancellation).ConfigureAwait(false);
        }

        bool removed = RemoveEntries(config, registry);
        if (removed)
        {
            Write(config);
        }

        return removed || helper is not null;
    }

    private static string? AnyHelperOf(JsonObject config, string registry) => HelperOf(config, registry) ?? StringOf(config, "credsStore");

    private static bool RemoveEntries(JsonObject config, string registry)
    {
        string[] keys = [.. Entries(config, registry).Select(e => e.Key)];
        foreach (string key in keys)
        {
            ObjectOf(config, "auths")!.Remove(key);
        }

        return keys.Length > 0;
    }

    /// <summary>At once and for its user alone; where the name is a link, what it points at.</summary>
    private void Write(JsonObject config)
    {
        ArrayBufferWriter<byte> content = new();
        using (Utf8JsonWriter writer = new(content, new JsonWriterOptions { Indented = true, IndentCharacter = '\t', IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            config.WriteTo(writer);
        }

        try
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            FileInfo named = new(FilePath);
            string file = named.LinkTarget is null ? FilePath : named.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            DurableFile.Write(Path.GetDirectoryName(file)!, Path.GetFileName(file), content.WrittenSpan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SyscallException)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"Docker's configuration cannot be written: {e.Message}", $"see that {_folder} can be written to, or set DOCKER_CONFIG to another folder", inner: e);
        }
    }
}
