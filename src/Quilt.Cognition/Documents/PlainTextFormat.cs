namespace Quilt.Cognition;

internal sealed class PlainTextFormat : IDocumentFormat
{
    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        string content = TextEncoding.Decode(document, text);
        text.Metadata("lines", $"{content.AsSpan().Count('\n') + (content.EndsWith('\n') ? 0 : 1)}");
        text.Append(content);
    }
}
