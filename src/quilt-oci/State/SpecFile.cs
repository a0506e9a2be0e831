using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Oci.Reading;

namespace Quilt.OciRuntime;

/// <summary>A configuration and the text that it was read from.</summary>
internal sealed record SpecFile(OciSpec Spec, byte[] Content)
{
    internal static SpecFile OfBundle(string bundle) => Read(Path.Combine(bundle, "config.json"));

    internal static SpecFile Read(string path)
    {
        byte[] content = Sys.TryReadFile(path)
            ?? throw QuiltException.Invalid("bundle", $"there is no {path}", "give the folder of a bundle with --bundle; 'spec' writes a configuration");
        try
        {
            OciSpec spec = OciReader.ReadSpec(content);
            OciSpecValidator.Validate(spec);
            return new SpecFile(spec, content);
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid("config.json", $"{path} is not a runtime configuration: {e.Path ?? "$"} at line {e.LineNumber + 1}", "see the OCI runtime spec, config.md");
        }
    }
}
