using Quilt.Core;

namespace Quilt.Cli;

/// <summary>For what takes away more than was named.</summary>
internal static class Confirmation
{
    /// <param name="question">What is to be removed, as it begins a question.</param>
    /// <returns>Whether the person at the terminal wants it.</returns>
    /// <exception cref="QuiltException">InvalidArgument: there is no terminal.</exception>
    internal static bool Given(Invocation call, string question)
    {
        if (Console.IsInputRedirected)
        {
            throw QuiltException.Invalid("--force", "nobody can be asked whether to remove all that", "add -f");
        }

        call.Streams.Error.Write($"{question}? [y/N] ");
        call.Streams.Error.Flush();
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
