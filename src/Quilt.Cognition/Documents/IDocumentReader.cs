namespace Quilt.Cognition;

/// <summary>Reads a document that may be hostile.</summary>
public interface IDocumentReader
{
    /// <exception cref="Core.QuiltException">invalid_argument: it is not what it says it is; resource_exhausted: it takes more than the limits.</exception>
    Task<ParseDocumentResult> Read(DocumentRequest request, ReadOnlyMemory<byte> document, CancellationToken cancellation);
}
