using Quilt.Core;

namespace Quilt.Client;

/// <summary>A failure as a language model is told of it.</summary>
/// <param name="Code">Stable, such as <c>not_found</c>.</param>
/// <param name="Field">The argument at fault, where there is one.</param>
public sealed record ToolError(string Code, string Message, string? Field, string? Remedy)
{
    internal static ToolError Of(QuiltException e) => new(e.Code.WireName(), e.Message, e.Field, e.Remedy);
}
