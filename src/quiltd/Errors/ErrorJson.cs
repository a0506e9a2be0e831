using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>An error as JSON: code, message, field and remedy.</summary>
internal static class ErrorJson
{
    // Read by models, and by no browser as HTML: nothing is escaped that JSON does not want to be.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static JsonObject Object(QuiltException failure)
    {
        JsonObject error = new() { ["code"] = failure.Code.WireName(), ["message"] = failure.Message };
        if (!string.IsNullOrEmpty(failure.Field))
        {
            error["field"] = failure.Field;
        }

        if (!string.IsNullOrEmpty(failure.Remedy))
        {
            error["remedy"] = failure.Remedy;
        }

        return error;
    }

    internal static string Of(QuiltException failure) => Text(Object(failure));

    internal static string Text(JsonObject json)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text, Plain))
        {
            json.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}
