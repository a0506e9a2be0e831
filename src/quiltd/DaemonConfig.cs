using System.Text.Json;
using Quilt.Aria;
using Quilt.Cognition;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>What is too much for options: the file of <c>--config</c>, in YAML or JSON. Its section <c>cognition</c> is docs/cognition.md's.</summary>
internal static class DaemonConfig
{
    /// <param name="path">Null: nothing is configured.</param>
    /// <exception cref="QuiltException">InvalidArgument: where, and what is wrong.</exception>
    internal static CognitionConfig Read(string? path)
    {
        if (path is null)
        {
            return new CognitionConfig();
        }

        try
        {
            JsonElement root = ConfigText.Parse(File.ReadAllText(path), "--config");
            foreach (JsonProperty section in root.EnumerateObject())
            {
                if (section.Name != "cognition")
                {
                    throw QuiltException.Invalid("--config", $"{path}: there is no section '{section.Name}'", "use cognition");
                }
            }

            return root.TryGetProperty("cognition", out JsonElement cognition) ? cognition.Deserialize(CognitionJson.Default.CognitionConfig)! : new CognitionConfig();
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid("--config", $"{path}: {e.Message}", "see docs/cognition.md for the fields");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw QuiltException.Invalid("--config", $"{path} cannot be read: {e.Message}", "give a file that root can read");
        }
    }
}
