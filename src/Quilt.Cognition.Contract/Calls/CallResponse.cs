using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>What <c>quilt-cognition call</c> writes to its output: one JSON document with one of the two.</summary>
public sealed record CallResponse
{
    public JsonElement? Result { get; init; }
    public CallError? Error { get; init; }
}

/// <summary>A <see cref="QuiltException"/> on the wire.</summary>
public sealed record CallError
{
    /// <summary>The code's wire name, such as <c>failed_precondition</c>.</summary>
    public required string Code { get; init; }
    public required string Message { get; init; }
    public string? Field { get; init; }
    public string? Remedy { get; init; }

    public static CallError Of(QuiltException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new() { Code = failure.Code.WireName(), Message = failure.Message, Field = failure.Field, Remedy = failure.Remedy };
    }

    public QuiltException ToException() => new(ErrorCodes.FromWireName(Code), Message, Remedy, Field);
}
