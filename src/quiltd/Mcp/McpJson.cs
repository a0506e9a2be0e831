using System.Text.Json;

namespace Quilt.Daemon;

/// <summary>What the reading of a client's JSON fails with.</summary>
internal static class McpJson
{
    // A half character is found when a text is made of it, which is told by another type, and by this mark: the reader's own serializer knows it by that.
    private const string ReadersMark = "System.Text.Json.Rethrowable";

    // A name that an object has twice is found when the object is first looked into, by the dictionary that is made of it.
    private const string TwiceInAnObject = "key";

    /// <summary>The client's JSON is wrong, and nothing of ours.</summary>
    internal static bool IsWrong(Exception e) => e is JsonException or InvalidOperationException { Source: ReadersMark } or ArgumentException { ParamName: TwiceInAnObject };
}
