namespace Quilt.Build;

/// <summary>A text is no word of a Dockerfile's.</summary>
/// <param name="offset">Where in the text it shows.</param>
internal sealed class WordException(int offset, string message) : Exception(message)
{
    internal int Offset { get; } = offset;
}
