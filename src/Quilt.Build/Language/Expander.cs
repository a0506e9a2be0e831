namespace Quilt.Build;

/// <summary>Substitutes the variables in an instruction's words, and tells its errors at their place.</summary>
/// <param name="lookUp">A variable's value; null where it is not set.</param>
/// <param name="missed">Told of a variable that is not set and has nothing in its place.</param>
internal sealed class Expander(InstructionOrigin origin, Func<string, string?> lookUp, Action<string>? missed = null)
{
    private const int LongestPath = 4096;
    private readonly ShellWords _words = new(origin.Line.Escape, lookUp) { Missed = missed };

    internal InstructionOrigin Origin { get; } = origin;

    /// <exception cref="Core.QuiltException">InvalidArgument: an open quote, a wrong substitution, a variable that has to be set.</exception>
    internal string Word(RawWord word) => At(word, text => _words.Word(text));

    /// <summary>As <see cref="Word"/>, of a path.</summary>
    /// <exception cref="Core.QuiltException">InvalidArgument: it is longer than any path can be, too.</exception>
    internal string Path(RawWord word)
    {
        string path = Word(word);
        return path.Length <= LongestPath && !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw Origin.Error(word, $"the path has more than {LongestPath} characters", "give a shorter one");
    }

    /// <summary>As many words as come out of one.</summary>
    /// <exception cref="Core.QuiltException">As <see cref="Word"/>.</exception>
    internal IReadOnlyList<string> Words(RawWord word) => At(word, text => _words.Words(text));

    /// <summary>A here-document's content: quotes mean nothing in it.</summary>
    /// <exception cref="Core.QuiltException">As <see cref="Word"/>.</exception>
    internal string Content(Heredoc heredoc)
    {
        ShellWords content = new('\\', lookUp) { IgnoresQuotes = true, KeepsEscapes = false };
        return heredoc.Expands ? At(new RawWord(heredoc.Body, 0), content.Word) : heredoc.Body;
    }

    private T At<T>(RawWord word, Func<string, T> process)
    {
        try
        {
            return process(word.Text);
        }
        catch (WordException e)
        {
            int offset = word.Offset == 0 ? 0 : word.Offset + Math.Min(e.Offset, word.Text.Length);
            throw Origin.Line.Error(offset, e.Message, "set the variable by ARG or ENV before, close what is open, or put \\ before what is meant as it is");
        }
    }
}
