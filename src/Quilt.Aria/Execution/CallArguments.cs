namespace Quilt.Aria;

/// <summary>What a call was given, as JSON objects.</summary>
/// <param name="Redacted">Without secrets, and bounded: for the audit.</param>
/// <param name="Whole">All of it: two calls are the same where this is.</param>
public sealed record CallArguments(Func<string> Redacted, Func<string> Whole);
