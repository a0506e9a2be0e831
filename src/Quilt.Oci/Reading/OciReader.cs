using System.Text.Json;

namespace Quilt.Oci.Reading;

/// <summary>
/// Reads configurations. A launcher reads one and ends, so what counts is the first reading in a process: by hand, token by
/// token, it takes a twentieth of what the generated reader needs to build its metadata. That one remains the authority: it
/// is asked for whatever is not plainly right here, and names what is wrong with it.
/// </summary>
public static partial class OciReader
{
    /// <param name="json">config.json, UTF-8. Kept alive by the result, which reads its seccomp policy from it when that is asked for.</param>
    /// <exception cref="JsonException">Not a configuration.</exception>
    public static OciSpec ReadSpec(ReadOnlyMemory<byte> json)
    {
        try
        {
            Utf8JsonReader reader = new(json.Span);
            OciSpec spec = reader.NextObject() ? Spec(ref reader, json) : throw new JsonException();
            return reader.Read() ? throw new JsonException() : spec;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return JsonSerializer.Deserialize(json.Span, OciJson.Default.OciSpec) ?? throw new JsonException("null");
        }
    }

    /// <param name="json">An OCI process object, UTF-8.</param>
    /// <exception cref="JsonException">Not one.</exception>
    public static OciProcess ReadProcess(ReadOnlySpan<byte> json)
    {
        try
        {
            Utf8JsonReader reader = new(json);
            OciProcess process = reader.NextObject() ? Process(ref reader) : throw new JsonException();
            return reader.Read() ? throw new JsonException() : process;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return JsonSerializer.Deserialize(json, OciJson.Default.OciProcess) ?? throw new JsonException("null");
        }
    }

    private static OciSpec Spec(ref Utf8JsonReader json, ReadOnlyMemory<byte> document)
    {
        string? version = null, hostname = null, domainname = null;
        OciProcess? process = null;
        OciRoot? root = null;
        OciMount[] mounts = [];
        OciHooks? hooks = null;
        Dictionary<string, string>? annotations = null;
        OciLinux? linux = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("ociVersion"u8)) { version = json.NextText(); }
            else if (json.ValueTextEquals("process"u8)) { process = json.NextObject() ? Process(ref json) : null; }
            else if (json.ValueTextEquals("root"u8)) { root = json.NextObject() ? Root(ref json) : null; }
            else if (json.ValueTextEquals("hostname"u8)) { hostname = json.NextText(); }
            else if (json.ValueTextEquals("domainname"u8)) { domainname = json.NextText(); }
            else if (json.ValueTextEquals("mounts"u8)) { mounts = json.NextItems(Mount); }
            else if (json.ValueTextEquals("hooks"u8)) { hooks = json.NextObject() ? Hooks(ref json) : null; }
            else if (json.ValueTextEquals("annotations"u8)) { annotations = json.NextTextsByName(); }
            else if (json.ValueTextEquals("linux"u8)) { linux = json.NextObject() ? Linux(ref json, document) : null; }
            else { json.SkipValue(); }
        }

        return new OciSpec
        {
            OciVersion = version ?? throw new JsonException(),
            Process = process,
            Root = root,
            Hostname = hostname,
            Domainname = domainname,
            Mounts = mounts,
            Hooks = hooks,
            Annotations = annotations!,
            Linux = linux,
        };
    }

    private static OciRoot Root(ref Utf8JsonReader json)
    {
        string? path = null;
        bool readOnly = false;
        while (json.NextName())
        {
            if (json.ValueTextEquals("path"u8)) { path = json.NextText(); }
            else if (json.ValueTextEquals("readonly"u8)) { readOnly = json.NextFlag(); }
            else { json.SkipValue(); }
        }

        return new OciRoot(path!) { Readonly = readOnly };
    }

    private static OciMount Mount(ref Utf8JsonReader json)
    {
        string? destination = null, type = null, source = null;
        string[] options = [];
        OciIdMapping[] uids = [], gids = [];
        while (json.NextName())
        {
            if (json.ValueTextEquals("destination"u8)) { destination = json.NextText(); }
            else if (json.ValueTextEquals("type"u8)) { type = json.NextText(); }
            else if (json.ValueTextEquals("source"u8)) { source = json.NextText(); }
            else if (json.ValueTextEquals("options"u8)) { options = json.NextTexts(); }
            else if (json.ValueTextEquals("uidMappings"u8)) { uids = json.NextItems(IdMapping); }
            else if (json.ValueTextEquals("gidMappings"u8)) { gids = json.NextItems(IdMapping); }
            else { json.SkipValue(); }
        }

        return new OciMount(destination!) { Type = type, Source = source, Options = options, UidMappings = uids, GidMappings = gids };
    }

    private static OciHooks Hooks(ref Utf8JsonReader json)
    {
        OciHook[] prestart = [], createRuntime = [], createContainer = [], startContainer = [], poststart = [], poststop = [];
        while (json.NextName())
        {
            if (json.ValueTextEquals("prestart"u8)) { prestart = json.NextItems(Hook); }
            else if (json.ValueTextEquals("createRuntime"u8)) { createRuntime = json.NextItems(Hook); }
            else if (json.ValueTextEquals("createContainer"u8)) { createContainer = json.NextItems(Hook); }
            else if (json.ValueTextEquals("startContainer"u8)) { startContainer = json.NextItems(Hook); }
            else if (json.ValueTextEquals("poststart"u8)) { poststart = json.NextItems(Hook); }
            else if (json.ValueTextEquals("poststop"u8)) { poststop = json.NextItems(Hook); }
            else { json.SkipValue(); }
        }

        return new OciHooks
        {
            Prestart = prestart, CreateRuntime = createRuntime, CreateContainer = createContainer,
            StartContainer = startContainer, Poststart = poststart, Poststop = poststop,
        };
    }

    private static OciHook Hook(ref Utf8JsonReader json)
    {
        string? path = null;
        string[] args = [], env = [];
        int? timeout = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("path"u8)) { path = json.NextText(); }
            else if (json.ValueTextEquals("args"u8)) { args = json.NextTexts(); }
            else if (json.ValueTextEquals("env"u8)) { env = json.NextTexts(); }
            else if (json.ValueTextEquals("timeout"u8)) { timeout = json.NextInt(); }
            else { json.SkipValue(); }
        }

        return new OciHook(path!) { Args = args, Env = env, Timeout = timeout };
    }
}
