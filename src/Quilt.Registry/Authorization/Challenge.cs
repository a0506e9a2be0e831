namespace Quilt.Registry;

/// <summary>How a registry wants to be shown who asks: a header's WWW-Authenticate (RFC 9110, 11.6.1).</summary>
/// <param name="Scheme">In lower case, such as <c>bearer</c>.</param>
/// <param name="Parameters">Names in lower case.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    internal const string Bearer = "bearer", Basic = "basic";

    internal string? Realm => Parameters.GetValueOrDefault("realm");
    internal string? Service => Parameters.GetValueOrDefault("service");
    internal string? Scope => Parameters.GetValueOrDefault("scope");

    /// <summary>The one that we can meet, tokens before passwords; null where there is none.</summary>
    internal static Challenge? Choose(IEnumerable<string> headers)
    {
        List<Challenge> all = [.. headers.SelectMany(ChallengeParser.Parse)];
        return all.Find(c => c.Scheme == Bearer && c.Realm is not null) ?? all.Find(c => c.Scheme == Basic);
    }
}
