using System.Text.Json;
using Quilt.Core;
using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>Reads a bundle's config.json.</summary>
internal static class SpecFile
{
    internal static OciSpec Read(string bundle)
    {
        string path = Path.Combine(bundle, "config.json");
        try
        {
            OciSpec spec = JsonSerializer.Deserialize(File.ReadAllBytes(path), OciJson.Default.OciSpec)
                ?? throw QuiltException.Invalid("config.json", "it is null", "give an object");
            OciSpecValidator.Validate(spec);
            return spec;
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid("config.json", $"{path} is not a runtime configuration: {e.Path ?? "$"} at line {e.LineNumber + 1}", "see the OCI runtime spec, config.md");
        }
        catch (IOException)
        {
            throw QuiltException.Invalid("bundle", $"there is no {path}", "give the folder of a bundle with --bundle; 'spec' writes a configuration");
        }
    }
}
