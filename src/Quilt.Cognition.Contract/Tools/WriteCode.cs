using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Quilt.Cognition;

/// <summary>What <c>writeCodeTool</c> is asked. It writes nothing anywhere: the agent copies the files into a container.</summary>
public sealed record WriteCodeArguments
{
    [Description("What the code has to do, as one self-contained text: the model that writes it sees nothing of your conversation.")]
    [StringLength(32_000, MinimumLength = 1)]
    public required string Task { get; init; }

    [Description("The programming language, with its version where that matters, such as 'python 3.12'; leave out to let the model choose.")]
    [StringLength(100)]
    public string? Language { get; init; }

    [Description("Files that exist already and that the code has to fit or change; at most 100, 400,000 characters in all.")]
    public IReadOnlyList<CodeFile> Files { get; set; } = [];

    [Description("Rules that the code has to keep to, such as libraries, style or performance; at most 50.")]
    public IReadOnlyList<string> Constraints { get; set; } = [];
}

/// <summary>What <c>writeCodeTool</c> wrote.</summary>
public sealed record WriteCodeResult
{
    [Description("New and changed files, each complete. They are nowhere yet: put them into a container with copyToContainer.")]
    public required IReadOnlyList<CodeFile> Files { get; init; }

    [Description("How the code works, and how to run it.")]
    public required string Explanation { get; init; }

    [Description("The tokens that the call used, where the provider says so.")]
    public TokenUsage? Usage { get; init; }
}

/// <summary>A source file.</summary>
public sealed record CodeFile
{
    [Description("Its path relative to the project's folder, with '/' and without '..'.")]
    [StringLength(400, MinimumLength = 1)]
    public required string Path { get; init; }

    [Description("Its whole content.")]
    [StringLength(400_000)]
    public required string Content { get; init; }
}
