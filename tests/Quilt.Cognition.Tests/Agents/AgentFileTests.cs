using Quilt.Testing;

namespace Quilt.Cognition.Tests.Agents;

/// <summary>The configuration of the built-in loop.</summary>
public sealed class AgentFileTests
{
    [Fact]
    public void What_the_manual_shows_is_taken()
    {
        AgentFile file = AgentFile.Read(Assert.Single(ManualBlock.Of("docs/cognition.md", "yaml")).Text);
        Assert.Equal(("helper", 30, "MODEL"), (file.Name, file.MaxIterations, file.Model?.Model));
    }
}
