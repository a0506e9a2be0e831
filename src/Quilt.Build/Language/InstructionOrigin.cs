using Quilt.Core;

namespace Quilt.Build;

/// <summary>Where an instruction stands, and how it is written.</summary>
/// <param name="Keyword">As written, in whatever case.</param>
internal sealed record InstructionOrigin(LogicalLine Line, string Keyword)
{
    internal SourcePosition Position => Line.At(0);

    /// <summary>All of it, on one line.</summary>
    internal string Text => Line.Text;

    internal QuiltException Error(string message, string remedy) => Line.Error(0, message, remedy);

    /// <summary>What went wrong elsewhere because of a word, told at the word.</summary>
    internal QuiltException At(RawWord word, QuiltException e) => e.Field == SourceText.Field
        ? e
        : Line.Source.Error(Line.At(word.Offset), e.Message, e.Remedy ?? "see the message", e.Code, e);

    internal QuiltException Error(RawWord word, string message, string remedy) => Line.Error(word.Offset, message, remedy);

    // An instruction may hold a secret: no record of one prints its text.
    public override string ToString() => $"{Keyword} at {Position.Line}";
}
