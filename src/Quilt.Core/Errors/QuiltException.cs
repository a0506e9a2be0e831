namespace Quilt.Core;

/// <summary>The one failure that Quilt's services throw to their callers.</summary>
/// <param name="code">What kind of failure; stable.</param>
/// <param name="message">What is wrong, naming the value. Holds no secret and no host path when it goes to a peer.</param>
/// <param name="remedy">What the caller can do about it.</param>
/// <param name="field">The argument at fault, in the API's spelling, where there is one.</param>
public sealed class QuiltException(ErrorCode code, string message, string? remedy = null, string? field = null, Exception? inner = null)
    : Exception(message, inner)
{
    public ErrorCode Code { get; } = code;
    public string? Remedy { get; } = remedy;
    public string? Field { get; } = field;

    public static QuiltException Invalid(string field, string message, string remedy) =>
        new(ErrorCode.InvalidArgument, message, remedy, field);
}
