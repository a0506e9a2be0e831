using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Reads a tool's arguments: unknown ones are refused by name, and the bounds are those that the records declare.</summary>
internal static class ToolArguments
{
    private const string Remedy = "see the tool's schema";

    /// <exception cref="QuiltException">invalid_argument, with the field.</exception>
    public static T Read<T>(JsonElement json, JsonTypeInfo<T> type)
        where T : class
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw QuiltException.Invalid("arguments", "the arguments are not a JSON object", Remedy);
        }

        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (!type.Properties.Any(p => p.Name == property.Name))
            {
                throw QuiltException.Invalid(property.Name, $"there is no argument '{property.Name}'", $"use {string.Join(", ", type.Properties.Select(p => p.Name))}");
            }
        }

        foreach (JsonPropertyInfo property in type.Properties.Where(p => p.IsRequired && !json.TryGetProperty(p.Name, out _)))
        {
            throw QuiltException.Invalid(property.Name, $"{property.Name} is missing", Remedy);
        }

        T arguments;
        try
        {
            arguments = json.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            string field = (e.Path ?? "$").TrimStart('$', '.').Split('.', '[')[0];
            throw QuiltException.Invalid(field, $"{(field.Length > 0 ? field : "an argument")} has not the right type", Remedy);
        }

        Check(arguments, "");
        return arguments;
    }

    private static void Check(object arguments, string prefix)
    {
        foreach (PropertyInfo property in arguments.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            string name = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            object? value = property.GetIndexParameters().Length == 0 ? property.GetValue(arguments) : null;
            foreach (ValidationAttribute bound in property.GetCustomAttributes<ValidationAttribute>().Where(b => !b.IsValid(value)))
            {
                throw QuiltException.Invalid(name, bound.FormatErrorMessage(name).TrimEnd('.'), Remedy);
            }

            if (value is IEnumerable<CodeFile> files)
            {
                foreach (CodeFile file in files)
                {
                    Check(file, name + ".");
                }
            }
        }
    }
}
