using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>Something that happened.</summary>
/// <param name="Cursor">Only grows; after it one can go on.</param>
/// <param name="Type">Such as <c>container.exited</c>.</param>
/// <param name="Container">The id of the container it happened to.</param>
public sealed record QuiltEvent(long Cursor, DateTimeOffset Time, string Type, string Container, string Name, IReadOnlyDictionary<string, string> Attributes)
{
    internal static QuiltEvent Of(Wire.Event e) => new(e.Cursor, e.Time?.ToDateTimeOffset() ?? default, e.Type, e.Container, e.Name, new Dictionary<string, string>(e.Attributes));
}
