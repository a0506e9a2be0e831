using Quilt.Core;

namespace Quilt.Aria;

/// <summary>One call, or stream, for as long as the token is good that it was opened with.</summary>
internal sealed class TokenHold : IDisposable
{
    // A timer goes no further; a call that is under way for longer ends at the token's next use.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);
    private readonly CancellationTokenSource _over;
    private readonly CancellationToken _ended, _callers;
    private readonly Token _token;

    /// <param name="ended">Cancelled when the token is revoked, or forgotten with its agent.</param>
    internal TokenHold(Token token, CancellationToken ended, CancellationToken callers)
    {
        (_token, _ended, _callers) = (token, ended, callers);
        _over = CancellationTokenSource.CreateLinkedTokenSource(ended, callers);
        if (token.ExpiresAt - DateTimeOffset.UtcNow is { } left && left < LongestTimer)
        {
            _over.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    /// <summary>Of the caller's own, or of the token's end.</summary>
    internal CancellationToken Over => _over.Token;

    /// <summary>It is the token that has ended, and not the caller who has gone.</summary>
    internal bool TokenEnded => _over.IsCancellationRequested && !_callers.IsCancellationRequested;

    internal QuiltException Refusal => _ended.IsCancellationRequested
        ? TokenStore.Refused($"the token {_token.Id} was revoked, and what was opened with it has ended", "ask whoever revoked it for another")
        : TokenStore.Refused($"the token {_token.Id} expired at {_token.ExpiresAt:u}, and what was opened with it has ended", "ask for another");

    public void Dispose() => _over.Dispose();
}
