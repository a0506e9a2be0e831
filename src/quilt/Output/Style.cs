namespace Quilt.Cli;

/// <summary>Colours for a terminal; without one, plain text.</summary>
internal sealed class Style(bool enabled)
{
    internal static Style Plain { get; } = new(false);

    internal string Good(string text) => Paint("32", text);

    internal string Bad(string text) => Paint("31", text);

    internal string Warning(string text) => Paint("33", text);

    internal string Heading(string text) => Paint("1", text);

    internal string Faint(string text) => Paint("2", text);

    private string Paint(string code, string text) => enabled ? $"\e[{code}m{text}\e[0m" : text;
}
