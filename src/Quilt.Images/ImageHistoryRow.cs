namespace Quilt.Images;

/// <summary>A step of an image's making.</summary>
/// <param name="IsEmpty">It made no layer.</param>
/// <param name="SizeBytes">Of the layer it made, unpacked; 0 where it made none.</param>
/// <param name="BlobBytes">Of that layer's blob.</param>
public sealed record ImageHistoryRow(DateTimeOffset? Created, string CreatedBy, string Comment, string Author, bool IsEmpty, long SizeBytes, long BlobBytes);
