using System.Text;

namespace Quilt.Core;

/// <summary>The last of what a process writes, and all of it read, so that the process never waits for us.</summary>
public sealed class TextTail
{
    /// <summary>What is kept, characters.</summary>
    public const int Limit = 8_192;

    private readonly StringBuilder _text = new();

    public bool IsEmpty => _text.Length == 0;

    /// <summary>Reads to the end.</summary>
    public async Task Fill(TextReader output)
    {
        ArgumentNullException.ThrowIfNull(output);
        char[] buffer = new char[4096];
        int count;
        while ((count = await output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            _text.Append(buffer, 0, count);
            if (_text.Length > Limit)
            {
                _text.Remove(0, _text.Length - Limit);
            }
        }
    }

    public override string ToString() => _text.ToString();
}
