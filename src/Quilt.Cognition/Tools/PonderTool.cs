namespace Quilt.Cognition;

/// <summary>Has the model think about a question.</summary>
public sealed class PonderTool(LanguageModel model)
{
    private static readonly AnswerForm<PonderAnswer> Form = new("ponder", AnswerJson.Default.PonderAnswer, answer =>
        double.IsNaN(answer.Confidence) || answer.Confidence is < 0 or > 1 ? "confidence is not a number from 0 to 1"
        : string.IsNullOrWhiteSpace(answer.Conclusion) ? "conclusion is empty" : null);

    /// <exception cref="Core.QuiltException">No model, or its failure.</exception>
    public async Task<PonderResult> Run(PonderArguments arguments, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        string depth = arguments.Depth switch
        {
            "quick" => "Give a first opinion in a few sentences.",
            "deep" => "Think it through: set out the alternatives, weigh them, then look for what is wrong with your own answer and correct it.",
            _ => "Think step by step, as far as the question needs.",
        };
        string instructions = $"You help a software agent to decide. {depth} Say plainly what you do not know. {Material.Rule}";
        string material = Material.Of(("question", arguments.Question), ("context", arguments.Context));
        (PonderAnswer answer, TokenUsage usage) = await model.Ask(Form, instructions, material, cancellation).ConfigureAwait(false);
        return new PonderResult
        {
            Reasoning = answer.Reasoning,
            Conclusion = answer.Conclusion,
            Confidence = answer.Confidence,
            OpenQuestions = answer.OpenQuestions,
            Usage = usage,
        };
    }
}
