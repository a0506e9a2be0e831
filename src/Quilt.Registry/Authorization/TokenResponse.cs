using System.Text;

namespace Quilt.Registry;

/// <summary>A token server's answer; the token is under one of two names (distribution, auth/token and auth/oauth).</summary>
internal sealed record TokenResponse
{
    public string? Token { get; init; }
    public string? AccessToken { get; init; }

    /// <summary>Seconds.</summary>
    public double? ExpiresIn { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("ExpiresIn = ").Append(ExpiresIn);
        return true;
    }
}
