using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Names and values of one thing, aligned; values that are not there are left out.</summary>
internal sealed class FieldList
{
    private readonly List<(string Name, string Value)> _fields = [];

    /// <summary>Values are often others' words: nothing of them moves the terminal's cursor.</summary>
    internal FieldList Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _fields.Add((name, Text.Escaped(value)));
        }

        return this;
    }

    internal void Write(TextWriter to, Style style)
    {
        int width = _fields.Count == 0 ? 0 : _fields.Max(f => f.Name.Length) + 2;
        foreach ((string name, string value) in _fields)
        {
            to.WriteLine($"{style.Heading(name)}{new string(' ', width - name.Length)}{value}");
        }
    }
}
