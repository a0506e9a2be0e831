using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>A provider's key, or why there is none: read before the process gives up its rights, told where it is used. Does not print.</summary>
public sealed class ApiKey
{
    private const int MaxBytes = 16 << 10;
    private readonly string? _value;
    private readonly QuiltException? _failure;

    private ApiKey(string? value, QuiltException? failure) => (_value, _failure) = (value, failure);

    /// <summary>No key was configured.</summary>
    public static ApiKey None { get; } = new(null, null);

    /// <param name="file">The file that holds it, absolute.</param>
    /// <param name="variable">The environment variable that holds it.</param>
    /// <param name="setting">Where the operator configures it, such as <c>cognition.model</c>.</param>
    public static ApiKey Read(string? file, string? variable, string setting)
    {
        if (file is null && variable is null)
        {
            return None;
        }

        string? text = file is not null ? ReadFile(file) : Environment.GetEnvironmentVariable(variable!);
        string name = setting + (file is not null ? ".apiKeyFile" : ".apiKeyEnv");
        return text?.Trim() switch
        {
            null => Failed($"the API key of {name} cannot be read", $"let the operator look at {name} in the daemon's configuration"),
            "" => Failed($"the API key of {name} is empty", $"let the operator write the key to where {name} says"),
            var key when key.Any(c => c is < '!' or > '~') => Failed($"the API key of {name} is not one line of printable characters", $"let the operator look at what {name} says"),
            var key => new(key, null),
        };
    }

    /// <summary>The key; null where none was configured.</summary>
    /// <exception cref="QuiltException">failed_precondition: it was configured and cannot be read.</exception>
    public string? Value => _failure is null ? _value : throw _failure;

    /// <summary>The text without the key in it.</summary>
    public string RemoveFrom(string text) => string.IsNullOrEmpty(_value) ? text : text.Replace(_value, "[key]", StringComparison.Ordinal);

    public override string ToString() => "[key]";

    private static ApiKey Failed(string message, string remedy) => new(null, new QuiltException(ErrorCode.FailedPrecondition, message, remedy));

    private static string? ReadFile(string file)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[MaxBytes];
            int count = stream.ReadAtLeast(bytes, MaxBytes, throwOnEndOfStream: false);
            return System.Text.Encoding.UTF8.GetString(bytes, 0, count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }
}
