using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Writes the JSON Schema of a type: .NET's own, with the descriptions and bounds of its properties.</summary>
internal static class SchemaWriter
{
    internal const string IdempotencyKey = "idempotencyKey", Sensitive = "x-sensitive";

    internal static JsonObject Write(JsonTypeInfo type)
    {
        JsonObject schema = (JsonObject)JsonSchemaExporter.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform });
        schema["type"] = "object";
        schema["properties"] ??= new JsonObject();
        schema["additionalProperties"] = false;
        return schema;
    }

    internal static void AddIdempotencyKey(JsonObject schema) => schema["properties"]![IdempotencyKey] = new JsonObject
    {
        ["type"] = "string",
        ["description"] = "A text of your own for this call: called again with it, the tool does nothing and gives the first outcome again.",
        ["minLength"] = 1,
        ["maxLength"] = 256,
    };

    private static JsonObject Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            // 'true' is anything.
            schema = [];
        }

        Type type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(ByteSize))
        {
            schema = new JsonObject { ["type"] = new JsonArray("integer", "string") };
        }
        else if (type == typeof(TimeSpan))
        {
            schema = new JsonObject { ["type"] = new JsonArray("number", "string") };
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema = new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        }

        // What may be left out may also be null: a model need not be told twice.
        if (schema["type"] is JsonArray types && types.Count == 2 && types.Any(t => t!.GetValue<string>() == "null"))
        {
            schema["type"] = types.Select(t => t!.GetValue<string>()).Single(t => t != "null");
        }

        if (schema["enum"] is JsonArray values)
        {
            schema["type"] = "string";
            schema["enum"] = new JsonArray([.. values.Where(v => v is not null).Select(v => v!.DeepClone())]);
        }

        if (schema.ContainsKey("properties"))
        {
            schema["additionalProperties"] = false;
        }

        if (context.PropertyInfo?.AttributeProvider is { } attributes)
        {
            Annotate(schema, attributes);
        }

        return schema;
    }

    private static void Annotate(JsonObject schema, ICustomAttributeProvider attributes)
    {
        foreach (object attribute in attributes.GetCustomAttributes(inherit: true))
        {
            switch (attribute)
            {
                case DescriptionAttribute description:
                    schema.Insert(0, "description", description.Description);
                    break;
                case RangeAttribute range:
                    schema["minimum"] = Number(range.Minimum);
                    schema["maximum"] = Number(range.Maximum);
                    break;
                case StringLengthAttribute length:
                    schema["minLength"] = length.MinimumLength;
                    schema["maxLength"] = length.MaximumLength;
                    break;
                case ItemsAttribute items:
                    schema["minItems"] = items.Minimum;
                    schema["maxItems"] = items.Maximum;
                    break;
                case AllowedValuesAttribute allowed:
                    schema["enum"] = new JsonArray([.. allowed.Values.OfType<string>().Select(v => JsonValue.Create(v))]);
                    break;
                case DefaultValueAttribute usual:
                    schema["default"] = usual.Value switch { bool b => JsonValue.Create(b), int i => JsonValue.Create(i), string s => JsonValue.Create(s), _ => throw new NotSupportedException($"a default of {usual.Value?.GetType()}") };
                    break;
                case SensitiveAttribute:
                    schema[Sensitive] = true;
                    break;
            }
        }
    }

    private static JsonValue Number(object number) => JsonValue.Create(Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture));
}
