using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Bytes in arguments.</summary>
internal static class Base64Text
{
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static byte[] Decode(string text, string field, string remedy)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw QuiltException.Invalid(field, $"{field} is no base64", remedy);
        }
    }
}
