using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

public sealed partial class QuiltClient
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>The tools that the caller may use.</summary>
    /// <param name="scope"><c>primitive</c> or <c>cognitive</c>; null: both.</param>
    /// <param name="level">At most this: <c>safe</c>, <c>limited</c>, <c>elevated</c> or <c>dangerous</c>; null: all that are granted.</param>
    public async Task<IReadOnlyList<QuiltTool>> ListToolsAsync(string? scope = null, string? level = null, CancellationToken cancellationToken = default)
    {
        Wire.ListToolsRequest request = new() { Scope = scope ?? "", Level = level ?? "" };
        Wire.ListToolsResponse answer = await _calls.UnaryAsync(o => _calls.Service.ListToolsAsync(request, o), cancellationToken).ConfigureAwait(false);
        return [.. answer.Tools.Select(QuiltTool.Of)];
    }

    /// <summary>Calls a tool with JSON and answers with JSON.</summary>
    /// <param name="arguments">An object; null is <c>{}</c>.</param>
    /// <exception cref="QuiltException">As the tool says; permission denied: it is not granted.</exception>
    public Task<JsonElement> CallToolAsync(string name, JsonElement? arguments = null, ToolCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _calls.ToolAsync(name, arguments, options, cancellationToken);

    /// <summary>The same with types, in camelCase JSON, by metadata made when the program was compiled.</summary>
    public async Task<TResult> CallToolAsync<TArguments, TResult>(
        string name, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<TResult> resultType, ToolCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        JsonElement result = await CallToolAsync(name, JsonSerializer.SerializeToElement(arguments, argumentsType), options, cancellationToken).ConfigureAwait(false);
        return result.Deserialize(resultType) ?? throw NoResult(name);
    }

    /// <summary>The same with types, in camelCase JSON.</summary>
    /// <param name="arguments">Such as an anonymous object; null is <c>{}</c>.</param>
    [RequiresUnreferencedCode("Reads and writes the types by reflection; the overload with JsonTypeInfo does not.")]
    [RequiresDynamicCode("Reads and writes the types by reflection; the overload with JsonTypeInfo does not.")]
    public async Task<TResult> CallToolAsync<TResult>(string name, object? arguments = null, ToolCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        JsonElement? given = arguments is null ? null : JsonSerializer.SerializeToElement(arguments, arguments.GetType(), Web);
        JsonElement result = await CallToolAsync(name, given, options, cancellationToken).ConfigureAwait(false);
        return result.Deserialize<TResult>(Web) ?? throw NoResult(name);
    }

    private static QuiltException NoResult(string name) => new(ErrorCode.Internal, $"{name} answered null", "see quiltd's log");
}
