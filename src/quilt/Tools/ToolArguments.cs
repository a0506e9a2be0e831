using System.Text.Json.Nodes;

namespace Quilt.Cli;

/// <summary>What is given to a tool. What was not given to us is left out, so that the tool's own default holds.</summary>
internal sealed class ToolArguments
{
    private readonly JsonObject _values = [];

    internal ToolArguments Add(string name, string? value)
    {
        if (value is not null)
        {
            _values[name] = JsonValue.Create(value);
        }

        return this;
    }

    internal ToolArguments Add(string name, long? value)
    {
        if (value is { } number)
        {
            _values[name] = JsonValue.Create(number);
        }

        return this;
    }

    internal ToolArguments Add(string name, double? value)
    {
        if (value is { } number)
        {
            _values[name] = JsonValue.Create(number);
        }

        return this;
    }

    internal ToolArguments Add(string name, string[] values)
    {
        if (values.Length > 0)
        {
            _values[name] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]);
        }

        return this;
    }

    /// <summary>A list of objects, which may be empty; left out where it is null.</summary>
    internal ToolArguments Add(string name, IEnumerable<ToolArguments>? values)
    {
        if (values is not null)
        {
            _values[name] = new JsonArray([.. values.Select(v => v._values)]);
        }

        return this;
    }

    /// <summary>An object of texts; left out where there are none.</summary>
    internal ToolArguments Add(string name, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count > 0)
        {
            _values[name] = new JsonObject(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)JsonValue.Create(v.Value))));
        }

        return this;
    }

    /// <summary>An object of its own; left out where it is null.</summary>
    internal ToolArguments Add(string name, ToolArguments? value)
    {
        if (value is not null)
        {
            _values[name] = value._values;
        }

        return this;
    }

    /// <summary>Only where it is not what the tool does anyway.</summary>
    internal ToolArguments Add(string name, bool value, bool unless)
    {
        if (value != unless)
        {
            _values[name] = JsonValue.Create(value);
        }

        return this;
    }

    /// <summary>As the call carries it.</summary>
    public override string ToString() => _values.ToJsonString();
}
