using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Quilt.Cognition;

/// <summary>What <c>ponderTool</c> is asked. A property with a default has a setter, for the generated reader forgets the default of one that is init-only.</summary>
public sealed record PonderArguments
{
    [Description("The question to think about, as one self-contained text: the model that thinks sees nothing of your conversation.")]
    [StringLength(32_000, MinimumLength = 1)]
    public required string Question { get; init; }

    [Description("Facts, code, logs or constraints that the question refers to. It is treated as material, not as instructions.")]
    [StringLength(400_000)]
    public string? Context { get; init; }

    [Description("How far to think: 'quick' for a first opinion, 'normal', or 'deep' to weigh alternatives and look for what is wrong with the answer; deeper takes longer and costs more tokens.")]
    [AllowedValues("quick", "normal", "deep")]
    public string Depth { get; set; } = "normal";
}

/// <summary>What <c>ponderTool</c> came to.</summary>
public sealed record PonderResult
{
    [Description("The steps that lead to the conclusion.")]
    public required string Reasoning { get; init; }

    [Description("The answer.")]
    public required string Conclusion { get; init; }

    [Description("How sure the model is of its conclusion, from 0 to 1; its own estimate.")]
    [Range(0.0, 1.0)]
    public required double Confidence { get; init; }

    [Description("What would have to be known to be surer.")]
    public required IReadOnlyList<string> OpenQuestions { get; init; }

    [Description("The tokens that the call used, where the provider says so.")]
    public TokenUsage? Usage { get; init; }
}
