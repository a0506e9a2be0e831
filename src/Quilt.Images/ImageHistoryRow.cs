namespace Quilt.Images;

/// <summary>A step of an image's making.</summary>
/// <param name="SizeBytes">Of the layer it made, unpacked; 0 where it made none.</param>
public sealed record ImageHistoryRow(DateTimeOffset? Created, string CreatedBy, string Comment, bool IsEmpty, long SizeBytes);
