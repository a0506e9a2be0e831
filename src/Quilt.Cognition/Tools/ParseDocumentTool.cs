using System.Text;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Reads a document, in a process of its own, and has the model answer a question about it where one is asked.</summary>
public sealed class ParseDocumentTool(DocumentLimits limits, IDocumentReader reader, LanguageModel model)
{
    private static readonly AnswerForm<QuestionAnswer> Form = new("answer", AnswerJson.Default.QuestionAnswer, answer =>
        string.IsNullOrWhiteSpace(answer.Text) ? "text is empty" : null);

    /// <exception cref="QuiltException">The document cannot be read within the limits, or there is a question and no model.</exception>
    public async Task<ParseDocumentResult> Run(ParseDocumentArguments arguments, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        byte[] document = DocumentBytes(arguments);
        if (arguments.Question is not null)
        {
            model.Require();
        }

        DocumentRequest request = new()
        {
            Format = arguments.Format,
            FileName = arguments.FileName,
            Argument = arguments.ContentBase64 is null ? "content" : "contentBase64",
            Offset = arguments.Offset,
            MaxChars = Math.Min(arguments.MaxChars, limits.MaxOutputChars),
            MaxUnpackedBytes = limits.MaxUnpackedBytes,
        };
        ParseDocumentResult result = await reader.Read(request, document, cancellation).ConfigureAwait(false);
        return string.IsNullOrWhiteSpace(arguments.Question) ? result : result with { Answer = await Answer(arguments.Question, result, cancellation).ConfigureAwait(false) };
    }

    private byte[] DocumentBytes(ParseDocumentArguments arguments)
    {
        if (arguments.Content is null == arguments.ContentBase64 is null)
        {
            throw QuiltException.Invalid("content", "give either content or contentBase64, and not both", "give text as content, anything else as contentBase64");
        }

        // The length is looked at first: decoding what is refused anyway would cost its size again.
        long length = arguments.ContentBase64 is { } base64 ? base64.Length / 4 * 3L - 2 : Encoding.UTF8.GetByteCount(arguments.Content!);
        if (length > limits.MaxDocumentBytes)
        {
            throw new QuiltException(ErrorCode.ResourceExhausted, $"the document is larger than {limits.MaxDocumentBytes} bytes",
                "give a part of it, or let the operator raise cognition.documents.maxDocumentBytes", arguments.Content is null ? "contentBase64" : "content");
        }

        if (arguments.Content is not null)
        {
            return Encoding.UTF8.GetBytes(arguments.Content);
        }

        try
        {
            return Convert.FromBase64String(arguments.ContentBase64!);
        }
        catch (FormatException)
        {
            throw QuiltException.Invalid("contentBase64", "contentBase64 is not base64", "encode the document's bytes in base64 (RFC 4648), with padding");
        }
    }

    private async Task<DocumentAnswer> Answer(string question, ParseDocumentResult document, CancellationToken cancellation)
    {
        string instructions = $"Answer the question from the document alone, and quote what the answer rests on. {Material.Rule}";
        string material = Material.Of(("document", document.Text), ("question", question));
        (QuestionAnswer answer, TokenUsage usage) = await model.Ask(Form, instructions, material, cancellation).ConfigureAwait(false);

        // A quote that is not in the document is none.
        string[] quotes = [.. answer.Quotes.Where(q => q.Length > 0 && document.Text.Contains(q, StringComparison.OrdinalIgnoreCase))];
        return new DocumentAnswer { Text = answer.Text, Found = answer.Found, Quotes = quotes, Usage = usage };
    }
}
