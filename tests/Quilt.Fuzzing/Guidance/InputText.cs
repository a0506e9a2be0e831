using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Quilt.Fuzzing.Guidance;

/// <summary>A property's whole input as a text that another test can be made of: tuples in parentheses, lists in brackets, texts quoted, bytes as base64.</summary>
internal static class InputText
{
    /// <summary>Bytes and texts as they are, all else as a text.</summary>
    internal static byte[] Whole(object? input) => input switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        _ => Encoding.UTF8.GetBytes(Of(input)),
    };

    internal static string Of(object? input) => input switch
    {
        null => "null",
        byte[] bytes => $"base64:{Convert.ToBase64String(bytes)}",
        string text => JsonSerializer.Serialize(text),
        ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i])))})",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Of))}]",
        IFormattable value => value.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => input.ToString()!,
    };
}
