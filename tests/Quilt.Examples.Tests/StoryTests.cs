using Quilt.Testing;

namespace Quilt.Examples.Tests;

/// <summary>Examples that bring a daemon of their own, and check all that they tell.</summary>
public sealed class StoryTests
{
    private const string Told = "all as told\n";

    [Fact]
    public async Task An_agent_makes_uses_and_clears_away_a_development_environment_by_mcp_alone()
    {
        await using LeakCheck leaks = OfExamples();
        string said = await Example.RunScriptAsync("dev-environment/run.sh");
        Assert.EndsWith(Told, said, StringComparison.Ordinal);
        Assert.Contains("the notes are kept", said, StringComparison.Ordinal);
        Assert.Contains("the database does not reach the web server", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tour_of_the_command_line_goes_as_it_tells()
    {
        await using LeakCheck leaks = OfExamples();
        Assert.EndsWith(Told, await Example.RunScriptAsync("tour/run.sh"), StringComparison.Ordinal);
    }

    private static LeakCheck OfExamples() => new(thing => thing.Contains("quilt-example-", StringComparison.Ordinal) || thing.Contains("dev-environment", StringComparison.Ordinal));
}
