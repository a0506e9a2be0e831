namespace Quilt.OciRuntime;

/// <summary>A command of the runtime.</summary>
/// <param name="Positionals">What follows the options: <c>NAME</c> has to be there, <c>[NAME]</c> may, <c>NAME...</c> takes all the rest as it is.</param>
/// <param name="Action">Returns the exit code.</param>
internal sealed record Command(string Name, string[] Positionals, string Description, Option[] Options, Func<Runtime, Arguments, int> Action)
{
    internal bool TakesRest => Positionals is [.., string last] && last.EndsWith("...", StringComparison.Ordinal);

    internal int Required => Positionals.Count(p => p[0] != '[' && !p.EndsWith("...", StringComparison.Ordinal));
}
