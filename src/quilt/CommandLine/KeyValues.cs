using Quilt.Core;

namespace Quilt.Cli;

/// <summary>NAME=VALUE, as environment, labels and filters are written.</summary>
internal static class KeyValues
{
    /// <returns>A null value where there is no '='.</returns>
    internal static (string Key, string? Value) Split(string text, string field)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        (string key, string? value) = equals < 0 ? (text, null) : (text[..equals], text[(equals + 1)..]);
        return key.Length > 0 ? (key, value) : throw QuiltException.Invalid(field, $"{field} '{text}' has no name", $"give NAME=VALUE to {field}");
    }

    /// <summary>Of --label; a name alone has an empty value, and the last of a name holds.</summary>
    internal static Dictionary<string, string> Labels(IEnumerable<string>? labels)
    {
        Dictionary<string, string> read = new(StringComparer.Ordinal);
        foreach (string label in labels ?? [])
        {
            (string key, string? value) = Split(label, "--label");
            read[key] = value ?? "";
        }

        return read;
    }

    /// <summary>Of labels that something is to have: a name alone means any value.</summary>
    /// <exception cref="QuiltException">InvalidArgument: a value is missing, which would mean any as well; or a name has two.</exception>
    internal static void AddWanted(IDictionary<string, string> to, string label, string field)
    {
        (string key, string? value) = Split(label, field);
        if (value is { Length: 0 })
        {
            throw QuiltException.Invalid(field, $"{field} '{label}' has no value", $"give {key} alone for any value, or {key}=VALUE");
        }

        if (to.TryGetValue(key, out string? other) && other != (value ?? ""))
        {
            throw QuiltException.Invalid(field, $"{field} '{label}' wants another value of '{key}' than the one before", "give each name once: all have to fit");
        }

        to[key] = value ?? "";
    }

    /// <inheritdoc cref="AddWanted"/>
    internal static Dictionary<string, string> Wanted(IEnumerable<string>? labels)
    {
        Dictionary<string, string> read = new(StringComparer.Ordinal);
        foreach (string label in labels ?? [])
        {
            AddWanted(read, label, "--label");
        }

        return read;
    }

    /// <summary>NAME=VALUE,NAME=VALUE; what has no '=' is left out, and the first of a name holds.</summary>
    internal static IReadOnlyDictionary<string, string> SplitList(string text) =>
        text.Split(',').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1]);

    /// <summary>Files first, then single variables; the last one of a name wins. A NAME alone is taken from our environment, or left out.</summary>
    internal static void AddEnvironment(IDictionary<string, string> to, IEnumerable<string> files, IEnumerable<string> variables)
    {
        foreach (string file in files)
        {
            foreach (string line in ReadLines(file))
            {
                string text = line.TrimStart();
                if (text.Length > 0 && text[0] != '#')
                {
                    Add(to, text, "--env-file");
                }
            }
        }

        foreach (string variable in variables)
        {
            Add(to, variable, "--env");
        }
    }

    private static void Add(IDictionary<string, string> to, string text, string field)
    {
        (string key, string? value) = Split(text, field);
        value ??= Environment.GetEnvironmentVariable(key);
        if (value is not null)
        {
            to[key] = value;
        }
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid("--env-file", $"--env-file '{file}' cannot be read", "give a file of NAME=VALUE lines that you may read");
        }
    }
}
