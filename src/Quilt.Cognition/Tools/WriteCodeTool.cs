using System.Text;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Has the model write files. They are returned, and written nowhere.</summary>
public sealed class WriteCodeTool(LanguageModel model)
{
    private const int MaxFiles = 100, MaxConstraints = 50, MaxChars = 400_000;

    private static readonly AnswerForm<CodeAnswer> Form = new("code", AnswerJson.Default.CodeAnswer, Wrong);

    /// <exception cref="QuiltException">No model, its failure, or an argument out of bounds.</exception>
    public async Task<WriteCodeResult> Run(WriteCodeArguments arguments, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Check(arguments);
        string language = arguments.Language is null ? "the language that fits best" : arguments.Language;
        string instructions = $"You write code for a software agent, in {language}. Return every new or changed file whole, ready to run, " +
            $"with no placeholders; leave files alone that need no change. {Material.Rule}";
        StringBuilder material = new(Material.Of(("task", arguments.Task), ("constraints", string.Join('\n', arguments.Constraints.Select(c => "- " + c)))));
        foreach (CodeFile file in arguments.Files)
        {
            material.Append(Material.Of(("path", file.Path), ("file", file.Content)));
        }

        (CodeAnswer answer, TokenUsage usage) = await model.Ask(Form, instructions, material.ToString(), cancellation).ConfigureAwait(false);
        return new WriteCodeResult
        {
            Files = [.. answer.Files.Select(f => new CodeFile { Path = RelativePath.Normalize(f.Path), Content = f.Content })],
            Explanation = answer.Explanation,
            Usage = usage,
        };
    }

    private static void Check(WriteCodeArguments arguments)
    {
        if (arguments.Files.Count > MaxFiles || arguments.Files.Sum(f => (long)f.Content.Length) > MaxChars)
        {
            throw QuiltException.Invalid("files", $"files are more than {MaxFiles}, or than {MaxChars} characters", "give only the files that the code has to fit");
        }

        if (arguments.Constraints.Count > MaxConstraints || arguments.Constraints.Sum(c => (long)c.Length) > MaxChars)
        {
            throw QuiltException.Invalid("constraints", $"constraints are more than {MaxConstraints}, or than {MaxChars} characters", "give fewer");
        }

        if (arguments.Files.FirstOrDefault(f => !RelativePath.IsSafe(f.Path)) is { } file)
        {
            throw QuiltException.Invalid("files", $"files has the path '{file.Path}', which is not relative or holds '..'", "give paths relative to the project's folder");
        }
    }

    private static string? Wrong(CodeAnswer answer)
    {
        if (answer.Files.Count == 0)
        {
            return "files is empty";
        }

        if (answer.Files.FirstOrDefault(f => !RelativePath.IsSafe(f.Path)) is { } file)
        {
            return $"the path '{file.Path}' is not relative to the project's folder, or holds '..'";
        }

        return answer.Files.Select(f => RelativePath.Normalize(f.Path)).Distinct(StringComparer.Ordinal).Count() < answer.Files.Count ? "two files have the same path" : null;
    }
}
