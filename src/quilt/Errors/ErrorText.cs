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
            error.WriteLine($"quilt: {Plain(e.Message)}");
            if (e.Remedy is not null)
            {
                error.WriteLine($"  remedy: {Plain(e.Remedy)}");
            }
        }

        error.Flush();
    }

    /// <summary>It may quote others. Its lines stay: a Dockerfile's error shows the place below it.</summary>
    private static string Plain(string message) => string.Join('\n', message.Split('\n').Select(Text.Escaped));
}
