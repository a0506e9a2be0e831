using System.Buffers;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The keys that let go of a command at a terminal, one after the other. The first ones are held back until it is known what they begin.</summary>
internal sealed class DetachKeys
{
    internal const string Usual = "ctrl-p,ctrl-q";
    private const string Control = "ctrl-";
    private const int ControlMask = 0x1f; // what a terminal makes of a letter with Ctrl
    private readonly byte[] _keys;
    private int _typed;

    private DetachKeys(byte[] keys) => _keys = keys;

    /// <param name="text">As docker writes them; empty for none.</param>
    /// <returns>Null for none.</returns>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static DetachKeys? Parse(string text, string field) => text.Length == 0 ? null : new([.. text.Split(',').Select(key => Code(key, text, field))]);

    /// <summary>What of the input is the command's.</summary>
    /// <param name="all">They were typed, all of them; what comes after them is nobody's.</param>
    internal ReadOnlyMemory<byte> Filter(ReadOnlySpan<byte> input, out bool all)
    {
        ArrayBufferWriter<byte> passed = new(input.Length + _keys.Length);
        foreach (byte key in input)
        {
            while (key != _keys[_typed] && _typed > 0)
            {
                int kept = StillTyped();
                passed.Write(_keys.AsSpan(0, _typed - kept));
                _typed = kept;
            }

            if (key != _keys[_typed])
            {
                passed.Write([key]);
            }
            else if (++_typed == _keys.Length)
            {
                all = true;
                return passed.WrittenMemory;
            }
        }

        all = false;
        return passed.WrittenMemory;
    }

    /// <summary>How many of the keys the last of those that are held back can begin again.</summary>
    private int StillTyped()
    {
        int kept = _typed - 1;
        while (!_keys.AsSpan(_typed - kept, kept).SequenceEqual(_keys.AsSpan(0, kept)))
        {
            kept--;
        }

        return kept;
    }

    private static byte Code(string key, string text, string field) => key switch
    {
        [var single] when single is > ' ' and <= '~' => (byte)single,
        [.., var letter] when key.Length == Control.Length + 1 && key.StartsWith(Control, StringComparison.OrdinalIgnoreCase) && char.ToUpperInvariant(letter) is >= '@' and <= '_' =>
            (byte)(char.ToUpperInvariant(letter) & ControlMask),
        _ => throw QuiltException.Invalid(
            field, $"{field} '{text}' has no such key: '{key}'",
            $"give characters, or ctrl- and a letter, @, [, \\, ], ^ or _, with commas between them, such as {Usual}; '' for none"),
    };
}
