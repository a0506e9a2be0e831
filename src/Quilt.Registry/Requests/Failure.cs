using Quilt.Core;

namespace Quilt.Registry;

/// <summary>Something went wrong with a request.</summary>
/// <param name="MayPass">By itself, with time.</param>
/// <param name="Wait">What the registry asked for before the next try.</param>
internal sealed record Failure(QuiltException Error, bool MayPass = false, TimeSpan? Wait = null);

/// <summary>What became of a request sent once: one of the two is null.</summary>
internal readonly record struct Attempt(HttpResponseMessage? Response, Failure? Failure);
