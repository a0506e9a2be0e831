using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>A tool: one file, with its arguments and its result. Its schemas are made of their types.</summary>
public abstract class Tool
{
    public abstract ToolDefinition Definition { get; }

    /// <summary>Of its arguments.</summary>
    public abstract JsonObject InputSchema { get; }
    public abstract JsonObject OutputSchema { get; }

    /// <summary>What its arguments are checked against.</summary>
    public abstract Schema Input { get; }

    /// <summary>Validates the arguments, does it, and answers with a JSON object.</summary>
    /// <exception cref="QuiltException">InvalidArgument names the argument; and what the tool says.</exception>
    internal abstract Task<string> CallAsync(JsonElement arguments, ToolContext context, CancellationToken cancellation);
}

/// <typeparam name="TArguments">A record whose properties carry descriptions and bounds (System.ComponentModel).</typeparam>
public abstract class Tool<TArguments, TResult> : Tool
    where TArguments : class
    where TResult : class
{
    private readonly JsonTypeInfo<TArguments> _arguments;
    private readonly JsonTypeInfo<TResult> _result;
    private readonly Lazy<(JsonObject Input, JsonObject Output, Schema Checked)> _schemas;

    protected Tool()
        : this((JsonTypeInfo<TArguments>)AriaJson.Default.GetTypeInfo(typeof(TArguments))!, (JsonTypeInfo<TResult>)AriaJson.Plain.GetTypeInfo(typeof(TResult))!)
    {
    }

    /// <summary>Of types that another project has.</summary>
    protected Tool(JsonTypeInfo<TArguments> arguments, JsonTypeInfo<TResult> result)
    {
        (_arguments, _result) = (arguments, result);
        _schemas = new(() =>
        {
            JsonObject input = SchemaWriter.Write(_arguments);
            if (!Definition.ReadOnly)
            {
                SchemaWriter.AddIdempotencyKey(input);
            }

            return (input, SchemaWriter.Write(_result), new Schema(input));
        });
    }

    public sealed override JsonObject InputSchema => _schemas.Value.Input;
    public sealed override JsonObject OutputSchema => _schemas.Value.Output;
    public sealed override Schema Input => _schemas.Value.Checked;

    internal sealed override async Task<string> CallAsync(JsonElement arguments, ToolContext context, CancellationToken cancellation)
    {
        TArguments read = Read(arguments);
        return JsonSerializer.Serialize(await RunAsync(read, context, cancellation).ConfigureAwait(false), _result);
    }

    /// <exception cref="QuiltException">InvalidArgument names the argument.</exception>
    protected TArguments Read(JsonElement arguments)
    {
        Input.Check(arguments);
        try
        {
            return Schema.Without(arguments, SchemaWriter.IdempotencyKey).Deserialize(_arguments)!;
        }
        catch (JsonException e)
        {
            throw ValueException.Told(e, "arguments", "see the tool's schema: describeTool");
        }
    }

    protected abstract Task<TResult> RunAsync(TArguments arguments, ToolContext context, CancellationToken cancellation);
}
