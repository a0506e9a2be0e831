using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Quilt.Core;

namespace Quilt.Client;

/// <summary>One tool as a function that a model can call.</summary>
internal sealed class QuiltFunction(QuiltClient client, QuiltTool tool) : AIFunction
{
    public override string Name => tool.Name;

    public override string Description => tool.Description;

    public override JsonElement JsonSchema => tool.InputSchema;

    public override JsonElement? ReturnJsonSchema => tool.OutputSchema;

    /// <summary>What a host may want to know before it lets the model call it.</summary>
    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?>
    {
        ["title"] = tool.Title, ["scope"] = tool.Scope, ["level"] = tool.Level, ["readOnly"] = tool.ReadOnly, ["destructive"] = tool.Destructive,
        ["idempotent"] = tool.Idempotent, ["openWorld"] = tool.OpenWorld,
    };

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await client.CallToolAsync(tool.Name, ToJson(arguments), null, cancellationToken).ConfigureAwait(false);
        }
        catch (QuiltException e)
        {
            return JsonSerializer.SerializeToElement(ToolError.Of(e), ClientJson.Default.ToolError);
        }
    }

    private static JsonElement ToJson(AIFunctionArguments arguments)
    {
        JsonObject json = [];
        foreach ((string name, object? value) in arguments)
        {
            json[name] = value switch
            {
                null => null,
                JsonElement element => JsonNode.Parse(element.GetRawText()),
                JsonNode node => node.DeepClone(),
                _ => JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())),
            };
        }

        return JsonSerializer.Deserialize(json.ToJsonString(), ClientJson.Default.JsonElement);
    }
}
