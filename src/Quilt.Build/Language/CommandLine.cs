namespace Quilt.Build;

/// <summary>A command: a list that is executed as it is, or one text for the shell.</summary>
/// <param name="IsExec">Written as a JSON list.</param>
/// <param name="Words">Of the shell form one, the text as written.</param>
internal sealed record CommandLine(bool IsExec, IReadOnlyList<string> Words)
{
    /// <summary>What is executed.</summary>
    internal IReadOnlyList<string> With(IReadOnlyList<string> shell) => IsExec ? Words : [.. shell, .. Words];
}
