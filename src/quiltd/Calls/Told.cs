using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Quilt.Daemon;

/// <summary>What the audit is told of a typed call: its arguments by the tool's names, without secrets.</summary>
internal static class Told
{
    private const int LongestText = 512, MostItems = 64;

    internal static string Of(params ReadOnlySpan<(string Name, object? Value)> arguments)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, object? value) in arguments)
            {
                Write(writer, name, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>What is unset is left out.</summary>
    private static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        switch (value)
        {
            case string { Length: > 0 } text:
                writer.WriteString(name, Short(text));
                break;
            case bool and true:
                writer.WriteBoolean(name, true);
                break;
            case long and not 0 or int and not 0:
                writer.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when !double.IsFinite(number):
                writer.WriteString(name, number.ToString(CultureInfo.InvariantCulture)); // gRPC has such, JSON has not
                break;
            case double and not 0:
                writer.WriteNumber(name, (double)value);
                break;
            case IReadOnlyCollection<string> { Count: > 0 } list:
                writer.WriteStartArray(name);
                foreach (string item in list.Take(MostItems))
                {
                    writer.WriteStringValue(Short(item));
                }

                writer.WriteEndArray();
                break;
        }
    }

    private static string Short(string text) =>
        text.Length <= LongestText ? text : $"{text.AsSpan(0, char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)}…";
}
