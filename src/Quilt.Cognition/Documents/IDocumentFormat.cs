namespace Quilt.Cognition;

/// <summary>Reads one format. Whatever it throws but a <see cref="Core.QuiltException"/> says that the document is broken.</summary>
internal interface IDocumentFormat
{
    void Read(byte[] document, DocumentText text, DocumentRequest request);
}
