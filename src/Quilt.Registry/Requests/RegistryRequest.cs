using System.Net.Http.Headers;

namespace Quilt.Registry;

/// <summary>One thing asked of a registry, as often as it takes.</summary>
/// <param name="Target">Relative to the registry's address, such as <c>v2/library/debian/tags/list</c>; or an address that it named.</param>
internal sealed record RegistryRequest(HttpMethod Method, string Target)
{
    /// <summary>For messages: what it is about.</summary>
    internal required string What { get; init; }

    /// <summary>What it may be used for, parted by spaces (distribution, auth/scope); empty where nothing is needed but a name.</summary>
    internal required string Scopes { get; init; }
    internal IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The first byte wanted; above 0, a range is asked for.</summary>
    internal long From { get; init; }

    /// <summary>Made anew for each try.</summary>
    internal Func<HttpContent>? Content { get; init; }

    /// <summary>An answer of 404 is one.</summary>
    internal bool MayBeMissing { get; init; }

    internal HttpRequestMessage Message(Uri target, AuthenticationHeaderValue? authorization)
    {
        HttpRequestMessage message = new(Method, target) { Content = Content?.Invoke() };
        foreach (string type in Accept)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        if (From > 0)
        {
            message.Headers.Range = new RangeHeaderValue(From, null);
        }

        // A registry that refuses what is large says so before it is sent.
        message.Headers.ExpectContinue = message.Content is FileContent { IsLarge: true } ? true : null;
        message.Headers.Authorization = authorization;
        return message;
    }
}
