using System.Globalization;
using Quilt.Core;

namespace Quilt.Cognition.Program;

/// <summary>The command line of <c>quilt-cognition run</c>.</summary>
internal sealed record RunOptions
{
    public const string Usage = "usage: quilt-cognition run --config FILE [--max-tokens N] [--timeout DURATION] [--transcript FILE] [--json] [--] TASK";

    public required string Config { get; init; }
    public required string Task { get; init; }
    public long? MaxTokens { get; init; }
    public TimeSpan? Timeout { get; init; }

    /// <summary>Null: a name of its own in the working folder.</summary>
    public string? Transcript { get; init; }

    /// <summary>Events as JSON lines instead of text for people.</summary>
    public bool Json { get; init; }

    /// <exception cref="QuiltException">InvalidArgument: which, and what would be right.</exception>
    public static RunOptions Parse(IReadOnlyList<string> words)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        List<string> tasks = [];
        bool json = false, only = false;
        for (int i = 0; i < words.Count; i++)
        {
            string[] parts = words[i].Split('=', 2);
            string name = parts[0] == "-c" ? "--config" : parts[0];
            if (only || !words[i].StartsWith('-'))
            {
                tasks.Add(words[i]);
            }
            else if (words[i] == "--")
            {
                only = true;
            }
            else if (words[i] == "--json")
            {
                json = true;
            }
            else if (name is "--config" or "--max-tokens" or "--timeout" or "--transcript")
            {
                string value = parts.Length == 2 ? parts[1] : ++i < words.Count ? words[i] : throw Wrong(name, $"{name} has no value");
                if (!values.TryAdd(name, value))
                {
                    throw Wrong(name, $"{name} is given twice");
                }
            }
            else
            {
                throw Wrong(name, $"there is no option {name}");
            }
        }

        return new RunOptions
        {
            Config = values.GetValueOrDefault("--config") ?? throw Wrong("--config", "no configuration is given"),
            Task = tasks is [var task] && task.Trim().Length > 0 ? task : throw Wrong("TASK", tasks.Count == 0 ? "no task is given" : "the task is not one text: put it in quotation marks"),
            MaxTokens = values.TryGetValue("--max-tokens", out string? tokens)
                ? long.TryParse(tokens, NumberStyles.None, CultureInfo.InvariantCulture, out long most) && most > 0 ? most : throw Wrong("--max-tokens", $"'{tokens}' is no number of tokens")
                : null,
            Timeout = values.TryGetValue("--timeout", out string? timeout)
                ? DurationText.Parse(timeout, "--timeout") is var time && time > TimeSpan.Zero && time.TotalDays < 40 ? time : throw Wrong("--timeout", $"a time of {timeout} is out of bounds")
                : null,
            Transcript = values.GetValueOrDefault("--transcript"),
            Json = json,
        };
    }

    private static QuiltException Wrong(string field, string message) => QuiltException.Invalid(field, message, Usage);
}
