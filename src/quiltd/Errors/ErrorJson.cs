using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>An error as JSON: code, message, field and remedy.</summary>
internal static class ErrorJson
{
    internal static string Of(QuiltException failure)
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

        return error.ToJsonString();
    }
}
