using System.Diagnostics;
using System.Globalization;

namespace Quilt.Examples;

/// <summary>Tells what is done and how long it took, and ends the program where something is not as it has to be.</summary>
internal static class Steps
{
    internal static void Heading(string text) => Console.WriteLine(Console.IsOutputRedirected ? $"\n{text}" : $"\n\e[1m{text}\e[0m");

    internal static async Task<T> StepAsync<T>(string what, Func<Task<T>> act)
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        try
        {
            return await act().ConfigureAwait(false);
        }
        finally
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.Elapsed.TotalMilliseconds,9:0.0} ms  {what}"));
        }
    }

    /// <summary>More of what came of a step.</summary>
    internal static void Tell(string text)
    {
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            Console.WriteLine($"              {line}");
        }
    }

    internal static void Check(string what, bool holds, string? found = null)
    {
        if (!holds)
        {
            throw new CheckFailedException(found is null ? what : $"{what}, but there is: {found}");
        }

        Console.WriteLine($"          ok  {what}");
    }

    /// <summary>The exit code of a program: 1 with the reason on stderr where a step or a check failed.</summary>
    /// <param name="remedy">What helps against a failure, where it is known.</param>
    internal static async Task<int> RunAsync(Func<Task> steps, Func<Exception, string?>? remedy = null)
    {
        try
        {
            await steps().ConfigureAwait(false);
            return 0;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"      FAILED  {e.Message}").ConfigureAwait(false);
            if (remedy?.Invoke(e) is { } help)
            {
                await Console.Error.WriteLineAsync($"              remedy: {help}").ConfigureAwait(false);
            }

            return 1;
        }
    }
}

internal sealed class CheckFailedException(string message) : Exception(message);
