using System.Text.Json;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>A value in JSON that is none of its type. Where it is in the document the serializer adds.</summary>
/// <param name="message">What it is not, without its name: <c>'x' is no time</c>.</param>
/// <param name="remedy">What would be right.</param>
internal sealed class ValueException(string message, string remedy) : JsonException(message)
{
    internal string Remedy { get; } = remedy;

    /// <summary>For whoever gave the document: the serializer's own words name types of ours, which say nothing to anybody.</summary>
    /// <param name="whole">What the document is called.</param>
    /// <param name="remedy">Where it is not known what would be right.</param>
    internal static QuiltException Told(JsonException failure, string whole, string remedy)
    {
        string field = failure.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : whole;
        return failure is ValueException value
            ? QuiltException.Invalid(field, $"{field} {value.Message}", value.Remedy)
            : QuiltException.Invalid(field, $"{field} has a value that cannot be read", remedy);
    }
}
