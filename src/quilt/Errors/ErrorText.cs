using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>How a failure is told on stderr.</summary>
internal static class ErrorText
{
    internal static void Write(TextWriter error, QuiltException e, bool json)
    {
        if (json)
        {
            ErrorView view = new(new ErrorBody(e.Code.WireName(), e.Message, e.Field, e.Remedy));
            error.WriteLine(JsonSerializer.Serialize(view, CliJson.Compact.ErrorView));
        }
        else
        {
            error.WriteLine($"quilt: {e.Message}");
            if (e.Remedy is not null)
            {
                error.WriteLine($"  remedy: {e.Remedy}");
            }
        }

        error.Flush();
    }
}
