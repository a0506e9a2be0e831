namespace Quilt.Core;

/// <summary>Names as resolvers know them: labels of letters, digits and '-', with dots between (RFC 1123, 2.1).</summary>
public static class HostName
{
    private const int Longest = 253, LongestLabel = 63;

    public static bool IsValid(string name) => name.Length <= Longest && name.Split('.').All(IsLabel);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-';
}
